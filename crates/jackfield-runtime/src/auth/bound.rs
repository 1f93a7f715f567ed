//! A stored credential with the origins that it may be sent to.

use serde_json::{Value, json};
use zeroize::Zeroize as _;

use super::audience::Audience;
use crate::common::secret::Secret;

/// The maximum number of secrets in one record. Connectors of unrelated APIs can have the same name, and then
/// share a record.
const MAX_ENTRIES: usize = 16;

/// The secrets that the vault stores under one name. Each secret has its own set of origins that it may be sent
/// to.
#[derive(Default)]
pub(crate) struct BoundRecord {
    entries: Vec<BoundText>,
}

/// A secret and the origins that it may be sent to.
pub(crate) struct BoundText {
    pub(crate) audience: Audience,
    pub(crate) text: Secret,
}

impl BoundRecord {
    /// Parses a record. Returns `None` if an earlier version wrote the record, because such a record contains no
    /// origins.
    pub(crate) fn parse(record: &Secret) -> Option<Self> {
        let Value::Object(mut fields) = serde_json::from_str(record.expose()).ok()? else { return None };
        let Some(Value::Array(list)) = fields.remove("bound") else { return None };
        let entries: Option<Vec<BoundText>> = list.into_iter().map(BoundText::parse).collect();
        Some(Self { entries: entries? })
    }

    pub(crate) fn to_record(&self) -> Secret {
        let list = self.entries.iter().map(|entry| entry.audience.to_fields(entry.text.expose()));
        let mut record = json!({ "bound": list.collect::<Vec<_>>() });
        let text = Secret::new(record.to_string());
        for entry in record["bound"].as_array_mut().into_iter().flatten() {
            if let Some(Value::String(text)) = entry.get_mut("text") {
                text.zeroize();
            }
        }
        text
    }

    /// Stores a secret for an audience. Replaces every secret whose audience shares an origin with it.
    pub(crate) fn put(&mut self, audience: Audience, text: Secret) {
        self.remove(&audience);
        self.entries.push(BoundText { audience, text });
        let surplus = self.entries.len().saturating_sub(MAX_ENTRIES);
        self.entries.drain(..surplus);
    }

    /// Removes the secrets whose audience shares an origin with `audience`. Returns whether a secret was removed.
    pub(crate) fn remove(&mut self, audience: &Audience) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.audience.shares(audience));
        self.entries.len() < before
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the first secret whose audience shares an origin with `audience`.
    pub(crate) fn into_sharing(self, audience: &Audience) -> Option<BoundText> {
        self.entries.into_iter().find(|entry| entry.audience.shares(audience))
    }

    /// Returns all origins that the secrets of this record may be sent to.
    pub(crate) fn audience(&self) -> Audience {
        self.entries.iter().fold(Audience::default(), |mut all, entry| {
            all.join(entry.audience.clone());
            all
        })
    }
}

impl BoundText {
    fn parse(mut value: Value) -> Option<Self> {
        let audience = Audience::of_fields(value.as_object()?)?;
        match value.get_mut("text")?.take() {
            Value::String(text) => Some(Self { audience, text: Secret::new(text) }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(origins: &[&str]) -> Audience {
        Audience { text: origins.iter().map(|&origin| origin.to_owned()).collect(), tokens: None }
    }

    fn client(endpoint: &str, apis: &[&str]) -> Audience {
        Audience { tokens: Some(plain(apis).text), ..plain(&[endpoint]) }
    }

    fn text(record: &BoundRecord, audience: &Audience) -> Option<String> {
        let record = BoundRecord::parse(&record.to_record()).unwrap();
        record.into_sharing(audience).map(|entry| entry.text.expose().to_owned())
    }

    const A: &str = "https://a.example.com";
    const B: &str = "https://b.example.com";

    #[test]
    fn secrets_for_different_origins_are_stored_separately() {
        let mut record = BoundRecord::default();
        record.put(plain(&[A]), Secret::new("canary-a".to_owned()));
        record.put(plain(&[B]), Secret::new("canary-b".to_owned()));
        let record = BoundRecord::parse(&record.to_record()).unwrap();
        assert_eq!(text(&record, &plain(&[A])).as_deref(), Some("canary-a"));
        assert_eq!(text(&record, &plain(&[B])).as_deref(), Some("canary-b"));
        assert_eq!(text(&record, &plain(&["https://c.example.com"])), None);
        let mut record = record;
        record.put(plain(&[A, B]), Secret::new("canary-both".to_owned()));
        assert_eq!(text(&record, &plain(&[B])).as_deref(), Some("canary-both"));
        assert!(record.remove(&plain(&[A])) && record.is_empty());
    }

    #[test]
    fn secret_stored_for_an_origin_pattern_is_found_for_matching_origins() {
        let mut record = BoundRecord::default();
        record.put(plain(&["https://{t}.example.com"]), Secret::new("canary".to_owned()));
        assert!(text(&record, &plain(&["https://acme.example.com"])).is_some());
        assert!(text(&record, &plain(&["https://{t}.example.com"])).is_some());
        assert!(text(&record, &plain(&["https://acme.example.net"])).is_none());
    }

    #[test]
    fn oauth_clients_at_one_authorization_server_are_stored_by_api_origin() {
        let (id, moved) = ("https://id.example.com", "https://id.example.net");
        let mut record = BoundRecord::default();
        record.put(client(id, &[A]), Secret::new("canary-a".to_owned()));
        assert_eq!(text(&record, &client(id, &[B])), None);
        assert_eq!(text(&record, &client(id, &[A, B])).as_deref(), Some("canary-a"));
        record.put(client(id, &[B]), Secret::new("canary-b".to_owned()));
        assert_eq!(text(&record, &client(id, &[A])).as_deref(), Some("canary-a"));
        let entry = record.into_sharing(&client(moved, &[A])).unwrap();
        assert_eq!(entry.audience, client(id, &[A]));
    }

    #[test]
    fn credential_stored_without_origins_by_an_earlier_version_is_not_parsed() {
        for text in ["canary", "{}", "[]", r#"{"bound": "x"}"#, r#"{"bound": [{"text": "x"}]}"#] {
            assert!(BoundRecord::parse(&Secret::new(text.to_owned())).is_none(), "{text}");
        }
    }
}
