//! Calls that were not approved.

use std::fmt;

/// Why a call was not approved, as part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotApproved(String);

impl NotApproved {
    /// Creates a refusal with this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for NotApproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotApproved {}
