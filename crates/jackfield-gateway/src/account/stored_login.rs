//! The login documents in the store. They record which accounts are connected, and the time of each login.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_runtime::{Pins, Principal, StoreError, random_id};
use serde_json::{Map, Value};

use super::login_document::LoginDocument;

/// The endings of the keys of login documents. The dot distinguishes them from keys that are names of connectors.
const OF_GATEWAY: &str = ".login";
const OF_CALLERS: &str = ".logins";

/// A login document in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredLogin {
    pub(crate) document: LoginDocument,
    /// The time of the login in seconds since 1970. `None` for a login of an earlier version.
    pub(crate) connected_at: Option<u64>,
    /// A random number that distinguishes the login from a later login with the same document.
    id: Option<String>,
}

impl StoredLogin {
    /// Reads the login of an owner at a connector. The owner `None` is the gateway.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn load(
        pins: &Pins,
        connector: &str,
        owner: Option<&Principal>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(owner) = owner else {
            let text = pins.read(&format!("{connector}{OF_GATEWAY}"))?;
            return Ok(text.and_then(|text| Self::of_value(&serde_json::from_str(&text).ok()?)));
        };
        let all = parsed(pins.read(&format!("{connector}{OF_CALLERS}"))?.as_deref());
        Ok(all.get(&owner.to_string()).and_then(Self::of_value))
    }

    /// Returns the callers with an account at a connector.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn of_callers(pins: &Pins, connector: &str) -> Result<Vec<(Principal, Self)>, StoreError> {
        let all = parsed(pins.read(&format!("{connector}{OF_CALLERS}"))?.as_deref());
        let known =
            all.iter().filter_map(|(owner, value)| Some((Principal::parse(owner)?, Self::of_value(value)?)));
        Ok(known.collect())
    }

    /// Returns the account of the gateway at a connector, followed by the accounts of callers.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn all(pins: &Pins, connector: &str) -> Result<Vec<(Option<Principal>, Self)>, StoreError> {
        let of_gateway = Self::load(pins, connector, None)?.map(|login| (None, login));
        let of_callers = Self::of_callers(pins, connector)?;
        Ok(of_gateway
            .into_iter()
            .chain(of_callers.into_iter().map(|(owner, login)| (Some(owner), login)))
            .collect())
    }

    /// Returns the names of the connectors with accounts.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn connectors(pins: &Pins) -> Result<BTreeSet<String>, StoreError> {
        let keys = pins.beginning_with("")?;
        let named = keys.iter().filter_map(|key| connector_of(key)).map(str::to_owned);
        let mut found = BTreeSet::new();
        for connector in named {
            if !Self::all(pins, &connector)?.is_empty() {
                found.insert(connector);
            }
        }
        Ok(found)
    }

    /// Stores a new login.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written.
    pub(crate) fn store(
        pins: &Pins,
        connector: &str,
        owner: Option<&Principal>,
        document: &LoginDocument,
    ) -> Result<(), StoreError> {
        let mut value = document.to_value();
        value["connected_at"] = now().into();
        value["id"] = random_id().into();
        let Some(owner) = owner else {
            return pins.update(&format!("{connector}{OF_GATEWAY}"), |_| Ok(value.to_string()));
        };
        pins.update(&format!("{connector}{OF_CALLERS}"), |stored| {
            let mut all = parsed(stored);
            all.insert(owner.to_string(), value);
            Ok(Value::Object(all).to_string())
        })
    }

    /// Removes the login of an owner.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written.
    pub(crate) fn remove(pins: &Pins, connector: &str, owner: Option<&Principal>) -> Result<(), StoreError> {
        pins.change(|documents| {
            let Some(owner) = owner else {
                return documents.remove(&format!("{connector}{OF_GATEWAY}")).map(drop);
            };
            let key = format!("{connector}{OF_CALLERS}");
            let mut all = parsed(documents.read(&key)?.as_deref());
            if all.remove(&owner.to_string()).is_none() {
                return Ok(());
            }
            match all.is_empty() {
                true => documents.remove(&key).map(drop),
                false => documents.write(&key, &Value::Object(all).to_string()),
            }
        })
    }

    fn of_value(value: &Value) -> Option<Self> {
        Some(Self {
            document: LoginDocument::of_value(value)?,
            connected_at: value["connected_at"].as_u64(),
            id: value["id"].as_str().map(str::to_owned),
        })
    }
}

/// Returns the connector whose accounts a key of the store names.
pub(crate) fn connector_of(key: &str) -> Option<&str> {
    key.strip_suffix(OF_GATEWAY).or_else(|| key.strip_suffix(OF_CALLERS))
}

/// Returns the current time in seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn parsed(stored: Option<&str>) -> Map<String, Value> {
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins() -> (tempfile::TempDir, Pins) {
        let folder = tempfile::tempdir().unwrap();
        let pins = Pins::open(&folder.path().join("gateway")).unwrap();
        (folder, pins)
    }

    fn document() -> LoginDocument {
        LoginDocument { url: "http://127.0.0.1:8/mcp".to_owned(), authorization: None }
    }

    #[test]
    fn account_of_one_caller_is_not_read_for_another() {
        let (_folder, pins) = pins();
        let [ada, bob] = ["ada", "bob"].map(|name| Principal::Token(name.to_owned()));
        StoredLogin::store(&pins, "docs", Some(&ada), &document()).unwrap();
        let load = |connector: &str, owner| {
            StoredLogin::load(&pins, connector, owner).unwrap().map(|login| login.document)
        };
        assert_eq!(load("docs", Some(&ada)), Some(document()));
        assert_eq!(
            (load("docs", Some(&bob)), load("docs", None), load("doc", Some(&ada))),
            (None, None, None)
        );
        let owners = StoredLogin::of_callers(&pins, "docs").unwrap();
        assert!(matches!(&owners[..], [(owner, StoredLogin { connected_at: Some(_), .. })] if *owner == ada));
        StoredLogin::store(&pins, "docs", None, &document()).unwrap();
        assert_eq!(StoredLogin::connectors(&pins).unwrap(), BTreeSet::from(["docs".to_owned()]));
        StoredLogin::remove(&pins, "docs", Some(&ada)).unwrap();
        assert_eq!((load("docs", Some(&ada)), load("docs", None)), (None, Some(document())));
        StoredLogin::remove(&pins, "docs", None).unwrap();
        assert!(pins.beginning_with("").unwrap().is_empty());
    }

    #[test]
    fn stored_login_differs_from_an_earlier_login_with_the_same_document() {
        let (_folder, pins) = pins();
        let ada = Principal::Token("ada".to_owned());
        for owner in [None, Some(&ada)] {
            let login = || {
                StoredLogin::store(&pins, "docs", owner, &document()).unwrap();
                StoredLogin::load(&pins, "docs", owner).unwrap().unwrap()
            };
            let (first, second) = (login(), login());
            assert_eq!(first.document, second.document);
            assert_ne!(first, second);
        }
    }
}
