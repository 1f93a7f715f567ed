//! The public keys of an issuer (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, PublicKey};
use super::strict_json::parse_object;

/// The maximum number of keys of an issuer. A token without a key id may have to be verified with each key.
const MAX_KEYS: usize = 64;

/// The public keys of an issuer. Keys that cannot verify tokens are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeySet(Vec<IssuerKey>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct IssuerKey {
    id: Option<String>,
    /// The only algorithm for which the issuer uses the key, if the key set declares it.
    algorithm: Option<Algorithm>,
    key: PublicKey,
}

/// The reason why a response is not a usable key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySetFault {
    NotKeys,
    TooMany,
    NoUsableKey,
}

impl KeySetFault {
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::NotKeys => "is not a JSON object with an array `keys`",
            Self::TooMany => "has more than 64 keys",
            Self::NoUsableKey => "has no key for RS256, PS256, ES256, ES384 or EdDSA",
        }
    }
}

impl KeySet {
    /// Parses a JWK set.
    ///
    /// # Errors
    /// Returns an error if the set is malformed, has too many keys, or has no usable key.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, KeySetFault> {
        let document = parse_object(text).ok_or(KeySetFault::NotKeys)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(KeySetFault::NotKeys)?;
        if keys.len() > MAX_KEYS {
            return Err(KeySetFault::TooMany);
        }
        let usable: Vec<_> = keys.iter().filter_map(Value::as_object).filter_map(IssuerKey::parse).collect();
        if usable.is_empty() { Err(KeySetFault::NoUsableKey) } else { Ok(Self(usable)) }
    }

    /// Returns the keys that may have signed a token. A token without a key id is accepted only if exactly one key
    /// fits.
    pub(super) fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&PublicKey> {
        let fits = |key: &&IssuerKey| {
            key.key.allows(algorithm) && key.algorithm.is_none_or(|only| only == algorithm)
        };
        let named = |key: &&IssuerKey| id.is_none() || key.id.as_deref() == id;
        let found: Vec<_> = self.0.iter().filter(fits).filter(named).map(|key| &key.key).collect();
        if id.is_none() && found.len() > 1 { Vec::new() } else { found }
    }
}

impl IssuerKey {
    /// Parses a key. Returns `None` if the key is not a public key for a supported signature algorithm.
    fn parse(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let is_for_signatures = members.get("use").is_none_or(|it| it == "sig");
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|operations| operations.iter().any(|it| it == "verify"))
        };
        // An issuer that publishes the private part of a key has compromised the key, so the key is not
        // used.
        let is_public = !members.contains_key("d") && !members.contains_key("k");
        if !is_for_signatures || !members.get("key_ops").is_none_or(verifies) || !is_public {
            return None;
        }
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let sized = |name: &str, size: usize| bytes(name).filter(|bytes| bytes.len() == size);
        let point = |size: usize| Some([vec![4], sized("x", size)?, sized("y", size)?].concat());
        let key = match (text("kty")?, text("crv")) {
            // Some issuers pad a number with leading zero bytes, which the verification does not accept.
            ("RSA", _) => {
                PublicKey::Rsa { modulus: without_zeros(bytes("n")?), exponent: without_zeros(bytes("e")?) }
            }
            ("EC", Some("P-256")) => PublicKey::P256(point(32)?),
            ("EC", Some("P-384")) => PublicKey::P384(point(48)?),
            ("OKP", Some("Ed25519")) => PublicKey::Ed25519(sized("x", 32)?),
            _ => return None,
        };
        let algorithm = match members.get("alg") {
            None => None,
            Some(name) => Some(Algorithm::parse(name.as_str()?).filter(|it| key.allows(*it))?),
        };
        let id = match members.get("kid") {
            None => None,
            Some(id) => Some(id.as_str()?.to_owned()),
        };
        Some(Self { id, algorithm, key })
    }
}

fn without_zeros(bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}
