//! Summarizes the audit: the use of each connector by each agent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::files::writers;
use super::verify::Lines;
use crate::common::timestamp::Timestamp;

/// The number of bytes that count as one token of a language model. Models differ; English JSON has about four bytes a token.
const BYTES_OF_A_TOKEN: u64 = 4;

/// The maximum number of reports of unusual activity. If there are more, the newest are kept.
const MOST_REPORTS: usize = 1000;

/// A query for the records that are summarized.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UsageQuery {
    /// The time of the oldest record. Earlier records are left out.
    pub(crate) since: Option<Timestamp>,
    /// The agent whose records count: the name of a token, or a principal.
    pub(crate) agent: Option<String>,
}

/// The use of one connector by one agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    calls: u64,
    errors: u64,
    refused: u64,
    list_bytes: u64,
    reply_bytes: u64,
}

/// The summary of the matching records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The use, by principal and connector.
    rows: BTreeMap<(String, String), Used>,
    /// The time, the principal and the description of each report of unusual activity.
    unusual: Vec<(String, String, String)>,
}

impl UsageQuery {
    fn wants(&self, record: &Value, principal: &str) -> bool {
        let is_agent = |wanted: &String| principal == wanted || agent(principal) == wanted;
        let is_in_time = |since: Timestamp| {
            record["time"].as_str().and_then(Timestamp::parse).is_some_and(|time| time >= since)
        };
        self.agent.as_ref().is_none_or(is_agent) && self.since.is_none_or(is_in_time)
    }
}

/// Summarizes the records in a folder.
///
/// # Errors
/// Returns an error if a file cannot be read.
pub(crate) fn usage(folder: &Path, query: &UsageQuery) -> io::Result<Usage> {
    let mut usage = Usage::default();
    for files in writers(folder)?.into_values() {
        // The name of the connector that runs the server. Calls of the server's own tools are counted under this name.
        let mut server = String::new();
        for path in files.records.into_values() {
            let mut lines = Lines::open(&path)?;
            while let Some(line) = lines.next()? {
                let Some(text) = line.text.filter(|_| line.is_complete) else { continue };
                if let Ok(record) = serde_json::from_str::<Value>(&text) {
                    usage.add(&record, query, &mut server);
                }
            }
        }
    }
    usage.unusual.sort();
    Ok(usage)
}

impl Usage {
    fn add(&mut self, record: &Value, query: &UsageQuery, server: &mut String) {
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        if text("event") == "started" {
            server.clear();
            server.push_str(text("connector"));
            return;
        }
        let principal = text("principal");
        // Records of failed authentications have no principal.
        if principal.is_empty() || !query.wants(record, principal) {
            return;
        }
        match text("event") {
            "listed" => {
                for part in record["parts"].as_array().into_iter().flatten() {
                    let bytes = part["bytes"].as_u64().unwrap_or(0);
                    self.row(principal, part["connector"].as_str().unwrap_or(server)).list_bytes += bytes;
                }
            }
            "refused" => {
                let row = self.row(principal, record["connector"].as_str().unwrap_or(server));
                row.calls += 1;
                row.refused += 1;
            }
            "ended" => {
                let row = self.row(principal, record["connector"].as_str().unwrap_or(server));
                row.calls += 1;
                row.errors += u64::from(!["done", "accepted"].contains(&text("outcome")));
                row.reply_bytes += record["bytes"].as_u64().unwrap_or(0);
            }
            "unusual" => {
                self.unusual.push([text("time"), principal, text("reason")].map(str::to_owned).into());
                if self.unusual.len() > 2 * MOST_REPORTS {
                    self.unusual.sort();
                    self.unusual.drain(..MOST_REPORTS);
                }
            }
            _ => {}
        }
    }

    fn row(&mut self, principal: &str, connector: &str) -> &mut Used {
        self.rows.entry((principal.to_owned(), connector.to_owned())).or_default()
    }

    /// Returns the summary as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|((principal, connector), used)| {
            json!({
                "agent": agent(principal), "connector": connector,
                "calls": used.calls, "errors": used.errors, "refused": used.refused,
                "list_bytes": used.list_bytes, "list_tokens": tokens(used.list_bytes),
                "reply_bytes": used.reply_bytes, "reply_tokens": tokens(used.reply_bytes),
            })
        });
        let unusual = self.unusual.iter();
        let unusual = unusual.map(
            |(time, principal, reason)| json!({ "time": time, "agent": agent(principal), "reason": reason }),
        );
        json!({ "usage": rows.collect::<Vec<_>>(), "unusual": unusual.collect::<Vec<_>>() })
    }

    /// Returns the summary as a table, followed by a line for each report of unusual activity.
    pub(crate) fn to_text(&self) -> String {
        if self.rows.is_empty() && self.unusual.is_empty() {
            return "there are no calls\n".to_owned();
        }
        let titles = ["agent", "connector", "calls", "errors", "refused", "list tokens", "reply tokens"];
        let mut rows = vec![titles.map(str::to_owned)];
        rows.extend(self.rows.iter().map(|((principal, connector), used)| {
            let Used { calls, errors, refused, list_bytes, reply_bytes } = *used;
            let numbers = [calls, errors, refused, tokens(list_bytes), tokens(reply_bytes)];
            let [calls, errors, refused, lists, replies] = numbers.map(|number| number.to_string());
            [agent(principal).to_owned(), connector.clone(), calls, errors, refused, lists, replies]
        }));
        let mut widths = [0; 7];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in rows {
            for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
                let _ = match at {
                    0 => write!(text, "{cell:width$}"),
                    1 => write!(text, "  {cell:width$}"),
                    _ => write!(text, "  {cell:>width$}"),
                };
            }
            text.push('\n');
        }
        for (time, _, reason) in &self.unusual {
            let _ = writeln!(text, "unusual: {time} {reason}");
        }
        text
    }
}

/// Returns the name of an agent: for `token:NAME` the name, otherwise the principal.
fn agent(principal: &str) -> &str {
    principal.strip_prefix("token:").unwrap_or(principal)
}

const fn tokens(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_OF_A_TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_summed_by_agent_and_connector() {
        let mut usage = Usage::default();
        let mut server = String::new();
        for record in [
            json!({ "event": "started", "connector": "gateway" }),
            json!({ "event": "intent", "principal": "token:ci", "connector": "shop" }),
            json!({ "event": "ended", "principal": "token:ci", "connector": "shop", "outcome": "done", "bytes": 401 }),
            json!({ "event": "ended", "principal": "token:ci", "connector": "shop", "outcome": "no_answer" }),
            json!({ "event": "refused", "principal": "token:ci", "outcome": "unknown" }),
            json!({ "event": "refused", "outcome": "not_authenticated", "attempts": 4 }),
            json!({ "event": "listed", "principal": "token:ci", "parts": [{ "bytes": 8 }, { "connector": "shop", "bytes": 40 }] }),
            json!({ "event": "ended", "principal": "token:other", "connector": "shop", "outcome": "accepted" }),
            json!({ "event": "unusual", "principal": "token:ci", "time": "2026-11-30T10:00:00.000Z", "reason": "token:ci writes" }),
        ] {
            usage.add(&record, &UsageQuery { agent: Some("ci".to_owned()), since: None }, &mut server);
        }
        let expected = "\
agent  connector  calls  errors  refused  list tokens  reply tokens
ci     gateway        1       0        1            2             0
ci     shop           2       1        0           10           101
unusual: 2026-11-30T10:00:00.000Z token:ci writes
";
        assert_eq!(usage.to_text(), expected);
        assert_eq!(usage.to_json()["usage"][1]["reply_tokens"], 101);
        assert_eq!(Usage::default().to_text(), "there are no calls\n");
    }

    #[test]
    fn query_that_matches_no_records_returns_an_empty_summary() {
        let query = UsageQuery { since: Timestamp::parse("2026-11-30"), agent: None };
        let mut usage = Usage::default();
        for (time, calls) in [("2026-11-29T23:59:59.000Z", 0), ("2026-11-30T00:00:00.000Z", 1)] {
            let record =
                json!({ "event": "ended", "time": time, "principal": "token:ci", "outcome": "done" });
            usage.add(&record, &query, &mut String::new());
            assert_eq!(usage.rows.values().map(|used| used.calls).sum::<u64>(), calls, "{time}");
        }
    }
}
