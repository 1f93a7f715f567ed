//! Compiles patterns with the crate `regress`.

use regress::{Flags, Regex};

/// Compiles a pattern. `None` if it is invalid.
pub(super) fn compile(pattern: &str, unicode: bool) -> Option<Regex> {
    let flags = Flags { unicode, no_opt: true, ..Flags::default() };
    Regex::from_unicode(pattern.chars().map(u32::from), flags).ok()
}
