//! Patterns that select names, such as `list_*`, and exceptions such as `!list_secrets`.

use std::borrow::Cow;

use jackfield_recipe::{fits_glob, percent_decode_lenient};

/// Selects the names that match a pattern and no exception. If there are no patterns, every name without an exception is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Patterns {
    /// Each pattern with its byte offset in the file.
    pub(super) chosen: Vec<(String, usize)>,
    /// The exceptions, which were written with `!`. The `!` is removed.
    pub(super) excepted: Vec<(String, usize)>,
}

impl Patterns {
    pub(super) fn of(written: impl IntoIterator<Item = (String, usize)>) -> Self {
        let mut patterns = Self::default();
        for (text, offset) in written {
            match text.strip_prefix('!') {
                Some(rest) => patterns.excepted.push((rest.trim().to_owned(), offset)),
                None => patterns.chosen.push((text, offset)),
            }
        }
        patterns
    }

    pub(super) fn fits(&self, name: &str) -> bool {
        let any = |patterns: &[(String, usize)]| patterns.iter().any(|(pattern, _)| fits_glob(pattern, name));
        (self.chosen.is_empty() || any(&self.chosen)) && !any(&self.excepted)
    }

    /// Whether the patterns select a URI. `%73ecret` and `secret` address the same resource, so a pattern is
    /// compared with the encoded and the decoded spelling, and an exception applies if either matches. A URI
    /// that does not decode to UTF-8 is not selected. A URI with dot segments could leave the folder that a
    /// wildcard stands for, so only an exact pattern or `*` selects it.
    pub(super) fn fits_uri(&self, uri: &str) -> bool {
        let Some(decoded) = decoded(uri) else { return false };
        let climbs = climbs(&decoded);
        let is_chosen = |pattern: &str| match climbs {
            true => pattern == uri || (pattern == "*" && self.excepted.is_empty()),
            false => fits_glob(pattern, uri) || fits_glob(pattern, &decoded),
        };
        let is_excepted = |pattern: &str| {
            fits_glob(pattern, uri)
                || fits_glob(pattern, &decoded)
                || self::decoded(pattern).is_some_and(|pattern| fits_glob(&pattern, &decoded))
        };
        (self.chosen.is_empty() && !climbs || self.chosen.iter().any(|(pattern, _)| is_chosen(pattern)))
            && !self.excepted.iter().any(|(pattern, _)| is_excepted(pattern))
    }

    /// Returns every pattern with its byte offset in the file.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, usize)> {
        self.chosen.iter().chain(&self.excepted).map(|(pattern, offset)| (pattern.as_str(), *offset))
    }
}

/// Returns the percent-decoded text. `None` if it is not UTF-8.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    String::from_utf8(percent_decode_lenient(text)).ok().map(Cow::Owned)
}

/// Whether a decoded URI has a dot segment.
fn climbs(decoded: &str) -> bool {
    decoded.split(['/', '\\', '?', '#']).any(|segment| segment == "." || segment == "..")
}
