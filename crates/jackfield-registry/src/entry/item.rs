//! An entry together with the text from which it was parsed.

use serde_json::Value;

use super::error::EntryError;
use super::server::Entry;

/// The maximum number of bytes of an item.
pub(crate) const LONGEST_ITEM: usize = 256 * 1024;

/// An entry together with the text from which it was parsed, which is what a copy stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedItem {
    /// The entry.
    pub entry: Entry,
    /// The item as JSON.
    pub text: String,
}

impl PublishedItem {
    /// Parses the text of an item.
    ///
    /// # Errors
    /// Returns an error if the text is too long, is not JSON, or is not an entry.
    pub fn parse(text: &[u8]) -> Result<Self, EntryError> {
        if text.len() > LONGEST_ITEM {
            return Err(too_long());
        }
        let not_json =
            |problem: &dyn std::fmt::Display| EntryError::new("", format!("it is not JSON: {problem}"));
        let value: Value = serde_json::from_slice(text).map_err(|error| not_json(&error))?;
        let entry = Entry::parse(&value)?;
        let text = std::str::from_utf8(text).map_err(|error| not_json(&error))?;
        Ok(Self { entry, text: text.to_owned() })
    }
}

pub(crate) fn too_long() -> EntryError {
    EntryError::new("", format!("it is longer than {} KB", LONGEST_ITEM / 1024))
}
