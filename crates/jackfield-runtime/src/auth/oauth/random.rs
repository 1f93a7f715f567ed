//! What nobody can guess: states, and the proofs of RFC 7636.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

use crate::common::random::{NoRandomBytes, random_bytes};
use crate::common::secret::Secret;

/// 256 bits from the machine, as 43 characters that travel as they are.
///
/// # Errors
/// The machine has none to give.
pub(crate) fn unguessable() -> Result<Secret, NoRandomBytes> {
    let bytes = random_bytes::<32>()?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
}

/// What is shown of a proof before the proof is: `S256`.
pub(crate) fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.expose().as_bytes()))
}

/// Whether two texts are the same, without a word in the time it takes of where they differ.
pub(crate) fn same(known: &Secret, given: &str) -> bool {
    known.expose().as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_are_the_same() {
        let (one, other) = (unguessable().unwrap(), unguessable().unwrap());
        assert_eq!(one.expose().len(), 43);
        assert!(same(&one, one.expose()) && !same(&one, other.expose()) && !same(&one, ""));
    }
}
