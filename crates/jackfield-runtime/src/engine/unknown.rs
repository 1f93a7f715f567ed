//! Names that no source has.

use std::fmt;

/// The most characters of an unknown name that a message repeats. No tool has a longer name.
const LONGEST_NAME: usize = 64;

/// A tool, resource or prompt that no source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    name: String,
    pub(super) near: Option<String>,
}

impl UnknownName {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.chars().take(LONGEST_NAME).collect(), near: None }
    }

    /// Adds the name that was probably meant.
    pub(crate) fn with_near(mut self, near: Option<&str>) -> Self {
        self.near = near.map(str::to_owned);
        self
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no tool `{}`", self.name)?;
        self.near.as_ref().map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

impl std::error::Error for UnknownName {}
