//! A stored credential together with the origins that it was given for.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use zeroize::Zeroize as _;

use jackfield_recipe::origin_fits;

use crate::secret::Secret;

/// How many texts one record holds: connectors of one name whose APIs have no origin in common.
const MOST_ENTRIES: usize = 16;

/// Marks an origin of the API among those of a client: tokens that the client mints may go there, the client itself not.
const TOKENS_FOR: &str = "tokens for ";

/// The texts that the vault has under one name, each for other origins.
#[derive(Default)]
pub(crate) struct BoundRecord {
    entries: Vec<Entry>,
}

/// A text, and the origins that it was given for. An origin may be a pattern: `https://{tenant}.example.com`.
pub(crate) struct Entry {
    pub(crate) origins: BTreeSet<String>,
    pub(crate) text: Secret,
}

impl BoundRecord {
    /// Reads a record. None for one of an earlier version, which is a bare text.
    pub(crate) fn parse(record: &Secret) -> Option<Self> {
        let Value::Object(mut fields) = serde_json::from_str(record.expose()).ok()? else { return None };
        let Some(Value::Array(list)) = fields.remove("bound") else { return None };
        let entries: Option<Vec<Entry>> = list.into_iter().map(Entry::parse).collect();
        Some(Self { entries: entries? })
    }

    /// The record as it is kept.
    pub(crate) fn to_record(&self) -> Secret {
        let list =
            self.entries.iter().map(|entry| json!({ "for": entry.origins, "text": entry.text.expose() }));
        let mut record = json!({ "bound": list.collect::<Vec<_>>() });
        let text = Secret::new(record.to_string());
        for entry in record["bound"].as_array_mut().into_iter().flatten() {
            if let Some(Value::String(text)) = entry.get_mut("text") {
                text.zeroize();
            }
        }
        text
    }

    /// Keeps a text for these origins, in the place of those that share one with it.
    pub(crate) fn put(&mut self, origins: BTreeSet<String>, text: Secret) {
        self.remove(&origins);
        self.entries.push(Entry { origins, text });
        let surplus = self.entries.len().saturating_sub(MOST_ENTRIES);
        self.entries.drain(..surplus);
    }

    /// Drops the texts that share an origin with these. Whether there was one.
    pub(crate) fn remove(&mut self, origins: &BTreeSet<String>) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.shares(origins));
        self.entries.len() < before
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The text that was given for one of these origins.
    pub(crate) fn into_sharing(self, origins: &BTreeSet<String>) -> Option<Entry> {
        self.entries.into_iter().find(|entry| entry.shares(origins))
    }

    /// Every origin that a text of it was given for.
    pub(crate) fn origins(&self) -> BTreeSet<&str> {
        self.entries.iter().flat_map(|entry| &entry.origins).map(String::as_str).collect()
    }
}

impl Entry {
    fn parse(mut value: Value) -> Option<Self> {
        let list = value.get("for")?.as_array()?;
        let origins = list.iter().map(|origin| origin.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        match value.get_mut("text")?.take() {
            Value::String(text) => Some(Self { origins, text: Secret::new(text) }),
            _ => None,
        }
    }

    fn shares(&self, origins: &BTreeSet<String>) -> bool {
        let fit = |one: &str, other: &str| origin_fits(one, other) || origin_fits(other, one) || one == other;
        // Unrelated APIs may have one authorization server. The origins of the API tell their clients apart.
        let by_api = [&self.origins, origins].into_iter().all(|set| set.iter().any(|it| is_marked(it)));
        self.origins.iter().any(|own| {
            let counts = |other: &str| !by_api || is_marked(own) || is_marked(other);
            origins.iter().any(|other| counts(other) && fit(unmarked(own), unmarked(other)))
        })
    }

    /// Whether it was given for every one of these origins. Those that only see tokens are not counted.
    pub(crate) fn covers(&self, origins: &BTreeSet<String>) -> bool {
        let own = || self.origins.iter().filter(|own| !is_marked(own));
        let is_covered = |origin: &String| own().any(|own| own == origin || origin_fits(origin, own));
        origins.iter().filter(|origin| !is_marked(origin)).all(is_covered)
    }

    /// The origins that tokens of this client may go to: the marked ones, and those that a person named by hand.
    pub(crate) fn token_origins(&self, endpoints: &BTreeSet<String>) -> BTreeSet<String> {
        let origins = self.origins.iter().filter(|origin| !endpoints.contains(*origin));
        origins.map(|origin| unmarked(origin).to_owned()).collect()
    }
}

/// Marks an origin of the API as one that only sees tokens of a client.
pub(crate) fn for_tokens(origin: &str) -> String {
    format!("{TOKENS_FOR}{origin}")
}

fn is_marked(origin: &str) -> bool {
    origin.starts_with(TOKENS_FOR)
}

fn unmarked(origin: &str) -> &str {
    origin.strip_prefix(TOKENS_FOR).unwrap_or(origin)
}

/// Origins within both sets, of which each may hold patterns.
pub(crate) fn common(one: &BTreeSet<String>, other: &BTreeSet<String>) -> BTreeSet<String> {
    let is_in =
        |origin: &str, set: &BTreeSet<String>| set.iter().any(|it| it == origin || origin_fits(origin, it));
    one.union(other).filter(|origin| is_in(origin, one) && is_in(origin, other)).cloned().collect()
}

/// `https://a.example.com and https://b.example.com`
pub(crate) fn listed<T: AsRef<str>>(origins: impl IntoIterator<Item = T>) -> String {
    origins.into_iter().map(|origin| origin.as_ref().to_owned()).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(origins: &[&str]) -> BTreeSet<String> {
        origins.iter().map(|&origin| origin.to_owned()).collect()
    }

    fn text(record: &BoundRecord, origins: &[&str]) -> Option<String> {
        let record = BoundRecord::parse(&record.to_record()).unwrap();
        record.into_sharing(&set(origins)).map(|entry| entry.text.expose().to_owned())
    }

    const A: &str = "https://a.example.com";
    const B: &str = "https://b.example.com";

    #[test]
    fn texts_of_other_origins_stay_apart() {
        let mut record = BoundRecord::default();
        record.put(set(&[A]), Secret::new("canary-a".to_owned()));
        record.put(set(&[B]), Secret::new("canary-b".to_owned()));
        let record = BoundRecord::parse(&record.to_record()).unwrap();
        assert_eq!(text(&record, &[A]).as_deref(), Some("canary-a"));
        assert_eq!(text(&record, &[B]).as_deref(), Some("canary-b"));
        assert_eq!(text(&record, &["https://c.example.com"]), None);
        let mut record = record;
        record.put(set(&[A, B]), Secret::new("canary-both".to_owned()));
        assert_eq!(text(&record, &[B]).as_deref(), Some("canary-both"));
        assert!(record.remove(&set(&[A])) && record.is_empty());
    }

    #[test]
    fn pattern_shares_with_what_fits_it() {
        let mut record = BoundRecord::default();
        record.put(set(&["https://{t}.example.com"]), Secret::new("canary".to_owned()));
        assert!(text(&record, &["https://acme.example.com"]).is_some());
        assert!(text(&record, &["https://{t}.example.com"]).is_some());
        assert!(text(&record, &["https://acme.example.net"]).is_none());
    }

    #[test]
    fn clients_of_one_authorization_server_are_told_apart_by_their_apis() {
        let (id, moved) = ("https://id.example.com", "https://id.example.net");
        let [a, b] = [A, B].map(for_tokens);
        let mut record = BoundRecord::default();
        record.put(set(&[id, &a]), Secret::new("canary-a".to_owned()));
        assert_eq!(text(&record, &[id, &b]), None);
        assert_eq!(text(&record, &[id, &a, &b]).as_deref(), Some("canary-a"));
        record.put(set(&[id, &b]), Secret::new("canary-b".to_owned()));
        assert_eq!(text(&record, &[id, &a]).as_deref(), Some("canary-a"));
        let entry = record.into_sharing(&set(&[moved, &a])).unwrap();
        assert!(entry.covers(&set(&[id, &b])) && !entry.covers(&set(&[moved])));
        // The client goes to no origin that it was given for tokens alone.
        assert!(!entry.covers(&set(&[A])));
        assert_eq!(entry.token_origins(&set(&[id])), set(&[A]));
    }

    #[test]
    fn common_origins_fit_both_sets() {
        let pattern = "https://{t}.example.com";
        assert_eq!(common(&set(&[A, B]), &set(&[A, "https://c.example.com"])), set(&[A]));
        assert_eq!(common(&set(&[pattern]), &set(&[A])), set(&[A]));
        assert_eq!(common(&set(&[pattern]), &set(&[pattern])), set(&[pattern]));
    }

    #[test]
    fn bare_text_of_an_earlier_version_is_no_bound_record() {
        for text in ["canary", "{}", "[]", r#"{"bound": "x"}"#, r#"{"bound": [{"text": "x"}]}"#] {
            assert!(BoundRecord::parse(&Secret::new(text.to_owned())).is_none(), "{text}");
        }
    }
}
