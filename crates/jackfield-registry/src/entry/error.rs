//! The error of a malformed entry.

use std::fmt;

/// The reason why an entry is malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryError {
    /// The name and version of the entry, as far as they are known.
    pub entry: String,
    /// The place within the entry, such as `packages/0/identifier`.
    pub place: String,
    /// The problem.
    pub problem: String,
}

impl EntryError {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { entry: String::new(), place: place.into(), problem: problem.into() }
    }

    /// Names the entry.
    pub(crate) fn of(self, entry: impl Into<String>) -> Self {
        Self { entry: entry.into(), ..self }
    }
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, place, problem } = self;
        if !entry.is_empty() {
            write!(f, "{entry}: ")?;
        }
        f.write_str(problem)?;
        if place.is_empty() { Ok(()) } else { write!(f, " (at {place})") }
    }
}

impl std::error::Error for EntryError {}
