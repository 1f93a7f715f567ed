//! The reason why a filter cannot be compiled, or has no output.

use std::fmt;

/// The reason why a filter cannot be compiled, or has no output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JqError(String);

impl JqError {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for JqError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JqError {}
