//! Activity that a person should look at: an agent does something for the first time, or far more often than before.
//!
//! The writer of the audit counts the records that it writes, so no call waits for this. Nothing is ever refused because of it.

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

/// The file with the profiles, beside the records.
const FILE: &str = "activity.json";

/// The maximum number of agents that have a profile. The one that was quiet for the longest time loses its own.
const MOST_AGENTS: usize = 4096;

/// Calls within an hour: more than this number, and more than this multiple of the busiest hour of the last days.
const BUSY: u32 = 100;
const TIMES: u32 = 10;

/// Refusals within an hour: at least this number, and more than half of the calls.
const REFUSED: u32 = 20;

/// The habits of all agents.
#[derive(Debug)]
pub(super) struct Activity {
    file: PathBuf,
    profiles: BTreeMap<String, Profile>,
    is_changed: bool,
}

impl Activity {
    /// The habits that earlier servers have stored beside the records.
    pub(super) fn open(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let profiles = read(&file);
        Self { file, profiles, is_changed: false }
    }

    /// Counts a call, and returns its unusual properties. Each is returned once.
    pub(super) fn note(&mut self, record: &AuditRecord, time: SystemTime) -> Vec<Unusual> {
        let caller = &record.caller;
        // The user of the account is no agent.
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
                "{principal} has made {calls} calls within an hour, and at most {busiest} in an hour of the 7 days before"
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

    /// Makes room for an agent that is not known.
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

    /// Stores the habits, together with those that another server has stored meanwhile.
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
            tracing::error!(%error, "the habits of agents could not be stored");
        }
    }
}

/// Whether a call was refused because of who made it. Limits also stop agents that may call.
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

/// The network of an address: the first three numbers of an IPv4 address, and a /64 of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        address => shown_network(address),
    }
}

/// The stored habits. A file that is missing or damaged has none, so that agents are learnt again.
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
