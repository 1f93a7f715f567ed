//! The result of a comparison.

use crate::{Change, Class};

/// A number before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The number before.
    pub before: usize,
    /// The number after.
    pub after: usize,
}

/// The result of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The changes, the worst class first.
    pub changes: Vec<Change>,
    /// The number of tools.
    pub tools: Counted,
    /// The number of tokens in the list of all tools. None if it is unknown.
    pub tokens: Option<Counted>,
    /// The reasons why the comparison may be incomplete.
    pub limits: Vec<String>,
}

impl Report {
    /// Returns the worst class.
    pub fn class(&self) -> Class {
        self.changes.iter().map(|change| change.class).max().unwrap_or_default()
    }

    /// Returns the changes of a class.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.class == class)
    }

    /// Returns the number of changes of each class that has changes, such as `1 security, 3 wording`.
    pub fn counts(&self) -> String {
        let counts = Class::CHANGES.into_iter().filter_map(|class| match self.of(class).count() {
            0 => None,
            count => Some(format!("{count} {class}")),
        });
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() { "no differences".to_owned() } else { counts.join(", ") }
    }

    /// Returns the text about the sizes, such as `tools 12 → 13, tokens of their list 3021 → 3110 (+89)`.
    pub fn sizes(&self) -> String {
        let Counted { before, after } = self.tools;
        let mut text = format!("tools {before} → {after}");
        if let Some(Counted { before, after }) = self.tokens {
            text.push_str(&format!(", tokens of their list {before} → {after}"));
            if before != after {
                text.push_str(&format!(" ({:+})", after as i128 - before as i128));
            }
        }
        text
    }
}
