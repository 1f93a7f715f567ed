//! Patterns that choose names: `list_*`, and `!list_secrets` for exceptions.

use jackfield_recipe::fits_glob;

/// Chooses names that fit one of its patterns, and no exception. Without patterns, exceptions apply to every name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Patterns {
    /// Each pattern with its byte offset in the file.
    pub(super) chosen: Vec<(String, usize)>,
    /// The patterns that were written with `!`, without it.
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

    /// Whether one of the patterns is this text, without wildcards taking effect.
    pub(super) fn names(&self, name: &str) -> bool {
        self.chosen.iter().any(|(pattern, _)| pattern == name || pattern == "*")
            && !self.excepted.iter().any(|(pattern, _)| fits_glob(pattern, name))
    }

    /// Every pattern with its offset.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, usize)> {
        self.chosen.iter().chain(&self.excepted).map(|(pattern, offset)| (pattern.as_str(), *offset))
    }
}
