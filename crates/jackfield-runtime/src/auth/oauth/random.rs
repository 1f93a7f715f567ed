//! Random values that cannot be guessed: the `state` parameter and the code verifiers of RFC 7636.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

use crate::common::random::{NoRandomBytes, random_bytes};
use crate::common::secret::Secret;

/// Returns 256 random bits as 43 characters that need no encoding in a URL.
///
/// # Errors
/// Returns an error if the system has no random bytes.
pub(crate) fn random_text() -> Result<Secret, NoRandomBytes> {
    let bytes = random_bytes::<32>()?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
}

/// Returns the `S256` challenge of a verifier.
pub(crate) fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.expose().as_bytes()))
}

/// Compares two strings in constant time.
pub(crate) fn constant_time_eq(known: &Secret, given: &str) -> bool {
    known.expose().as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pkce_challenge_matches_rfc_example() {
        // RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn random_values_of_logins_differ() {
        let (one, other) = (random_text().unwrap(), random_text().unwrap());
        assert_eq!(one.expose().len(), 43);
        assert!(
            constant_time_eq(&one, one.expose())
                && !constant_time_eq(&one, other.expose())
                && !constant_time_eq(&one, "")
        );
    }
}
