//! The stored document of an account. Its secrets are in the vault.

use jackfield_runtime::{Pins, StoreError};
use serde_json::{Value, json};

/// The account at a server, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoginDocument {
    /// The address of the server. A login counts for no other one.
    pub(crate) url: String,
    /// The source of its tokens. `None` if a person has stored one.
    pub(crate) authorization: Option<Authorization>,
}

/// The authorization server of a server, as the server itself names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) issuer: String,
    /// The resource for which tokens are requested, which is their audience.
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
}

impl LoginDocument {
    /// The stored document of a connector.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn load(pins: &Pins, connector: &str) -> Result<Option<Self>, StoreError> {
        Ok(pins.read(&key(connector))?.and_then(|text| Self::parse(&text)))
    }

    /// Stores the document, or that there is none.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written.
    pub(crate) fn store(pins: &Pins, connector: &str, document: Option<&Self>) -> Result<(), StoreError> {
        let text = document.map_or_else(|| "null".to_owned(), Self::print);
        pins.update(&key(connector), |_| Ok(text))
    }

    pub(super) fn print(&self) -> String {
        let authorization = self.authorization.as_ref().map(|authorization| {
            let Authorization { issuer, resource, scopes } = authorization;
            json!({ "issuer": issuer, "resource": resource, "scopes": scopes })
        });
        json!({ "url": self.url, "authorization": authorization }).to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
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

    /// The origin of the server.
    pub(super) fn origin(&self) -> String {
        origin(&self.url).unwrap_or_default()
    }

    /// The origins that may be private addresses: that of the server, which gateway.toml names, and for a server of this machine an
    /// authorization server of this machine.
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

/// The name of the document. The dot keeps it apart from those of connectors.
fn key(connector: &str) -> String {
    format!("{connector}.login")
}

/// The scheme, host and port of an address.
pub(super) fn origin(url: &str) -> Option<String> {
    let parsed: http::Uri = url.parse().ok()?;
    Some(format!("{}://{}", parsed.scheme_str()?, parsed.authority()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_is_stored_for_one_address() {
        let authorization = Authorization {
            issuer: "http://127.0.0.1:9/".to_owned(),
            resource: "http://127.0.0.1:8/mcp".to_owned(),
            scopes: vec!["a".to_owned()],
        };
        let document =
            LoginDocument { url: "http://127.0.0.1:8/mcp".to_owned(), authorization: Some(authorization) };
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
}
