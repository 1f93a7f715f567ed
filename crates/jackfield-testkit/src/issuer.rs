//! An authorization server that publishes one key and signs access tokens.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Map, Value, json};

use crate::{Answer, Upstream};

/// The lifetime of tokens in seconds.
const LIFETIME: u64 = 3600;

/// An issuer of access tokens, at a URL of this machine.
pub struct Issuer {
    upstream: Upstream,
    key: Ed25519KeyPair,
}

impl Issuer {
    /// Starts an issuer with a new key.
    ///
    /// # Errors
    /// Returns an error if no port can be bound, or if the system provides no random bytes.
    pub async fn start() -> io::Result<Self> {
        let failed = |error: &dyn std::fmt::Display| io::Error::other(error.to_string());
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|error| failed(&error))?;
        let key = Ed25519KeyPair::from_pkcs8(key.as_ref()).map_err(|error| failed(&error))?;
        let x = URL_SAFE_NO_PAD.encode(key.public_key());
        let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x }] });
        let upstream = Upstream::start(move |request| {
            let host = request.header("host").unwrap_or_default();
            match request.target.as_str() {
                "/keys" => Answer::json(200, &keys),
                path if path.starts_with("/.well-known/") => {
                    let issuer = format!("http://{host}");
                    Answer::json(200, &json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }))
                }
                _ => Answer::empty(404),
            }
        });
        Ok(Self { upstream: upstream.await?, key })
    }

    /// Returns the URL of the issuer, as tokens contain it.
    pub fn url(&self) -> String {
        self.upstream.base_url()
    }

    /// Signs a token with additional members in its header and claims. If a default member is listed too, it keeps its default value but
    /// moves to that position.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let usual = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "1" });
        let usual_claims = json!({ "iss": self.url(), "exp": now + LIFETIME });
        let message = format!("{}.{}", encoded(&usual, header), encoded(&usual_claims, claims));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes())))
    }
}

/// Encodes the members of both objects as a part of a token.
fn encoded(usual: &Value, more: &Value) -> String {
    let members: Map<String, Value> =
        [more, usual].into_iter().filter_map(Value::as_object).flat_map(Map::clone).collect();
    URL_SAFE_NO_PAD.encode(Value::from(members).to_string())
}
