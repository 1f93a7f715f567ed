//! Tests of tokens that are accepted, and of tokens that are refused.

pub(crate) mod hostile;
pub(crate) mod maker;

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::access_token::{AccessTokenError, AccessTokens};
use super::flood::TooManyAttempts;
use super::issuer_keys::IssuerKeys;
use super::key_set::KeySet;
use super::named_token::{
    Finding, FoundToken, NamedTokens, TokenName, TokensUnavailable, is_named_token, new_token,
};
use super::refusal::TokenRefusal;
use super::resource_server::{Denied, ResourceServer};
use super::token_digest::token_digest;
use crate::common::caller::Principal;
use crate::common::clock::Clock;
use crate::common::identity::Identity;
use maker::{AUDIENCE, ISSUER, Maker, Signer};

const NOW: u64 = 2_000_000_000;
const PEER: Option<std::net::IpAddr> = Some(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

fn clock() -> Clock {
    Clock::of(|| UNIX_EPOCH + Duration::from_secs(NOW))
}

fn access_tokens(maker: &Maker) -> AccessTokens {
    let keys = KeySet::parse(maker.key_set().as_bytes()).unwrap();
    let keys = IssuerKeys::new(clock(), move || {
        let keys = keys.clone();
        Box::pin(async move { Ok(keys) })
    });
    AccessTokens::new(ISSUER, AUDIENCE, keys, clock())
}

/// A store with one named token.
struct OneToken(&'static str, FoundToken);

impl NamedTokens for OneToken {
    fn find(&self, digest: [u8; 32]) -> Finding<'_> {
        let found = (digest == token_digest(self.0)).then(|| self.1.clone());
        Box::pin(async { Ok(found) })
    }
}

fn server(maker: &Maker, scopes: &[&str], named: Option<OneToken>) -> ResourceServer {
    let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    let named = named.map(|named| Arc::new(named) as Arc<dyn NamedTokens>);
    ResourceServer::of(
        Some(access_tokens(maker)),
        named,
        scopes,
        "https://shop.example.com/mcp",
        "Shop",
        clock(),
    )
}

fn headers(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.append(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    headers
}

async fn verify(tokens: &AccessTokens, token: &str) -> Result<Identity, AccessTokenError> {
    tokens.verify(token, token_digest(token)).await
}

#[tokio::test]
async fn hostile_tokens_are_refused() {
    let maker = Maker::new(NOW);
    let tokens = access_tokens(&maker);
    let hostile = hostile::tokens(&maker);
    assert!(hostile.len() >= 60, "{}", hostile.len());
    for (name, token, refusal) in hostile {
        let refused = verify(&tokens, &token).await.unwrap_err();
        assert_eq!(refused, refusal.into(), "{name}: {}", &token[..token.len().min(300)]);
        assert_eq!(tokens.recall(&token_digest(&token)), None, "{name}");
    }
}

#[tokio::test]
async fn valid_tokens_of_every_algorithm_are_accepted() {
    let maker = Maker::new(NOW);
    let tokens = access_tokens(&maker);
    for signer in Signer::ALL {
        let token = maker.token(signer, &json!({}));
        let identity = verify(&tokens, &token).await;
        let identity = identity.unwrap_or_else(|error| panic!("{signer:?}: {error:?}"));
        let principal = Principal::Subject { issuer: ISSUER.to_owned(), subject: "reader".to_owned() };
        assert_eq!((&identity.principal, identity.scopes.len()), (&principal, 2));
        assert_eq!(tokens.recall(&token_digest(&token)), Some(identity));
        assert_eq!(tokens.recall(&token_digest(&token[1..])), None);
    }
}

#[tokio::test]
async fn token_variants_of_real_servers_are_accepted() {
    let maker = Maker::new(NOW);
    let tokens = access_tokens(&maker);
    let scopes = async |token: String| {
        let identity: Identity =
            verify(&tokens, &token).await.unwrap_or_else(|error| panic!("{error:?}: {token}"));
        identity.scopes.join("+")
    };
    for (changes, expected) in [
        (json!({ "aud": ["https://other.example.com", AUDIENCE] }), "books.read+books.write"),
        (json!({ "aud": [AUDIENCE] }), "books.read+books.write"),
        (json!({ "scope": null, "scp": ["a", "b"] }), "a+b"),
        (json!({ "scope": null, "scp": "a b" }), "a+b"),
        (json!({ "scope": " a  b " }), "a+b"),
        (json!({ "scope": null }), ""),
        (json!({ "nbf": null, "iat": null }), "books.read+books.write"),
        (json!({ "exp": NOW as f64 + 0.5 }), "books.read+books.write"),
        // The clocks differ by less than a minute.
        (json!({ "exp": NOW - 59 }), "books.read+books.write"),
        (json!({ "nbf": NOW + 60, "iat": NOW + 60 }), "books.read+books.write"),
        (json!({ "sub": "a".repeat(255) }), "books.read+books.write"),
        (json!({ "sub": "日本|é#x" }), "books.read+books.write"),
        (json!({ "custom": { "deep": [1, { "er": null }] } }), "books.read+books.write"),
    ] {
        assert_eq!(scopes(maker.token(Signer::Es256, &changes)).await, expected, "{changes}");
    }
    for header in [
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "application/at+jwt" }),
        json!({ "typ": "AT+JWT" }),
        json!({ "typ": "jwt" }),
        json!({ "typ": null }),
        json!({ "x5t": "abc" }),
        // Only one key of the set fits this algorithm.
        json!({ "kid": null }),
    ] {
        let token = maker.with_header(Signer::Es256, &header);
        assert_eq!(scopes(token).await, "books.read+books.write", "{header}");
    }
}

#[test]
fn unusable_keys_are_left_out_of_a_key_set() {
    let maker = Maker::new(NOW);
    let keys = |change: &dyn Fn(&mut Value)| {
        let mut set: Value = serde_json::from_str(&maker.key_set()).unwrap();
        let mut key = set["keys"][0].take();
        change(&mut key);
        KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).is_ok()
    };
    assert!(
        keys(&|_| {}) && keys(&|key| key["use"] = json!("sig")) && keys(&|key| key["alg"] = json!("PS256"))
    );
    assert!(keys(&|key| key["key_ops"] = json!(["verify"])));
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 9] = [
        ("for encryption", |key| key["use"] = json!("enc")),
        ("for another operation", |key| key["key_ops"] = json!(["encrypt"])),
        ("with its private part", |key| key["d"] = json!("AQAB")),
        ("symmetric", |key| *key = json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" })),
        ("of another type", |key| key["kty"] = json!("EC")),
        ("for another algorithm", |key| key["alg"] = json!("RSA-OAEP")),
        ("for the algorithm of another type", |key| key["alg"] = json!("ES256")),
        ("with padding", |key| key["n"] = json!("AQAB==")),
        ("with a number as its id", |key| key["kid"] = json!(7)),
    ];
    for (name, change) in changes {
        assert!(!keys(&change), "{name}");
    }
    let many = |count: usize| json!({ "keys": vec![json!({}); count] }).to_string();
    for (text, fault) in [
        ("{}".to_owned(), "array `keys`"),
        (r#"{"keys":[],"keys":[]}"#.to_owned(), "array `keys`"),
        (many(64), "no key"),
        (many(65), "more than 64"),
    ] {
        assert!(KeySet::parse(text.as_bytes()).unwrap_err().description().contains(fault), "{text}");
    }
}

#[tokio::test]
async fn refused_request_gets_the_challenge_for_its_problem() {
    let maker = Maker::new(NOW);
    let server = server(&maker, &["books.read"], None);
    let metadata = "resource_metadata=\"https://shop.example.com/.well-known/oauth-protected-resource/mcp\"";
    let mut two = headers("a");
    two.append(AUTHORIZATION, "Bearer b".parse().unwrap());
    let lacking = maker.token(Signer::Es256, &json!({ "scope": "books.write" }));
    let mut basic = HeaderMap::new();
    basic.append(AUTHORIZATION, "Basic eDp5".parse().unwrap());
    for (headers, denied, error) in [
        (HeaderMap::new(), Denied::NoToken, None),
        (basic, Denied::NoToken, None),
        (two, Denied::Malformed, Some("invalid_request")),
        (headers("a.b.c"), Denied::Refused(TokenRefusal::Form), Some("invalid_token")),
        (headers(&lacking), Denied::LacksScope, Some("insufficient_scope")),
    ] {
        assert_eq!(server.authenticate(&headers, PEER).await.as_ref(), Err(&denied));
        let challenge = server.challenge(&denied).unwrap();
        assert!(challenge.starts_with("Bearer ") && challenge.contains(metadata), "{challenge}");
        assert!(challenge.contains("scope=\"books.read\""), "{challenge}");
        assert_eq!(challenge.contains("error="), error.is_some(), "{challenge}");
        assert!(error.is_none_or(|error| challenge.contains(&format!("error=\"{error}\""))), "{challenge}");
    }
    let scopes = ["books.read".to_owned(), "books.delete".to_owned()];
    let challenge = server.scope_challenge(&scopes);
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("scope=\"books.read books.delete\""), "{challenge}");
}

#[test]
fn metadata_is_served_at_the_root_and_at_the_path_of_the_resource() {
    let server = server(&Maker::new(NOW), &["books.read"], None);
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let document: Value = serde_json::from_str(server.metadata(path).unwrap()).unwrap();
        assert_eq!(
            document,
            json!({
                "resource": "https://shop.example.com/mcp",
                "authorization_servers": [ISSUER],
                "bearer_methods_supported": ["header"],
                "scopes_supported": ["books.read"],
                "resource_name": "Shop",
            })
        );
    }
    for path in
        ["/", "/mcp", "/.well-known/oauth-protected-resource/", "/.well-known/oauth-protected-resource/x"]
    {
        assert_eq!(server.metadata(path), None, "{path}");
    }
}

#[tokio::test]
async fn named_token_is_accepted_until_it_expires() {
    const TEXT: &str = "jft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let maker = Maker::new(NOW);
    let found = |expires| {
        let name = TokenName::parse("ci").unwrap();
        OneToken(TEXT, FoundToken { name, scopes: vec!["books.read".to_owned()], expires })
    };
    let named = server(&maker, &["books.read"], Some(found(NOW + 1)));
    let identity = named.authenticate(&headers(TEXT), PEER).await.unwrap().identity;
    assert_eq!(identity.principal, Principal::Token("ci".to_owned()));
    assert_eq!(identity.scopes, ["books.read"]);
    let other = TEXT.replace("jft_A", "jft_B");
    let unknown = Err(Denied::Refused(TokenRefusal::Unknown));
    assert_eq!(named.authenticate(&headers(&other), PEER).await, unknown);
    let expired = server(&maker, &[], Some(found(NOW)));
    let refused = expired.authenticate(&headers(TEXT), PEER).await;
    assert_eq!(refused, Err(Denied::Refused(TokenRefusal::Expired)));
    let lacking = server(&maker, &["books.write"], Some(found(NOW + 1)));
    assert_eq!(lacking.authenticate(&headers(TEXT), PEER).await, Err(Denied::LacksScope));
    // Without a store of named tokens, text in the form of a named token is refused.
    assert_eq!(server(&maker, &[], None).authenticate(&headers(TEXT), PEER).await, unknown);
}

#[test]
fn named_tokens_are_random_and_recognisable() {
    let (one, other) = (new_token().unwrap(), new_token().unwrap());
    assert!(is_named_token(one.expose()) && one.expose() != other.expose());
    assert!(one.expose().starts_with("jft_") && one.expose().len() == 47);
    for bad in ["", "jft_", "jft_short", "JFT_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert!(!is_named_token(bad), "{bad}");
    }
    for good in ["ci", "build.machine_7-b", "7"] {
        assert!(TokenName::parse(good).is_some(), "{good}");
    }
    for bad in ["", "CI", "a b", "-a", ".a", "a#b", "a:b", "ä", &"a".repeat(65)] {
        assert!(TokenName::parse(bad).is_none(), "{bad}");
    }
}

#[tokio::test]
async fn verified_client_is_accepted_during_a_flood_of_wrong_tokens() {
    let maker = Maker::new(NOW);
    let server = server(&maker, &[], None);
    let good = headers(&maker.token(Signer::Ed25519, &json!({})));
    server.authenticate(&good, PEER).await.unwrap();
    let flood = Err(Denied::Flood(TooManyAttempts { seconds: 1 }));
    let mut refused = 0;
    for at in 0..200 {
        refused += usize::from(server.authenticate(&headers(&format!("wrong{at}")), PEER).await == flood);
    }
    assert!(refused > 100, "{refused}");
    assert_eq!(server.authenticate(&HeaderMap::new(), PEER).await, flood);
    assert!(server.authenticate(&good, PEER).await.is_ok());
    let other = maker.token(Signer::Ed25519, &json!({ "sub": "other" }));
    assert!(server.authenticate(&headers(&other), None).await.is_ok());
}

/// A store that answers no lookup until all lookups have begun.
struct Slow(tokio::sync::Barrier, FoundToken);

impl NamedTokens for Slow {
    fn find(&self, _: [u8; 32]) -> Finding<'_> {
        Box::pin(async {
            self.0.wait().await;
            Ok(Some(self.1.clone()))
        })
    }
}

#[tokio::test]
async fn concurrent_valid_requests_are_not_a_flood() {
    const REQUESTS: usize = 64;
    let name = TokenName::parse("ci").unwrap();
    let found = FoundToken { name, scopes: Vec::new(), expires: NOW + 1 };
    let named = Some(Arc::new(Slow(tokio::sync::Barrier::new(REQUESTS), found)) as Arc<dyn NamedTokens>);
    let server = ResourceServer::of(None, named, Vec::new(), "https://shop.example.com/mcp", "", clock());
    let (server, headers) = (Arc::new(server), headers("jft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    let requests: Vec<_> = (0..REQUESTS)
        .map(|_| {
            let (server, headers) = (Arc::clone(&server), headers.clone());
            tokio::spawn(async move { server.authenticate(&headers, PEER).await.map(|_| ()) })
        })
        .collect();
    // The refused request must leave the other requests waiting, so the last request is polled first.
    for request in requests.into_iter().rev() {
        assert_eq!(request.await.unwrap(), Ok(()));
    }
}

/// A store that cannot be read.
struct Unreadable;

impl NamedTokens for Unreadable {
    fn find(&self, _: [u8; 32]) -> Finding<'_> {
        Box::pin(async { Err(TokensUnavailable("the disk is full".to_owned())) })
    }
}

#[tokio::test]
async fn unverifiable_attempts_do_not_count_toward_the_flood_limit() {
    let named = Some(Arc::new(Unreadable) as Arc<dyn NamedTokens>);
    let server = ResourceServer::of(None, named, Vec::new(), "https://shop.example.com/mcp", "", clock());
    let headers = headers("jft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for _ in 0..200 {
        assert_eq!(server.authenticate(&headers, PEER).await, Err(Denied::Unavailable));
    }
}

/// A store whose cache contains one token.
struct InMemory(FoundToken);

impl NamedTokens for InMemory {
    fn recall(&self, _: &[u8; 32]) -> Option<FoundToken> {
        Some(self.0.clone())
    }

    fn find(&self, _: [u8; 32]) -> Finding<'_> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

#[tokio::test]
async fn cached_token_is_refused_when_it_expires() {
    const TEXT: &str = "jft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let name = TokenName::parse("ci").unwrap();
    for (expires, is_accepted) in [(NOW + 1, true), (NOW, false), (NOW - 1, false)] {
        let found = FoundToken { name: name.clone(), scopes: Vec::new(), expires };
        let named = Some(Arc::new(InMemory(found)) as Arc<dyn NamedTokens>);
        let server = ResourceServer::of(None, named, Vec::new(), "https://shop.example.com/mcp", "", clock());
        assert_eq!(server.authenticate(&headers(TEXT), PEER).await.is_ok(), is_accepted, "{expires}");
    }
}

#[tokio::test]
async fn cached_named_token_is_accepted_during_a_flood_of_wrong_tokens() {
    let found = FoundToken { name: TokenName::parse("ci").unwrap(), scopes: Vec::new(), expires: NOW + 1 };
    let named = Some(Arc::new(InMemory(found)) as Arc<dyn NamedTokens>);
    let server = ResourceServer::of(None, named, Vec::new(), "https://shop.example.com/mcp", "", clock());
    let good = headers("jft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    while !matches!(server.authenticate(&headers("wrong"), PEER).await, Err(Denied::Flood(_))) {}
    assert!(server.authenticate(&good, PEER).await.is_ok());
}
