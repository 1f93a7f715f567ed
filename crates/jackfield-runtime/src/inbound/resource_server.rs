//! An OAuth resource server: authenticates requests, and tells clients how to get a token.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::access_token::{AccessTokenError, AccessTokens};
use super::challenge::Challenge;
use super::flood::{FloodGuard, TooManyAttempts};
use super::issuer_keys::IssuerKeys;
use super::issuer_server::IssuerServer;
use super::jws::MAX_TOKEN_BYTES;
use super::named_token::{FoundToken, NamedTokens, is_named_token};
use super::refusal::TokenRefusal;
use super::token_digest::{TokenDigest, token_digest};
use crate::common::caller::Principal;
use crate::common::clock::Clock;
use crate::common::identity::Identity;

/// The beginning of the metadata's path (RFC 9728). The path of the resource follows it.
const METADATA_PATH: &str = "/.well-known/oauth-protected-resource";

/// The interval at which an open stream checks whether its token was revoked.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The settings that say which tokens a server accepts.
#[derive(Default)]
pub(crate) struct Inbound {
    /// The authorization server whose access tokens are accepted.
    pub(crate) issuer: Option<IssuerServer>,
    /// The URL at which clients reach the server, if it is not the URL at which the server listens.
    pub(crate) url: Option<String>,
    /// The audience that access tokens have to contain. By default, the URL of the server.
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
    /// The URL of the metadata. `None` without an authorization server.
    metadata_url: Option<String>,
    /// The paths at which the metadata is served, and the JSON text of the metadata.
    metadata: Option<([String; 2], String)>,
}

/// An authenticated request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authenticated {
    pub(crate) identity: Identity,
    pub(crate) token: TokenInUse,
}

/// The expiry and the digest of a request's token, by which an open stream notices the end of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenInUse {
    /// The expiry of the token, in seconds since 1970.
    expires: Option<u64>,
    /// The digest of a named token. Only named tokens can be revoked.
    named: Option<TokenDigest>,
}

/// The reason why a request is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The request has no bearer token.
    NoToken,
    /// The request has several `Authorization` headers.
    Malformed,
    /// The token of the request is refused.
    Refused(TokenRefusal),
    /// The token lacks a scope that every request needs.
    LacksScope,
    /// Tokens cannot currently be verified.
    Unavailable,
    /// The client's address has made too many attempts.
    Flood(TooManyAttempts),
}

impl ResourceServer {
    /// Creates the resource server at `url`, and begins to fetch the keys of its issuer.
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

    /// Returns the metadata, if it is served at `path`.
    pub(crate) fn metadata(&self, path: &str) -> Option<&str> {
        let (paths, text) = self.metadata.as_ref()?;
        paths.iter().any(|known| known == path).then_some(text.as_str())
    }

    /// Authenticates a request by its headers.
    ///
    /// # Errors
    /// Returns an error if the request has no valid token with the scopes that every request needs.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
    ) -> Result<Authenticated, Denied> {
        let token = bearer(headers);
        // A recently verified token is accepted even if too many wrong tokens come from the same address.
        let known = token.as_ref().ok().and_then(|token| self.recall(token));
        let identity = match known {
            Some(identity) => identity,
            None => {
                self.flood.check(peer, Instant::now()).map_err(Denied::Flood)?;
                let identified = match &token {
                    Ok(token) => self.identify(token).await,
                    Err(denied) => Err(denied.clone()),
                };
                if matches!(identified, Err(Denied::NoToken | Denied::Malformed | Denied::Refused(_))) {
                    self.flood.count(peer, Instant::now());
                }
                identified?
            }
        };
        if !self.scopes.iter().all(|scope| identity.scopes.contains(scope)) {
            return Err(Denied::LacksScope);
        }
        let digest = token.ok().filter(BearerToken::is_named).map(|token| token.digest);
        let in_use = TokenInUse { expires: identity.expires, named: digest };
        Ok(Authenticated { identity, token: in_use })
    }

    /// Returns the identity of a recently verified token.
    fn recall(&self, token: &BearerToken<'_>) -> Option<Identity> {
        if token.is_named() {
            let found = self.named.as_ref()?.recall(&token.digest)?;
            return (found.expires > self.clock.seconds()).then(|| identity_of(found));
        }
        self.access_tokens.as_ref()?.recall(&token.digest)
    }

    async fn identify(&self, token: &BearerToken<'_>) -> Result<Identity, Denied> {
        let refused = |refusal| Err(Denied::Refused(refusal));
        if token.is_named() {
            let Some(named) = &self.named else { return refused(TokenRefusal::Unknown) };
            let found = named.find(token.digest).await.map_err(|error| {
                tracing::warn!(%error, "the named tokens cannot be read");
                Denied::Unavailable
            })?;
            return match found {
                None => refused(TokenRefusal::Unknown),
                Some(found) if found.expires <= self.clock.seconds() => refused(TokenRefusal::Expired),
                Some(found) => Ok(identity_of(found)),
            };
        }
        let Some(access_tokens) = &self.access_tokens else { return refused(TokenRefusal::Form) };
        access_tokens.verify(token.text, token.digest).await.map_err(|error| match error {
            AccessTokenError::Refused(refusal) => Denied::Refused(refusal),
            AccessTokenError::Unavailable(error) => {
                tracing::warn!(%error, "access tokens cannot be verified");
                Denied::Unavailable
            }
        })
    }

    /// Completes when the token has expired or was revoked. A stream then ends, so that it does not outlive its
    /// token.
    pub(crate) async fn token_ended(&self, token: TokenInUse) {
        loop {
            let now = self.clock.seconds();
            let left = token.expires.map(|expires| Duration::from_secs(expires.saturating_sub(now)));
            if left.is_some_and(|left| left.is_zero()) {
                return;
            }
            // The time is checked repeatedly, because the clock of the machine may be set while a stream is open.
            tokio::time::sleep(left.map_or(LOOK_EVERY, |left| left.min(LOOK_EVERY))).await;
            if let (Some(named), Some(digest)) = (&self.named, token.named)
                && named.recall(&digest).is_none()
                && matches!(named.find(digest).await, Ok(None))
            {
                return;
            }
        }
    }

    /// Returns the reason of a refusal, for the audit. Returns `None` if the token could not be checked.
    pub(crate) const fn failure(denied: &Denied) -> Option<&'static str> {
        match denied {
            Denied::NoToken => Some("the request has no token"),
            Denied::Malformed => Some("the request has several Authorization headers"),
            Denied::Refused(refusal) => Some(refusal.description()),
            Denied::LacksScope => Some("the token lacks a scope"),
            Denied::Flood(_) => Some("too many attempts"),
            Denied::Unavailable => None,
        }
    }

    /// Returns the challenge for a request that was not authenticated, if the refusal has one.
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

    /// Returns the challenge for a call that needs these scopes. It names all scopes that a new token needs.
    pub(crate) fn scope_challenge(&self, scopes: &[String]) -> String {
        let mut all = self.scopes.clone();
        all.extend(scopes.iter().filter(|scope| !self.scopes.contains(scope)).cloned());
        let error = Some(("insufficient_scope", "the token lacks a scope that this call needs"));
        Challenge { metadata: self.metadata_url.as_deref(), scopes: &all, error }.to_text()
    }
}

/// Returns the metadata document of RFC 9728.
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

fn identity_of(token: FoundToken) -> Identity {
    let principal = Principal::Token(token.name.to_string());
    Identity { principal, scopes: token.scopes, claims: Vec::new(), expires: Some(token.expires) }
}

/// The bearer token of a request, and its digest.
struct BearerToken<'a> {
    text: &'a str,
    digest: TokenDigest,
}

impl BearerToken<'_> {
    fn is_named(&self) -> bool {
        is_named_token(self.text)
    }
}

/// Returns the bearer token of a request.
fn bearer(headers: &HeaderMap) -> Result<BearerToken<'_>, Denied> {
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
    let text = std::str::from_utf8(token.trim_ascii()).map_err(|_| Denied::Refused(TokenRefusal::Form))?;
    if text.len() > MAX_TOKEN_BYTES {
        return Err(Denied::Refused(TokenRefusal::TooLong));
    }
    Ok(BearerToken { text, digest: token_digest(text) })
}
