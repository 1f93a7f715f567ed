//! Named tokens, for programs that cannot log in. A named token is `jft_` and 256 random bits.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::token_digest::TokenDigest;
use crate::auth::random_text;
use crate::common::random::NoRandomBytes;
use crate::common::secret::Secret;

/// The prefix of named tokens. Secret scanners for source code and logs recognise tokens by it.
const PREFIX: &str = "jft_";

/// The number of characters after the prefix.
const CHARACTERS: usize = 43;

/// A store of named tokens.
pub(crate) trait NamedTokens: Send + Sync {
    /// Returns the token with this digest from the cache, unless it was revoked. The token may have expired.
    fn recall(&self, _: &TokenDigest) -> Option<FoundToken> {
        None
    }

    /// Returns the token with this SHA-256 digest, unless it was revoked. The duration of a lookup may reveal a
    /// part of a digest, but tokens are random, so a digest does not help to guess a token.
    fn find(&self, digest: TokenDigest) -> Finding<'_>;
}

/// A future that looks up a token.
pub(crate) type Finding<'a> =
    Pin<Box<dyn Future<Output = Result<Option<FoundToken>, TokensUnavailable>> + Send + 'a>>;

/// The error for a store of tokens that cannot be read. The text states the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokensUnavailable(pub(crate) String);

impl fmt::Display for TokensUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TokensUnavailable {}

/// A token in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundToken {
    pub(crate) name: TokenName,
    pub(crate) scopes: Vec<String>,
    /// The time from which the token is no longer accepted, in seconds since 1970.
    pub(crate) expires: u64,
}

/// Generates a new token.
///
/// # Errors
/// Returns an error if the system has no random bytes.
pub(crate) fn new_token() -> Result<Secret, NoRandomBytes> {
    Ok(Secret::new(format!("{PREFIX}{}", random_text()?.expose())))
}

/// Whether `text` has the form of a named token. Only text of this form is looked up.
pub(crate) fn is_named_token(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() == CHARACTERS
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

/// The name of a token. It has up to 64 characters: lower-case letters, digits, `.`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TokenName(String);

impl TokenName {
    /// Parses a name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        (begins_well && text.len() <= 64 && text.bytes().all(is_allowed)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
