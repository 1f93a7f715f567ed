//! The profile of one agent's usual activity.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::unusual::UnusualKind;

/// The number of seconds after its first call until an agent counts as known.
const LEARNING: u64 = 24 * 60 * 60;

/// The maximum number of networks that are remembered for an agent. An agent that has more gets no reports about new networks.
pub(super) const MOST_NETWORKS: usize = 16;

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
/// The number of days whose busiest hours are remembered.
const DAYS: u64 = 7;

/// The usual activity of one agent. Its size is bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// The time of the agent's first call, in seconds since 1970.
    first: u64,
    pub(super) has_written: bool,
    /// The hour of the last call, counted in hours since 1970. `calls` and `refused` count the calls in this hour.
    pub(super) hour: u64,
    pub(super) calls: u32,
    pub(super) refused: u32,
    /// The number of calls in the busiest hour of each day, without the current hour.
    busiest: BTreeMap<u64, u32>,
    networks: Vec<String>,
    /// The day of the last report, for each kind that is reported at most once a day.
    reported: BTreeMap<&'static str, u64>,
}

impl Profile {
    pub(super) fn new(first: u64) -> Self {
        Self { first, hour: first / HOUR, ..Self::default() }
    }

    /// Counts a call.
    pub(super) fn count(&mut self, seconds: u64, refused: bool) {
        let hour = seconds / HOUR;
        // If the clock was set back, the call counts for the latest known hour.
        if hour > self.hour {
            let busiest = self.busiest.entry(self.hour * HOUR / DAY).or_default();
            *busiest = (*busiest).max(self.calls);
            (self.hour, self.calls, self.refused) = (hour, 0, 0);
            let oldest = (seconds / DAY).saturating_sub(DAYS);
            self.busiest.retain(|day, _| *day >= oldest);
        }
        self.calls = self.calls.saturating_add(1);
        self.refused = self.refused.saturating_add(u32::from(refused));
    }

    /// Returns the number of calls in the busiest hour of the last days.
    pub(super) fn busiest(&self, seconds: u64) -> u32 {
        let oldest = (seconds / DAY).saturating_sub(DAYS);
        self.busiest.range(oldest..).map(|(_, calls)| *calls).max().unwrap_or(0)
    }

    /// Whether the first call of the agent was long enough ago.
    pub(super) const fn is_known(&self, seconds: u64) -> bool {
        seconds >= self.first.saturating_add(LEARNING)
    }

    /// Marks a kind as reported today. Returns whether it was not reported today before.
    pub(super) fn once_a_day(&mut self, kind: UnusualKind, seconds: u64) -> bool {
        let day = seconds / DAY;
        self.reported.insert(kind.as_str(), day).is_none_or(|last| last != day)
    }

    /// Remembers a network. Returns true if the network is new, and the agent is known and has used another network before.
    pub(super) fn is_new_network(&mut self, network: &str, seconds: u64) -> bool {
        if self.networks.iter().any(|known| known == network) || self.networks.len() >= MOST_NETWORKS {
            return false;
        }
        let has_others = !self.networks.is_empty();
        self.networks.push(network.to_owned());
        has_others && self.is_known(seconds)
    }

    /// Merges the profile of the same agent that another server has stored.
    pub(super) fn add(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.has_written |= other.has_written;
        for (day, calls) in &other.busiest {
            let busiest = self.busiest.entry(*day).or_default();
            *busiest = (*busiest).max(*calls);
        }
        for network in &other.networks {
            if !self.networks.contains(network) && self.networks.len() < MOST_NETWORKS {
                self.networks.push(network.clone());
            }
        }
        for (kind, day) in &other.reported {
            let last = self.reported.entry(*kind).or_default();
            *last = (*last).max(*day);
        }
    }
}

/// Serializes profiles as JSON.
pub(super) fn to_json(profiles: &BTreeMap<String, Profile>) -> String {
    let all: Map<String, Value> = profiles
        .iter()
        .map(|(principal, profile)| {
            let Profile { first, has_written, hour, calls, refused, busiest, networks, reported } = profile;
            let busiest: Map<String, Value> =
                busiest.iter().map(|(day, calls)| (day.to_string(), json!(calls))).collect();
            let profile = json!({
                "first": first, "has_written": has_written, "hour": hour, "calls": calls, "refused": refused,
                "busiest": busiest, "networks": networks, "reported": reported,
            });
            (principal.clone(), profile)
        })
        .collect();
    Value::from(all).to_string()
}

/// Parses profiles. A profile with a missing or invalid member is left out.
pub(super) fn from_json(text: &str) -> BTreeMap<String, Profile> {
    let Ok(Value::Object(all)) = serde_json::from_str(text) else { return BTreeMap::new() };
    let small = |value: &Value| u32::try_from(value.as_u64().unwrap_or(0)).unwrap_or(u32::MAX);
    let read = |value: &Value| {
        let busiest = value["busiest"].as_object().into_iter().flatten();
        let networks = value["networks"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let reported = [UnusualKind::Rate, UnusualKind::Refusals].map(UnusualKind::as_str);
        let reported =
            reported.into_iter().filter_map(|kind| Some((kind, value["reported"][kind].as_u64()?)));
        Some(Profile {
            first: value["first"].as_u64()?,
            has_written: value["has_written"].as_bool()?,
            hour: value["hour"].as_u64()?,
            calls: small(&value["calls"]),
            refused: small(&value["refused"]),
            busiest: busiest
                .filter_map(|(day, calls)| Some((day.parse().ok()?, small(calls))))
                .take(16)
                .collect(),
            networks: networks.map(str::to_owned).take(MOST_NETWORKS).collect(),
            reported: reported.collect(),
        })
    };
    all.iter().filter_map(|(principal, value)| Some((principal.clone(), read(value)?))).collect()
}
