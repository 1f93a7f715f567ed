//! A resource server of OAuth: it authenticates requests, and says how to get a token.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::access_token::{AccessTokenError, AccessTokens};
use super::challenge::Challenge;
use super::flood::{FloodGuard, TooManyAttempts};
use super::issuer_keys::IssuerKeys;
use super::issuer_server::IssuerServer;
use super::named_token::{NamedTokens, is_named_token};
use super::refusal::TokenRefusal;
use super::token_digest::token_digest;
use crate::common::caller::Principal;
use crate::common::clock::Clock;
use crate::common::identity::Identity;

/// The path of the metadata of RFC 9728, before the path of the resource.
const METADATA_PATH: &str = "/.well-known/oauth-protected-resource";

/// The tokens that a server accepts.
#[derive(Default)]
pub(crate) struct Inbound {
    /// The authorization server whose access tokens are accepted.
    pub(crate) issuer: Option<IssuerServer>,
    /// The URL at which clients reach the server, if it is not the one that it listens at.
    pub(crate) url: Option<String>,
    /// The audience that access tokens have to name. Without one, it is the URL of the server.
    pub(crate) audience: Option<String>,
    /// The scopes that every request needs.
    pub(crate) scopes: Vec<String>,
    /// The named tokens.
    pub(crate) named: Option<Arc<dyn NamedTokens>>,
}

/// Authenticates the requests of a server.
pub(crate) struct ResourceServer {
    access_tokens: Option<AccessTokens>,
    named: Option<Arc<dyn NamedTokens>>,
    scopes: Vec<String>,
    clock: Clock,
    flood: FloodGuard,
    /// The URL of the metadata, if there is an authorization server to name.
    metadata_url: Option<String>,
    /// The paths at which the metadata is served, and its text.
    metadata: Option<([String; 2], String)>,
}

/// The reason why a request is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// It has no bearer token.
    NoToken,
    /// It has several `Authorization` headers.
    Malformed,
    /// Its token is refused.
    Refused(TokenRefusal),
    /// Its token lacks a scope that every request needs.
    LacksScope,
    /// Tokens cannot be verified at the moment.
    Unavailable,
    /// Its address has made too many attempts.
    Flood(TooManyAttempts),
}

impl ResourceServer {
    /// A server at that URL. It begins to fetch the keys of its issuer.
    pub(crate) fn new(inbound: Inbound, url: &str, title: &str, clock: Clock) -> Self {
        let Inbound { issuer, url: _, audience, scopes, named } = inbound;
        let audience = audience.unwrap_or_else(|| url.to_owned());
        let access_tokens = issuer.map(|issuer| {
            let name = issuer.issuer().to_owned();
            let keys = IssuerKeys::of(issuer, clock.clone());
            keys.prefetch();
            AccessTokens::new(&name, &audience, keys, clock.clone())
        });
        Self::of(access_tokens, named, scopes, url, title, clock)
    }

    pub(super) fn of(
        access_tokens: Option<AccessTokens>,
        named: Option<Arc<dyn NamedTokens>>,
        scopes: Vec<String>,
        url: &str,
        title: &str,
        clock: Clock,
    ) -> Self {
        let (mut metadata_url, mut metadata) = (None, None);
        if let Some(tokens) = &access_tokens {
            let host = url.find("://").map_or(0, |at| at + 3);
            let path = url[host..].find('/').map_or(url.len(), |at| host + at);
            let (origin, path) = url.split_at(path);
            metadata_url = Some(format!("{origin}{METADATA_PATH}{path}"));
            let paths = [METADATA_PATH.to_owned(), format!("{METADATA_PATH}{path}")];
            metadata = Some((paths, document(tokens.issuer(), &scopes, url, title).to_string()));
        }
        Self { access_tokens, named, scopes, clock, flood: FloodGuard::default(), metadata_url, metadata }
    }

    /// The metadata, if it is served at that path.
    pub(crate) fn metadata(&self, path: &str) -> Option<&str> {
        let (paths, text) = self.metadata.as_ref()?;
        paths.iter().any(|known| known == path).then_some(text.as_str())
    }

    /// Authenticates a request by its headers.
    ///
    /// # Errors
    /// It has no valid token with the scopes that every request needs.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
    ) -> Result<Identity, Denied> {
        let token = bearer(headers);
        // A client that was verified a moment ago is not excluded by wrong tokens from its address.
        let known = token.as_ref().ok().and_then(|token| self.access_tokens.as_ref()?.recall(token));
        let identity = match known {
            Some(identity) => identity,
            None => {
                self.flood.check(peer, Instant::now()).map_err(Denied::Flood)?;
                let identified = match token {
                    Ok(token) => self.identify(token).await,
                    Err(denied) => Err(denied),
                };
                if matches!(identified, Err(Denied::NoToken | Denied::Malformed | Denied::Refused(_))) {
                    self.flood.count(peer, Instant::now());
                }
                identified?
            }
        };
        match self.scopes.iter().all(|scope| identity.scopes.contains(scope)) {
            true => Ok(identity),
            false => Err(Denied::LacksScope),
        }
    }

    async fn identify(&self, token: &str) -> Result<Identity, Denied> {
        let refused = |refusal| Err(Denied::Refused(refusal));
        if is_named_token(token) {
            let Some(named) = &self.named else { return refused(TokenRefusal::Unknown) };
            let found = named.find(token_digest(token)).await.map_err(|error| {
                tracing::warn!(%error, "the named tokens cannot be read");
                Denied::Unavailable
            })?;
            return match found {
                None => refused(TokenRefusal::Unknown),
                Some(found) if found.expires <= self.clock.seconds() => refused(TokenRefusal::Expired),
                Some(found) => Ok(Identity {
                    principal: Principal::Token(found.name.to_string()),
                    scopes: found.scopes,
                    expires: Some(found.expires),
                }),
            };
        }
        let Some(access_tokens) = &self.access_tokens else { return refused(TokenRefusal::Form) };
        access_tokens.verify(token).await.map_err(|error| match error {
            AccessTokenError::Refused(refusal) => Denied::Refused(refusal),
            AccessTokenError::Unavailable(error) => {
                tracing::warn!(%error, "access tokens cannot be verified");
                Denied::Unavailable
            }
        })
    }

    /// The challenge for a request that was not authenticated.
    pub(crate) fn challenge(&self, denied: &Denied) -> Option<String> {
        let error = match denied {
            Denied::NoToken => None,
            Denied::Malformed => Some(("invalid_request", "the request has several Authorization headers")),
            Denied::Refused(refusal) => Some(("invalid_token", refusal.description())),
            Denied::LacksScope => Some(("insufficient_scope", "the token lacks a scope")),
            Denied::Unavailable | Denied::Flood(_) => return None,
        };
        let challenge = Challenge { metadata: self.metadata_url.as_deref(), scopes: &self.scopes, error };
        Some(challenge.to_text())
    }

    /// The challenge for a call that needs these scopes. It names all that the next token needs.
    pub(crate) fn scope_challenge(&self, scopes: &[String]) -> String {
        let mut all = self.scopes.clone();
        all.extend(scopes.iter().filter(|scope| !self.scopes.contains(scope)).cloned());
        let error = Some(("insufficient_scope", "the token lacks a scope that this call needs"));
        Challenge { metadata: self.metadata_url.as_deref(), scopes: &all, error }.to_text()
    }
}

/// The metadata of RFC 9728.
fn document(issuer: &str, scopes: &[String], url: &str, title: &str) -> Value {
    let mut document = json!({
        "resource": url,
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
    });
    if !scopes.is_empty() {
        document["scopes_supported"] = scopes.into();
    }
    if !title.is_empty() {
        document["resource_name"] = title.into();
    }
    document
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Result<&str, Denied> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let Some(field) = fields.next() else { return Err(Denied::NoToken) };
    if fields.next().is_some() {
        return Err(Denied::Malformed);
    }
    let Some((scheme, token)) = field.as_bytes().split_at_checked("Bearer ".len()) else {
        return Err(Denied::NoToken);
    };
    if !scheme.eq_ignore_ascii_case(b"Bearer ") {
        return Err(Denied::NoToken);
    }
    std::str::from_utf8(token.trim_ascii()).map_err(|_| Denied::Refused(TokenRefusal::Form))
}
