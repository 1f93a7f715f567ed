//! The limits of a cache.

use crate::common::environment::{Environment, InvalidNumber, Setting};

/// The default maximum number of bytes of all replies.
const BYTES: usize = 16 * 1024 * 1024;

/// The maximum value of `<CONNECTOR>_CACHE`.
const MOST_BYTES: usize = 1024 * 1024 * 1024;

/// The maximum number of replies.
const REPLIES: usize = 1000;

/// One reply may take at most one eighth of all bytes.
const PART_OF_ONE: usize = 8;

/// The limits of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CacheLimits {
    pub(super) bytes: usize,
    pub(super) replies: usize,
}

impl CacheLimits {
    /// Reads the limits from `<CONNECTOR>_CACHE`, which is a number of bytes or `off`. Returns `None` for `off`.
    ///
    /// # Errors
    /// Returns an error if the variable has another value.
    pub(super) fn of(connector: &str, environment: &Environment) -> Result<Option<Self>, InvalidNumber> {
        let variable = Setting::Cache.variable(connector);
        if environment.get(&variable).is_some_and(|text| text.trim().eq_ignore_ascii_case("off")) {
            return Ok(None);
        }
        let bytes = environment.number(&variable, BYTES, MOST_BYTES)?;
        Ok(Some(Self { bytes, replies: REPLIES }))
    }

    /// Returns the maximum number of bytes of one reply.
    pub(super) const fn bytes_of_one(self) -> usize {
        self.bytes / PART_OF_ONE
    }
}
