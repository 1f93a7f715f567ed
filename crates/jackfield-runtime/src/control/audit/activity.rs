//! Activity that a person should look at: an agent does something for the first time, or far more often than before.
//!
//! The writer of the audit counts the records that it writes, so calls do not wait for the counting. Unusual activity is only
//! reported: calls are never refused because of it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_recipe::Effect;

use super::files::make_private;
use super::profile::{Profile, from_json, to_json};
use super::unusual::{Unusual, UnusualKind};
use crate::common::caller::{Channel, Principal};
use crate::common::network::shown_network;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::policy::audit::{AuditEvent, AuditRecord};

/// The file with the profiles, in the folder of the records.
const FILE: &str = "activity.json";

/// The maximum number of agents that have a profile. Beyond it, the agent without calls for the longest time loses its profile.
const MOST_AGENTS: usize = 4096;

/// The rate is unusual if an hour has more calls than this number, and more than `TIMES` times the calls of the busiest
/// hour of the last days.
const BUSY: u32 = 100;
const TIMES: u32 = 10;

/// Refusals are unusual if an hour has at least this number of refusals, and they are more than half of the calls.
const REFUSED: u32 = 20;

/// The profiles of all agents.
#[derive(Debug)]
pub(super) struct Activity {
    file: PathBuf,
    profiles: BTreeMap<String, Profile>,
    is_changed: bool,
}

impl Activity {
    /// Reads the profiles that earlier servers have stored in the folder of the records.
    pub(super) fn open(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let profiles = read(&file);
        Self { file, profiles, is_changed: false }
    }

    /// Counts a call. Returns the kinds of activity that become unusual with this call. Each kind is returned once, or once a day.
    pub(super) fn note(&mut self, record: &AuditRecord, time: SystemTime) -> Vec<Unusual> {
        let caller = &record.caller;
        // A person who uses the connector locally is not an agent.
        if *caller.principal() == Principal::Local && caller.channel() != Channel::Http {
            return Vec::new();
        }
        let refused = match record.event {
            AuditEvent::Intent => false,
            AuditEvent::Refused(code) if is_refusal(code) => true,
            AuditEvent::Refused(_) | AuditEvent::Ended { .. } => return Vec::new(),
        };
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let principal = caller.principal().to_string();
        self.make_room(&principal);
        self.is_changed = true;
        let profile = self.profiles.entry(principal.clone()).or_insert_with(|| Profile::new(seconds));
        let mut found = Vec::new();
        profile.count(seconds, refused);
        if !refused && record.effect.is_some_and(|effect| effect > Effect::Read) && !profile.has_written {
            profile.has_written = true;
            found.push((
                UnusualKind::FirstWrite,
                format!("{principal} writes for the first time: {}", record.name),
            ));
        }
        let (calls, refusals, busiest) = (profile.calls, profile.refused, profile.busiest(seconds));
        let is_busy = profile.is_known(seconds) && calls > BUSY && calls > busiest.saturating_mul(TIMES);
        if is_busy && profile.once_a_day(UnusualKind::Rate, seconds) {
            let reason = format!(
                "{principal} has made {calls} calls within an hour; the busiest hour of the 7 days before had {busiest}"
            );
            found.push((UnusualKind::Rate, reason));
        }
        let is_refused_often = refusals >= REFUSED && refusals > calls / 2;
        if is_refused_often && profile.once_a_day(UnusualKind::Refusals, seconds) {
            let reason = format!("{refusals} of {calls} calls of {principal} within an hour were refused");
            found.push((UnusualKind::Refusals, reason));
        }
        if let Some(network) = caller.address().map(network)
            && profile.is_new_network(&network, seconds)
        {
            let reason = format!("{principal} calls from {network} for the first time");
            found.push((UnusualKind::NewOrigin, reason));
        }
        let found: Vec<Unusual> = found
            .into_iter()
            .map(|(kind, reason)| Unusual { principal: principal.clone(), kind, reason })
            .collect();
        if !found.is_empty() {
            self.store();
        }
        found
    }

    /// Evicts a profile if a new agent would exceed the maximum number of profiles.
    fn make_room(&mut self, principal: &str) {
        if self.profiles.len() < MOST_AGENTS || self.profiles.contains_key(principal) {
            return;
        }
        let quietest =
            self.profiles.iter().min_by_key(|(_, profile)| profile.hour).map(|(name, _)| name.clone());
        if let Some(quietest) = quietest {
            self.profiles.remove(&quietest);
        }
    }

    /// Stores the profiles, merged with the profiles that another server has stored in the meantime.
    pub(super) fn store(&mut self) {
        if !std::mem::take(&mut self.is_changed) {
            return;
        }
        for (principal, other) in read(&self.file) {
            let has_room = self.profiles.len() < MOST_AGENTS;
            match self.profiles.get_mut(&principal) {
                Some(own) => own.add(&other),
                None if has_room => _ = self.profiles.insert(principal, other),
                None => {}
            }
        }
        if let Err(error) = write(&self.file, &to_json(&self.profiles)) {
            tracing::error!(%error, "the profiles of agents could not be stored");
        }
    }
}

/// Whether a call was refused because the agent may not make it. Rate limits do not count, because they also stop
/// agents that may make the call.
const fn is_refusal(code: OutcomeCode) -> bool {
    matches!(
        code,
        OutcomeCode::NotPermitted
            | OutcomeCode::InsufficientScope
            | OutcomeCode::Unknown
            | OutcomeCode::NotAccepted
            | OutcomeCode::NotApproved
    )
}

/// Returns the network of an IP address: the /24 of an IPv4 address, or the /64 of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        address => shown_network(address),
    }
}

/// Reads the stored profiles. A missing or damaged file counts as empty, so the agents are learnt again.
fn read(file: &Path) -> BTreeMap<String, Profile> {
    let text = fs::read_to_string(file).unwrap_or_default();
    from_json(&text).into_iter().take(MOST_AGENTS).collect()
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let new = file.with_extension(format!("json.{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    make_private(&mut options);
    options.open(&new)?.write_all(text.as_bytes())?;
    fs::rename(&new, file)
}

#[cfg(test)]
mod tests;
