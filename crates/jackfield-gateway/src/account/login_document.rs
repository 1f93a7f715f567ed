//! The stored document of an account. Its secrets are in the vault.

use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_runtime::{Pins, Principal, StoreError};
use serde_json::{Map, Value, json};

use super::authorization::{Authorization, origin};

/// The stored description of an account at a server, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoginDocument {
    /// The URL of the server. The login is used only for this URL.
    pub(crate) url: String,
    /// The authorization server that issues the tokens. `None` if a person has stored a token.
    pub(crate) authorization: Option<Authorization>,
}

impl LoginDocument {
    /// Reads the document of an owner at a connector. The owner `None` is the gateway.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn load(
        pins: &Pins,
        connector: &str,
        owner: Option<&Principal>,
    ) -> Result<Option<Self>, StoreError> {
        Ok(match owner {
            None => pins.read(&key(connector))?.and_then(|text| Self::parse(&text)),
            Some(owner) => all(pins, connector)?.get(&owner.to_string()).and_then(Self::of_value),
        })
    }

    /// Stores the document, or removes the stored document if `document` is `None`.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written.
    pub(crate) fn store(
        pins: &Pins,
        connector: &str,
        owner: Option<&Principal>,
        document: Option<&Self>,
    ) -> Result<(), StoreError> {
        let Some(owner) = owner else {
            let text = document.map_or_else(|| "null".to_owned(), Self::print);
            return pins.update(&key(connector), |_| Ok(text));
        };
        pins.update(&key_of_owners(connector), |stored| {
            let mut all = parsed(stored);
            match document {
                None => all.remove(&owner.to_string()),
                Some(document) => {
                    let mut value = document.to_value();
                    value["connected_at"] = now().into();
                    all.insert(owner.to_string(), value)
                }
            };
            Ok(Value::Object(all).to_string())
        })
    }

    /// Returns the callers with an account at a connector, each with its document and the time of the login in seconds since 1970.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn owners(
        pins: &Pins,
        connector: &str,
    ) -> Result<Vec<(Principal, Self, Option<u64>)>, StoreError> {
        let all = all(pins, connector)?;
        let known = all.iter().filter_map(|(owner, value)| {
            Some((Principal::parse(owner)?, Self::of_value(value)?, value["connected_at"].as_u64()))
        });
        Ok(known.collect())
    }

    pub(super) fn print(&self) -> String {
        self.to_value().to_string()
    }

    fn to_value(&self) -> Value {
        let authorization = self.authorization.as_ref().map(|authorization| {
            let Authorization { issuer, resource, scopes } = authorization;
            json!({ "issuer": issuer, "resource": resource, "scopes": scopes })
        });
        json!({ "url": self.url, "authorization": authorization })
    }

    fn parse(text: &str) -> Option<Self> {
        Self::of_value(&serde_json::from_str(text).ok()?)
    }

    fn of_value(value: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let authorization = match &value["authorization"] {
            Value::Null => None,
            found => Some(Authorization {
                issuer: text(&found["issuer"])?,
                resource: text(&found["resource"])?,
                scopes: found["scopes"].as_array()?.iter().filter_map(text).collect(),
            }),
        };
        Some(Self { url: text(&value["url"])?, authorization })
    }

    /// Returns the origin of the server.
    pub(super) fn origin(&self) -> String {
        origin(&self.url).unwrap_or_default()
    }

    /// Returns the origins that may have private addresses: the server's origin, and if both run on this machine, the authorization
    /// server's origin.
    pub(super) fn named_origins(&self) -> Vec<String> {
        let mut named = vec![self.origin()];
        let issuer = self.authorization.as_ref().map(|authorization| authorization.issuer.as_str());
        let is_local = |address: &str| crate::config::is_loopback(address);
        if let Some(issuer) = issuer.filter(|issuer| is_local(issuer) && is_local(&self.url)) {
            named.extend(origin(issuer));
        }
        named
    }
}

/// Reads the documents of all owners at a connector.
fn all(pins: &Pins, connector: &str) -> Result<Map<String, Value>, StoreError> {
    Ok(parsed(pins.read(&key_of_owners(connector))?.as_deref()))
}

fn parsed(stored: Option<&str>) -> Map<String, Value> {
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Returns the current time in seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns the key of the gateway's document in the store. The dot distinguishes it from keys that are names of connectors.
fn key(connector: &str) -> String {
    format!("{connector}.login")
}

/// Returns the key of the callers' documents in the store.
fn key_of_owners(connector: &str) -> String {
    format!("{connector}.logins")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> LoginDocument {
        let authorization = Authorization {
            issuer: "http://127.0.0.1:9/".to_owned(),
            resource: "http://127.0.0.1:8/mcp".to_owned(),
            scopes: vec!["a".to_owned()],
        };
        LoginDocument { url: "http://127.0.0.1:8/mcp".to_owned(), authorization: Some(authorization) }
    }

    #[test]
    fn login_document_round_trips_through_json() {
        let document = document();
        assert_eq!(LoginDocument::parse(&document.print()), Some(document.clone()));
        assert_eq!(document.named_origins(), ["http://127.0.0.1:8", "http://127.0.0.1:9"]);
        let far = LoginDocument { url: "https://docs.example.com/mcp".to_owned(), ..document };
        assert_eq!(far.named_origins(), ["https://docs.example.com"], "a far server names no local address");
        let token = LoginDocument { authorization: None, ..far };
        assert_eq!(LoginDocument::parse(&token.print()), Some(token));
        for text in ["null", "{}", "[]", "{\"url\": \"x\", \"authorization\": {}}", ""] {
            assert_eq!(LoginDocument::parse(text), None, "{text}");
        }
    }

    #[test]
    fn account_of_one_caller_is_not_read_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let pins = Pins::open(&folder.path().join("gateway")).unwrap();
        let [ada, bob] = ["ada", "bob"].map(|name| Principal::Token(name.to_owned()));
        LoginDocument::store(&pins, "docs", Some(&ada), Some(&document())).unwrap();
        let load = |connector: &str, owner| LoginDocument::load(&pins, connector, owner).unwrap();
        assert_eq!(load("docs", Some(&ada)), Some(document()));
        assert_eq!(
            (load("docs", Some(&bob)), load("docs", None), load("doc", Some(&ada))),
            (None, None, None)
        );
        let owners = LoginDocument::owners(&pins, "docs").unwrap();
        assert!(matches!(&owners[..], [(owner, _, Some(_))] if *owner == ada));
        LoginDocument::store(&pins, "docs", Some(&ada), None).unwrap();
        assert_eq!(load("docs", Some(&ada)), None);
    }
}
