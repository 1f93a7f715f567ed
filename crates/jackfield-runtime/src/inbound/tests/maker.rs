//! An issuer that signs whatever a test requests. Its RSA key in `rsa_key.txt` was generated only for these tests.
//! The ring crate generates the other keys.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding, RsaKeyPair,
};
use serde_json::{Map, Value, json};

pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const AUDIENCE: &str = "https://shop.example.com/mcp";

/// An algorithm, with the key that signs for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Ed25519,
    /// A second key for the same algorithm as [`Self::Ed25519`].
    Ed25519Second,
    /// A key that does not belong to the issuer.
    Stranger,
}

impl Signer {
    /// The signers whose keys the issuer publishes.
    pub(crate) const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Ed25519,
        Self::Ed25519Second,
    ];

    pub(crate) const fn algorithm(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ed25519 | Self::Ed25519Second | Self::Stranger => "EdDSA",
        }
    }

    pub(crate) const fn key_id(self) -> &'static str {
        match self {
            Self::Es256 => "p256",
            Self::Es384 => "p384",
            Self::Ed25519 | Self::Stranger => "ed",
            Self::Ed25519Second => "ed-2",
            _ => "rsa",
        }
    }
}

/// The keys of an issuer, and of a stranger.
pub(crate) struct Maker {
    pub(crate) now: u64,
    issuer: String,
    audience: String,
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed: Ed25519KeyPair,
    ed_second: Ed25519KeyPair,
    stranger: Ed25519KeyPair,
    random: SystemRandom,
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Maker {
    pub(crate) fn new(now: u64) -> Self {
        let random = SystemRandom::new();
        let rsa: String = include_str!("rsa_key.txt").split_whitespace().collect();
        let ed = || {
            let key = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap()
        };
        let ec = |algorithm: &'static EcdsaSigningAlgorithm| {
            let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap()
        };
        Self {
            now,
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            rsa: RsaKeyPair::from_pkcs8(&STANDARD.decode(rsa).unwrap()).unwrap(),
            p256: ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            p384: ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            ed: ed(),
            ed_second: ed(),
            stranger: ed(),
            random,
        }
    }

    /// Sets the issuer and the audience of the tokens.
    pub(crate) fn named(self, issuer: &str, audience: &str) -> Self {
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), ..self }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the keys of the issuer as a JWK set.
    pub(crate) fn key_set(&self) -> String {
        let ed = |id: &str, key: &Ed25519KeyPair| json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": encode(key.public_key()) });
        let ec = |id: &str, curve: &str, key: &EcdsaKeyPair| {
            let point = &key.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            json!({ "kty": "EC", "crv": curve, "kid": id, "use": "sig", "x": encode(x), "y": encode(y) })
        };
        let modulus = encode(self.modulus());
        let rsa = json!({ "kty": "RSA", "kid": "rsa", "use": "sig", "n": modulus, "e": "AQAB" });
        let keys = [
            rsa,
            ec("p256", "P-256", &self.p256),
            ec("p384", "P-384", &self.p384),
            ed("ed", &self.ed),
            ed("ed-2", &self.ed_second),
        ];
        json!({ "keys": keys }).to_string()
    }

    /// Returns the modulus of the RSA key, which is public.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        let components: signature::RsaPublicKeyComponents<Vec<u8>> = self.rsa.public_key().into();
        components.n
    }

    /// Returns the public key of the stranger.
    pub(crate) fn stranger_key(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": encode(self.stranger.public_key()) })
    }

    pub(crate) fn header(signer: Signer) -> Value {
        json!({ "alg": signer.algorithm(), "typ": "at+jwt", "kid": signer.key_id() })
    }

    /// Returns the claims of a valid token with changes. A `null` in `changes` removes a claim.
    pub(crate) fn claims(&self, changes: &Value) -> Value {
        let now = self.now;
        let mut claims = json!({
            "iss": self.issuer, "sub": "reader", "aud": self.audience, "client_id": "reading-room",
            "exp": now + 300, "nbf": now, "iat": now, "jti": "1", "scope": "books.read books.write",
        });
        change(claims.as_object_mut().unwrap(), changes);
        claims
    }

    /// Returns a token with changed claims.
    pub(crate) fn token(&self, signer: Signer, changes: &Value) -> String {
        self.sign(signer, &Self::header(signer).to_string(), &self.claims(changes).to_string())
    }

    /// Returns a token with a changed header.
    pub(crate) fn with_header(&self, signer: Signer, changes: &Value) -> String {
        let mut header = Self::header(signer);
        change(header.as_object_mut().unwrap(), changes);
        self.sign(signer, &header.to_string(), &self.claims(&json!({})).to_string())
    }

    /// Signs a header and claims, even if they are malformed.
    pub(crate) fn sign(&self, signer: Signer, header: &str, claims: &str) -> String {
        self.sign_encoded(signer, &encode(header), &encode(claims))
    }

    pub(crate) fn sign_encoded(&self, signer: Signer, header: &str, claims: &str) -> String {
        let message = format!("{header}.{claims}");
        let signature = self.signature(signer, message.as_bytes());
        format!("{message}.{}", encode(signature))
    }

    pub(crate) fn signature(&self, signer: Signer, message: &[u8]) -> Vec<u8> {
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public().modulus_len()];
            self.rsa.sign(encoding, &self.random, message, &mut signature).unwrap();
            signature
        };
        let ec = |key: &EcdsaKeyPair| key.sign(&self.random, message).unwrap().as_ref().to_vec();
        match signer {
            Signer::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            Signer::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            Signer::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            Signer::Ps256 => rsa(&signature::RSA_PSS_SHA256),
            Signer::Ps384 => rsa(&signature::RSA_PSS_SHA384),
            Signer::Ps512 => rsa(&signature::RSA_PSS_SHA512),
            Signer::Es256 => ec(&self.p256),
            Signer::Es384 => ec(&self.p384),
            Signer::Ed25519 => self.ed.sign(message).as_ref().to_vec(),
            Signer::Ed25519Second => self.ed_second.sign(message).as_ref().to_vec(),
            Signer::Stranger => self.stranger.sign(message).as_ref().to_vec(),
        }
    }
}

fn change(object: &mut Map<String, Value>, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => _ = object.remove(name),
            value => _ = object.insert(name.clone(), value.clone()),
        }
    }
}
