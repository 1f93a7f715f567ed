//! A string that must not be displayed.

use zeroize::{Zeroize as _, Zeroizing};

/// A secret string. It has neither `Debug` nor `Display`, and its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the string. Earlier copies of the string are not overwritten.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the secret string.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the secret in another encoding.
    #[must_use]
    pub fn map(&self, encode: impl FnOnce(&str) -> String) -> Self {
        Self::new(encode(&self.0))
    }

    /// Converts bytes to a secret. `None` if the bytes are not UTF-8.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        match String::from_utf8(bytes) {
            Ok(text) => Some(Self::new(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                None
            }
        }
    }
}
