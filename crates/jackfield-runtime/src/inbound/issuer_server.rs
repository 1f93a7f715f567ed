//! Fetches the metadata (RFC 8414, OpenID Connect Discovery) and the keys of the authorization server that issues
//! access tokens.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, USER_AGENT};
use serde_json::Value;

use super::key_set::{KeySet, KeySetFault};
use super::strict_json::parse_object;
use crate::auth::{Endpoint, EndpointError};
use crate::call::rows::Connector;
use crate::common::environment::{Environment, Setting};
use crate::transport::client::HttpClient;
use crate::transport::request_body::RequestBody;

/// The maximum size of the metadata or a key set.
const MAX_BYTES: usize = 256 * 1024;

/// The time limit of each answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The authorization server of an issuer, and the HTTP client that sends requests to it.
pub(crate) struct IssuerServer {
    issuer: Endpoint,
    /// The issuer exactly as the user gave it, because tokens have to contain the same text.
    text: String,
    http: HttpClient,
}

/// The reason why the keys of an issuer are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IssuerError {
    NoAnswer {
        address: String,
        why: String,
    },
    Status {
        address: String,
        status: u16,
    },
    NotMetadata {
        address: String,
    },
    OtherIssuer {
        address: String,
        issuer: String,
    },
    NoKeys {
        address: String,
    },
    KeysAddress(EndpointError),
    KeysWithoutTls {
        address: String,
    },
    Keys {
        address: String,
        fault: KeySetFault,
    },
    /// A recent request failed, so no request is sent now.
    Waiting,
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer { address, why } => write!(f, "{address} gave no answer: {why}"),
            Self::Status { address, status } => write!(f, "{address} answers {status}"),
            Self::NotMetadata { address } => write!(f, "{address} is not the metadata of an issuer"),
            Self::OtherIssuer { address, issuer } => write!(
                f,
                "{address} names another issuer, {issuer:?}; if this issuer is right, start with --issuer {}",
                jackfield_recipe::shell_quoted(issuer)
            ),
            Self::NoKeys { address } => write!(f, "{address} names no `jwks_uri`"),
            Self::KeysAddress(why) => write!(f, "the `jwks_uri` of the issuer is not used: {why}"),
            Self::KeysWithoutTls { address } => {
                write!(f, "the `jwks_uri` of the issuer is not used: {address} is not protected by TLS")
            }
            Self::Keys { address, fault } => write!(f, "{address} {}", fault.description()),
            Self::Waiting => {
                f.write_str("the last request to the issuer failed a moment ago, so it is not repeated yet")
            }
        }
    }
}

impl std::error::Error for IssuerError {}

impl IssuerServer {
    /// Creates the server of an issuer. The user names the issuer, so its address may be private.
    ///
    /// # Errors
    /// Returns an error if the issuer is neither an `https:` URL nor a loopback URL, or if it has a query.
    pub(crate) fn new(
        issuer: &str,
        connector: &Connector<'_>,
        environment: &Environment,
    ) -> Result<Self, EndpointError> {
        let endpoint = Endpoint::parse(issuer)?;
        // This HTTP client is separate from the HTTP client of tools, so that a private issuer does not allow
        // tools to call private addresses.
        let variable = Setting::Origins.variable(connector.name);
        let mut origins = environment.get(&variable).unwrap_or_default();
        if let (Some(scheme), Some(authority)) = (endpoint.uri().scheme(), endpoint.uri().authority()) {
            origins.push_str(&format!(" {scheme}://{authority}"));
        }
        let http = HttpClient::of(connector, &environment.clone().with(variable, origins));
        Ok(Self { issuer: endpoint, text: issuer.to_owned(), http })
    }

    /// Returns the issuer exactly as tokens name it.
    pub(crate) fn issuer(&self) -> &str {
        &self.text
    }

    /// Fetches the metadata, and then the keys at the `jwks_uri` of the metadata.
    ///
    /// # Errors
    /// Returns an error if the server does not answer, or its answers cannot be trusted or used.
    pub(crate) async fn fetch(&self) -> Result<KeySet, IssuerError> {
        let address = self.keys_address().await?;
        let text = self.get(&address).await?;
        KeySet::parse(&text).map_err(|fault| IssuerError::Keys { address: address.to_string(), fault })
    }

    async fn keys_address(&self) -> Result<Endpoint, IssuerError> {
        let mut first = None;
        for candidate in metadata_addresses(&self.text) {
            let Ok(address) = Endpoint::parse(&candidate) else { continue };
            match self.get(&address).await {
                Ok(text) => return self.keys_address_in(&candidate, &text),
                // The first URL is the most common, so its error is the most helpful.
                Err(error) => _ = first.get_or_insert(error),
            }
        }
        Err(first.unwrap_or(IssuerError::NotMetadata { address: self.text.clone() }))
    }

    fn keys_address_in(&self, address: &str, text: &[u8]) -> Result<Endpoint, IssuerError> {
        let address = || address.to_owned();
        let metadata = parse_object(text);
        let metadata = metadata.ok_or_else(|| IssuerError::NotMetadata { address: address() })?;
        let issuer = metadata.get("issuer").and_then(Value::as_str);
        let issuer = issuer.ok_or_else(|| IssuerError::NotMetadata { address: address() })?;
        if issuer != self.text {
            let issuer = crate::common::text::excerpt(issuer, 300);
            return Err(IssuerError::OtherIssuer { address: address(), issuer });
        }
        let keys = metadata.get("jwks_uri").and_then(Value::as_str);
        let keys = keys.ok_or_else(|| IssuerError::NoKeys { address: address() })?;
        let keys = Endpoint::parse(keys).map_err(IssuerError::KeysAddress)?;
        // If the issuer's URL uses TLS, the `jwks_uri` has to use TLS too. An issuer on this machine may do
        // without TLS.
        if self.issuer.uri().scheme_str() == Some("https") && keys.uri().scheme_str() != Some("https") {
            return Err(IssuerError::KeysWithoutTls { address: keys.to_string() });
        }
        Ok(keys)
    }

    async fn get(&self, address: &Endpoint) -> Result<Bytes, IssuerError> {
        let failed = |why: String| IssuerError::NoAnswer { address: address.to_string(), why };
        let request = http::Request::get(address.uri())
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("jackfield/", env!("CARGO_PKG_VERSION")))
            .body(RequestBody::default())
            .map_err(|error| failed(error.to_string()))?;
        let reply = self.http.exchange(request, MAX_BYTES, TIMEOUT).await;
        let reply = reply.map_err(|error| failed(error.to_string()))?;
        match reply.status {
            // Redirects are not followed, because they could lead to the keys of another server.
            http::StatusCode::OK => Ok(reply.body),
            status => Err(IssuerError::Status { address: address.to_string(), status: status.as_u16() }),
        }
    }
}

/// Returns the URLs of an issuer's metadata. RFC 8414 inserts the well-known part before the path of the issuer,
/// and OpenID Connect appends it to the path.
fn metadata_addresses(issuer: &str) -> Vec<String> {
    let issuer = issuer.trim_end_matches('/');
    let host = issuer.find("://").map_or(0, |at| at + 3);
    let path = issuer[host..].find('/').map_or(issuer.len(), |at| host + at);
    let (origin, path) = issuer.split_at(path);
    let mut addresses = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{issuer}/.well-known/openid-configuration"),
    ];
    if !path.is_empty() {
        addresses.push(format!("{origin}/.well-known/openid-configuration{path}"));
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: Connector<'static> = Connector::new("shop");

    fn server(issuer: &str) -> Result<IssuerServer, EndpointError> {
        IssuerServer::new(issuer, &SHOP, &Environment::of([] as [(&str, &str); 0]))
    }

    #[test]
    fn metadata_urls_follow_rfc_8414_and_openid_connect() {
        assert_eq!(
            metadata_addresses("https://id.example.com/"),
            [
                "https://id.example.com/.well-known/oauth-authorization-server",
                "https://id.example.com/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            metadata_addresses("https://id.example.com/a/b"),
            [
                "https://id.example.com/.well-known/oauth-authorization-server/a/b",
                "https://id.example.com/a/b/.well-known/openid-configuration",
                "https://id.example.com/.well-known/openid-configuration/a/b",
            ]
        );
    }

    #[test]
    fn issuer_without_tls_is_refused_outside_loopback() {
        assert!(server("https://id.example.com/a").is_ok() && server("http://127.0.0.1:9").is_ok());
        for bad in ["id.example.com", "http://id.example.com", "https://u@id.example.com", "https://id/#x"] {
            assert!(server(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn metadata_that_names_another_issuer_or_keys_without_tls_is_refused() {
        let keys = |issuer: &str, metadata: &str| {
            let found = server(issuer).unwrap().keys_address_in("https://x/y", metadata.as_bytes());
            found.map(|endpoint| endpoint.to_string()).map_err(|error| error.to_string())
        };
        let metadata = |issuer: &str, keys: &str| format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys}"}}"#);
        let (issuer, own) = ("https://id.example.com", "https://keys.example.com/jwks");
        assert_eq!(keys(issuer, &metadata(issuer, own)), Ok(own.to_owned()));
        let local = "http://127.0.0.1:9/jwks";
        assert_eq!(keys("http://127.0.0.1:9", &metadata("http://127.0.0.1:9", local)), Ok(local.to_owned()));
        for (metadata, why) in [
            (metadata("https://id.example.com/", own), "--issuer https://id.example.com/"),
            (metadata("https://evil.example.com", own), "names another issuer"),
            (metadata(issuer, local), "not protected by TLS"),
            (metadata(issuer, "http://keys.example.com/jwks"), "protected by TLS"),
            (metadata(issuer, "/jwks"), "not an absolute URL"),
            (format!(r#"{{"issuer":"{issuer}"}}"#), "names no `jwks_uri`"),
            (format!(r#"{{"issuer":"{issuer}","jwks_uri":"{own}","jwks_uri":"{own}"}}"#), "not the metadata"),
            ("[]".to_owned(), "not the metadata"),
        ] {
            let error = keys(issuer, &metadata).unwrap_err();
            assert!(error.contains(why), "{metadata}: {error}");
        }
    }
}
