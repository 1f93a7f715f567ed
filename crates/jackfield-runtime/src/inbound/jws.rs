//! Parses signed tokens (RFC 7515, compact serialization).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::refusal::TokenRefusal;
use super::strict_json::parse_object;

/// The maximum length of a token.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The maximum length of a key id.
const MAX_KEY_ID_BYTES: usize = 256;

/// Header members that change the parsing of a token, or that contain the key for verifying the token.
const REFUSED_MEMBERS: [&str; 10] = ["crit", "b64", "jku", "jwk", "x5u", "x5c", "cty", "enc", "zip", "epk"];

/// A parsed token that is not yet verified.
pub(super) struct UnverifiedToken<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    /// The bytes that the signature covers.
    pub(super) signed: &'a [u8],
    pub(super) signature: Vec<u8>,
    /// The claims. Their JSON is parsed only after the signature was verified.
    pub(super) claims: Vec<u8>,
}

impl<'a> UnverifiedToken<'a> {
    /// Parses a token.
    ///
    /// # Errors
    /// Returns an error if the token's form, header or algorithm is refused.
    pub(super) fn parse(token: &'a str) -> Result<Self, TokenRefusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefusal::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenRefusal::Form);
        };
        let signed = &token.as_bytes()[..header.len() + 1 + claims.len()];
        // The decoder refuses padding, other alphabets, and nonzero trailing bits in the last character.
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRefusal::Form);
        let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
        let header = parse_object(&header).ok_or(TokenRefusal::Header)?;
        let (algorithm, key_id) = read_header(&header)?;
        Ok(Self { algorithm, key_id, signed, signature, claims })
    }
}

fn read_header(header: &Map<String, Value>) -> Result<(Algorithm, Option<String>), TokenRefusal> {
    if REFUSED_MEMBERS.iter().any(|name| header.contains_key(*name)) {
        return Err(TokenRefusal::HeaderMember);
    }
    match header.get("typ") {
        // RFC 7515 allows issuers to omit `typ`, and several do.
        None => {}
        Some(Value::String(kind)) if is_access_token(kind) => {}
        Some(_) => return Err(TokenRefusal::Type),
    }
    let algorithm = header.get("alg").and_then(Value::as_str).ok_or(TokenRefusal::Header)?;
    let algorithm = Algorithm::parse(algorithm).ok_or(TokenRefusal::Algorithm)?;
    let key_id = match header.get("kid") {
        None => None,
        Some(Value::String(id)) if id.len() <= MAX_KEY_ID_BYTES => Some(id.clone()),
        Some(_) => return Err(TokenRefusal::Header),
    };
    Ok((algorithm, key_id))
}

/// Whether `typ` may be the type of an access token: `at+jwt` (RFC 9068), or `JWT`, which older servers use.
fn is_access_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "at+jwt" | "jwt")
}
