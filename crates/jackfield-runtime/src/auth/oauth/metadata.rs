//! The metadata of an authorization server: RFC 8414 and OpenID Connect Discovery.

use std::fmt;

use serde_json::Value;

use super::ask::{Answer, Asker, Refusal, shown};
use super::endpoint::{Endpoint, EndpointUnavailable};
use crate::common::secret::Secrets;

/// The metadata of an authorization server, fetched from a URL that is authoritative for its issuer.
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    fields: Answer,
}

/// The path prefix of metadata documents.
const WELL_KNOWN: &str = "/.well-known/";

impl Metadata {
    /// Fetches the metadata at the URL `address`. If `address` is an issuer, the metadata has to name the same
    /// issuer.
    pub(crate) async fn discover(asker: &Asker, address: &str) -> Result<Self, Refusal> {
        let mut problems = Vec::new();
        for candidate in candidates(address) {
            let at = Endpoint::parse(&candidate).map_err(Refusal::failed)?;
            match asker.get(&at).await {
                Ok(fields) => return Self::of(&candidate, fields).map_err(Refusal::failed),
                Err(refusal @ Refusal::Private { .. }) => return Err(refusal),
                Err(refusal) => problems.push(refusal.to_string()),
            }
        }
        Err(Refusal::Failed(problems.join("; ")))
    }

    fn of(address: &str, fields: Answer) -> Result<Self, MetadataError> {
        let Some(issuer) = fields.get("issuer").and_then(Value::as_str) else {
            return Err(MetadataError::NoIssuer { address: address.to_owned() });
        };
        let bare = |text: &str| text.trim_end_matches('/').to_owned();
        if !issuers(address).iter().any(|expected| bare(expected) == bare(issuer)) {
            let issuer = shown(issuer, &Secrets::default());
            return Err(MetadataError::OtherIssuer { address: address.to_owned(), issuer });
        }
        Ok(Self { issuer: issuer.to_owned(), fields })
    }

    /// Returns the URL of an endpoint, if the metadata contains it.
    ///
    /// # Errors
    /// Returns an error if credentials may not be sent to the endpoint.
    pub(crate) fn endpoint(&self, name: &str) -> Result<Option<Endpoint>, EndpointUnavailable> {
        let address = self.fields.get(name).and_then(Value::as_str);
        let endpoint = address.map(Endpoint::parse).transpose();
        endpoint.map_err(|why| EndpointUnavailable::OfMetadata {
            name: name.to_owned(),
            issuer: self.issuer.clone(),
            why,
        })
    }

    /// Returns the strings in the array `name`, if the metadata contains it.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let list = self.fields.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).collect())
    }

    /// Whether the metadata contains the member `name` with the value `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.fields.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// The reason why metadata is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MetadataError {
    NoIssuer {
        address: String,
    },
    /// The URL is not authoritative for the issuer in the metadata.
    OtherIssuer {
        address: String,
        /// The issuer, formatted for a message.
        issuer: String,
    },
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIssuer { address } => {
                write!(
                    f,
                    "{address} names no issuer, but the metadata of an authorization server must name its issuer"
                )
            }
            Self::OtherIssuer { address, issuer } => {
                write!(f, "{address} has the metadata of another issuer, {issuer:?}, and is not trusted")
            }
        }
    }
}

impl std::error::Error for MetadataError {}

/// Returns the URLs to fetch: only `address` if it names a metadata document, or else the issuer's well-known URLs that OpenID Connect and
/// RFC 8414 define.
fn candidates(address: &str) -> Vec<String> {
    if address.contains(WELL_KNOWN) {
        return vec![address.to_owned()];
    }
    let issuer = address.trim_end_matches('/');
    let path_at = issuer.find("://").and_then(|at| issuer[at + 3..].find('/').map(|path| at + 3 + path));
    let (origin, path) = issuer.split_at(path_at.unwrap_or(issuer.len()));
    vec![
        format!("{issuer}{WELL_KNOWN}openid-configuration"),
        format!("{origin}{WELL_KNOWN}oauth-authorization-server{path}"),
    ]
}

/// Returns the issuers for which a metadata document at the URL `address` is authoritative.
fn issuers(address: &str) -> Vec<String> {
    let address = address.split('?').next().unwrap_or_default();
    let Some((before, after)) = address.split_once(WELL_KNOWN) else {
        return Vec::new();
    };
    let has_path = before.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    match after.split_once('/') {
        // OpenID Connect appends its path to the issuer. RFC 8414 inserts its path between the issuer's host
        // and path.
        None => vec![before.to_owned()],
        Some((_, path)) if !has_path => vec![format!("{before}/{path}")],
        Some(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaks_for(address: &str, issuer: &str) -> bool {
        let fields = serde_json::json!({ "issuer": issuer, "token_endpoint": "http://evil.example.net/t" });
        let metadata = Metadata::of(address, fields.as_object().unwrap().clone());
        metadata.is_ok_and(|metadata| metadata.endpoint("token_endpoint").is_err())
    }

    #[test]
    fn metadata_of_another_issuer_is_refused() {
        for (address, issuer) in [
            ("https://id.example.com/.well-known/openid-configuration", "https://id.example.com"),
            ("https://id.example.com/.well-known/openid-configuration", "https://id.example.com/"),
            ("https://id.example.com/a/b/.well-known/openid-configuration", "https://id.example.com/a/b"),
            (
                "https://id.example.com/.well-known/oauth-authorization-server/a/b",
                "https://id.example.com/a/b",
            ),
        ] {
            assert!(speaks_for(address, issuer), "{address}");
        }
        for (address, issuer) in [
            ("https://id.example.com/.well-known/openid-configuration", "https://evil.example.net"),
            ("https://id.example.com/.well-known/openid-configuration", "https://id.example.com/a"),
            ("https://id.example.com/.well-known/openid-configuration", "http://id.example.com"),
            ("https://id.example.com/a/.well-known/openid-configuration", "https://id.example.com"),
            ("https://id.example.com/a/.well-known/x/b", "https://id.example.com/a"),
            ("https://id.example.com/metadata.json", "https://id.example.com"),
        ] {
            assert!(!speaks_for(address, issuer), "{address}");
        }
    }

    #[test]
    fn metadata_of_an_issuer_is_fetched_from_two_well_known_urls() {
        assert_eq!(
            candidates("https://id.example.com/a/"),
            [
                "https://id.example.com/a/.well-known/openid-configuration",
                "https://id.example.com/.well-known/oauth-authorization-server/a"
            ]
        );
        let document = "https://id.example.com/.well-known/openid-configuration";
        assert_eq!(candidates(document), [document]);
    }
}
