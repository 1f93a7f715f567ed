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
    /// The changes, the worst first.
    pub changes: Vec<Change>,
    /// The numbers of tools.
    pub tools: Counted,
    /// The tokens of the lists of all tools. None if they are unknown.
    pub tokens: Option<Counted>,
    /// Why the comparison may be incomplete, in plain words.
    pub limits: Vec<String>,
}

impl Report {
    /// The worst class.
    pub fn class(&self) -> Class {
        self.changes.iter().map(|change| change.class).max().unwrap_or_default()
    }

    /// The changes of a class.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.class == class)
    }

    /// The number of changes of each class that has any, such as `1 security, 3 wording`.
    pub fn counts(&self) -> String {
        let counts = Class::CHANGES.into_iter().filter_map(|class| match self.of(class).count() {
            0 => None,
            count => Some(format!("{count} {class}")),
        });
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() { "no differences".to_owned() } else { counts.join(", ") }
    }

    /// The lines about the sizes, such as `tools 12 → 13, tokens of their list 3021 → 3110 (+89)`.
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
