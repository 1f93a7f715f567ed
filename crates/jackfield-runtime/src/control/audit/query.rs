//! Finds records.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::files::writers;
use super::verify::Lines;
use crate::common::timestamp::Timestamp;

/// A query for records. A record has to meet every condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditQuery {
    /// The time of the oldest record. Earlier records are left out.
    pub(crate) since: Option<Timestamp>,
    /// The end of the time span. Records from this time on are left out.
    pub(crate) until: Option<Timestamp>,
    /// The members that a record needs, with their values, such as `principal` with `token:ci`.
    pub(crate) members: BTreeMap<&'static str, String>,
    /// The maximum number of records. If more match, the newest records are returned.
    pub(crate) last: Option<usize>,
}

/// The members of a record that a query can compare.
pub(crate) const MEMBERS: [&str; 14] = [
    "principal",
    "name",
    "operation",
    "effect",
    "event",
    "action",
    "outcome",
    "origin",
    "approval",
    "client",
    "address",
    "connector",
    "tool",
    "trace",
];

impl AuditQuery {
    fn matches(&self, record: &Value) -> bool {
        let time = record["time"].as_str().and_then(Timestamp::parse);
        let in_time = |time: Timestamp| {
            self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
        };
        let is_bounded = self.since.is_some() || self.until.is_some();
        if is_bounded && !time.is_some_and(in_time) {
            return false;
        }
        self.members.iter().all(|(name, value)| record[*name].as_str() == Some(value))
    }
}

/// Returns the lines of the records in a folder that match a query, sorted by time.
///
/// # Errors
/// Returns an error if a file cannot be read.
pub(crate) fn records(folder: &Path, query: &AuditQuery) -> io::Result<Vec<String>> {
    let mut found: Vec<(String, String)> = Vec::new();
    for files in writers(folder)?.into_values() {
        for path in files.records.into_values() {
            let mut lines = Lines::open(&path)?;
            while let Some(line) = lines.next()? {
                let Some(text) = line.text.filter(|_| line.is_complete) else { continue };
                let Ok(record) = serde_json::from_str::<Value>(&text) else { continue };
                if query.matches(&record) {
                    let time = record["time"].as_str().unwrap_or_default().to_owned();
                    found.push((time, text));
                }
            }
            // With a limit, old records are dropped early, so that memory stays bounded.
            if let Some(last) = query.last
                && found.len() > last.saturating_mul(2).max(1024)
            {
                found.sort_by(|one, other| one.0.cmp(&other.0));
                found.drain(..found.len() - last);
            }
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let skipped = query.last.map_or(0, |last| found.len().saturating_sub(last));
    Ok(found.into_iter().skip(skipped).map(|(_, text)| text).collect())
}
