//! A text that must not be seen.

use zeroize::{Zeroize as _, Zeroizing};

/// A secret text. It has no `Debug` and no `Display`, and its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text into custody. Copies that were made before are not known here.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret in another encoding.
    #[must_use]
    pub fn map(&self, encode: impl FnOnce(&str) -> String) -> Self {
        Self::new(encode(&self.0))
    }

    /// The secret of these bytes, unless they are no text.
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
