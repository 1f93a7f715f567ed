//! The document of an account, which is in the store. Its secrets are in the vault.

use jackfield_recipe::origin_of;
use serde_json::{Value, json};

use super::authorization::Authorization;

/// The stored description of an account at a server, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoginDocument {
    /// The URL of the server. The login is used only for this URL.
    pub(crate) url: String,
    /// The authorization server that issues the tokens. `None` if a person has stored a token.
    pub(crate) authorization: Option<Authorization>,
}

impl LoginDocument {
    pub(super) fn to_value(&self) -> Value {
        let authorization = self.authorization.as_ref().map(|authorization| {
            let Authorization { issuer, resource, scopes } = authorization;
            json!({ "issuer": issuer, "resource": resource, "scopes": scopes })
        });
        json!({ "url": self.url, "authorization": authorization })
    }

    pub(super) fn of_value(value: &Value) -> Option<Self> {
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
        origin_of(&self.url).unwrap_or_default()
    }

    /// Returns the origins that may have private addresses: the server's origin, and if both run on this machine, the authorization
    /// server's origin.
    pub(super) fn named_origins(&self) -> Vec<String> {
        let mut named = vec![self.origin()];
        let issuer = self.authorization.as_ref().map(|authorization| authorization.issuer.as_str());
        let is_local = |address: &str| crate::config::is_loopback(address);
        if let Some(issuer) = issuer.filter(|issuer| is_local(issuer) && is_local(&self.url)) {
            named.extend(origin_of(issuer));
        }
        named
    }
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
    fn stored_login_document_round_trips_through_json() {
        let parsed = |text: &str| LoginDocument::of_value(&serde_json::from_str(text).unwrap_or_default());
        let document = document();
        assert_eq!(parsed(&document.to_value().to_string()), Some(document.clone()));
        assert_eq!(document.named_origins(), ["http://127.0.0.1:8", "http://127.0.0.1:9"]);
        let far = LoginDocument { url: "https://docs.example.com/mcp".to_owned(), ..document };
        assert_eq!(far.named_origins(), ["https://docs.example.com"], "a far server names no local address");
        let token = LoginDocument { authorization: None, ..far };
        assert_eq!(parsed(&token.to_value().to_string()), Some(token));
        for text in ["null", "{}", "[]", "{\"url\": \"x\", \"authorization\": {}}", ""] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
