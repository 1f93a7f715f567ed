//! The claims of an access token (RFC 7519, RFC 9068).

use jackfield_recipe::is_invisible;
use serde_json::{Map, Value};

use super::refusal::TokenRefusal;
use super::strict_json::parse_object;

/// The maximum difference between the clocks of the issuer and of this machine, in seconds.
pub(super) const MAX_SKEW: u64 = 60;

/// The latest accepted time: the end of the year 9999. A later time is a mistake of the issuer, or an attempt to
/// cause an overflow.
const LATEST: f64 = 253_402_300_799.0;

/// The maximum length of a subject in bytes, as in OpenID Connect.
const MAX_SUBJECT_BYTES: usize = 255;

/// The maximum number of audiences and of scopes of a token.
const MAX_ENTRIES: usize = 256;

/// The claims of a token that this server accepts.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) scopes: Vec<String>,
    /// The claims to which the rules of rights can refer, as pairs of name and value.
    pub(super) others: Vec<(String, String)>,
    /// The time from which the token is no longer accepted: its expiry plus the allowed difference of clocks.
    pub(super) end: u64,
}

impl Claims {
    /// Checks the claims of a token whose signature was verified.
    ///
    /// # Errors
    /// Returns an error if the claims are malformed, if the token is for another server, or if it is not valid at
    /// the time `now`.
    pub(super) fn check(claims: &[u8], issuer: &str, audience: &str, now: u64) -> Result<Self, TokenRefusal> {
        let claims = parse_object(claims).ok_or(TokenRefusal::Claims)?;
        if text(&claims, "iss")? != Some(issuer) {
            return Err(TokenRefusal::Issuer);
        }
        if !names_audience(&claims, audience)? {
            return Err(TokenRefusal::Audience);
        }
        let expires = time(&claims, "exp")?.ok_or(TokenRefusal::Claims)?;
        let end = expires + MAX_SKEW;
        if end <= now {
            return Err(TokenRefusal::Expired);
        }
        for name in ["nbf", "iat"] {
            if time(&claims, name)?.is_some_and(|begin| begin > now + MAX_SKEW) {
                return Err(TokenRefusal::NotYetValid);
            }
        }
        // A token that is bound to a key needs a proof of possession of that key (RFC 8705, RFC 9449), which
        // this server does not check.
        if claims.contains_key("cnf") {
            return Err(TokenRefusal::Bound);
        }
        let subject = text(&claims, "sub")?.filter(|subject| is_subject(subject));
        let subject = subject.ok_or(TokenRefusal::Subject)?.to_owned();
        Ok(Self { subject, scopes: scopes(&claims)?, others: others(&claims), end })
    }
}

/// The claims to which rights cannot refer, because they differ between the tokens of one client or are checked
/// elsewhere.
const CLAIMS_OF_ONE_TOKEN: [&str; 14] = [
    "acr",
    "at_hash",
    "aud",
    "auth_time",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "scope",
    "scp",
    "sid",
    "sub",
];

/// The maximum length in bytes of the name and of the value of a claim to which rights can refer.
const MAX_CLAIM_BYTES: usize = 256;

/// Returns the claims to which rights can refer, as pairs of name and value. Each element of an array becomes a
/// pair. Objects and long strings are left out.
fn others(claims: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) if text.len() <= MAX_CLAIM_BYTES => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is_true) => Some(is_true.to_string()),
        _ => None,
    };
    let named = claims
        .iter()
        .filter(|(name, _)| name.len() <= MAX_CLAIM_BYTES && !CLAIMS_OF_ONE_TOKEN.contains(&name.as_str()));
    let pairs = named.flat_map(|(name, value)| {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        items.iter().filter_map(text).map(|text| (name.clone(), text)).collect::<Vec<_>>()
    });
    let mut pairs: Vec<(String, String)> = pairs.take(MAX_ENTRIES).collect();
    pairs.sort();
    pairs
}

/// Returns the string in the member `name`, if present. Any other type is an error.
fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, TokenRefusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenRefusal::Claims),
    }
}

/// Returns the time in the member `name`, in seconds since 1970. A fraction is dropped.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<u64>, TokenRefusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| (0.0..=LATEST).contains(seconds));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range of the number is checked first"
    )]
    let seconds = seconds.map(|seconds| seconds as u64);
    seconds.map(Some).ok_or(TokenRefusal::Claims)
}

fn names_audience(claims: &Map<String, Value>, audience: &str) -> Result<bool, TokenRefusal> {
    match claims.get("aud") {
        None => Ok(false),
        Some(Value::String(one)) => Ok(one == audience),
        Some(list) => Ok(strings(list)?.contains(&audience)),
    }
}

/// Returns the scopes in `scope` (RFC 8693), or else in `scp`, which some servers send as an array.
fn scopes(claims: &Map<String, Value>) -> Result<Vec<String>, TokenRefusal> {
    let scopes: Vec<&str> = match claims.get("scope").or_else(|| claims.get("scp")) {
        None => Vec::new(),
        Some(Value::String(text)) => text.split(' ').filter(|scope| !scope.is_empty()).collect(),
        Some(list) => strings(list)?,
    };
    let are_valid = scopes.len() <= MAX_ENTRIES && scopes.iter().all(|scope| is_scope(scope));
    if are_valid { Ok(scopes.into_iter().map(str::to_owned).collect()) } else { Err(TokenRefusal::Claims) }
}

fn strings(value: &Value) -> Result<Vec<&str>, TokenRefusal> {
    let list = value.as_array().filter(|list| list.len() <= MAX_ENTRIES).ok_or(TokenRefusal::Claims)?;
    list.iter().map(|it| it.as_str().ok_or(TokenRefusal::Claims)).collect()
}

/// Whether a string is a valid scope by RFC 6749. Such a scope can be a part of a header.
pub(crate) fn is_scope(text: &str) -> bool {
    let is_allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// Whether a subject can be shown in lists, records and messages.
fn is_subject(text: &str) -> bool {
    // Some scripts need the invisible joiners, but with them two different subjects could look the same.
    let is_refused = |c: char| is_invisible(c) || matches!(c, '\u{200c}' | '\u{200d}');
    !text.is_empty() && text.len() <= MAX_SUBJECT_BYTES && !text.chars().any(is_refused)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_that_change_with_each_token_cannot_be_used_in_rights() {
        let claims = json!({
            "iss": "https://id.example.com", "sub": "ada", "jti": "1", "exp": 9, "scope": "a",
            "client_id": "ci", "groups": ["staff", "admins"], "level": 3, "is_robot": true,
            "nested": { "a": 1 }, "long": "x".repeat(300), "mixed": [{ "a": 1 }, "b"],
        });
        let found = others(claims.as_object().unwrap());
        let found: Vec<String> = found.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let expected =
            ["client_id=ci", "groups=admins", "groups=staff", "is_robot=true", "level=3", "mixed=b"];
        assert_eq!(found, expected);
    }
}
