//! Tables whose keys select tools.

use std::collections::BTreeMap;

use jackfield_surface::{Rules, Selector};
use toml::Spanned;

use super::refusal::{Refusal, Span};

/// The rules of a table, with the position of each key.
#[derive(Clone, Debug)]
pub(crate) struct RuleTable<T> {
    pub(crate) rules: Rules<T>,
    pub(crate) spans: Vec<Span>,
}

impl<T> Default for RuleTable<T> {
    fn default() -> Self {
        Self { rules: Vec::new(), spans: Vec::new() }
    }
}

impl<T> RuleTable<T> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns the rules with the text and the position of each key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Span, &T)> {
        self.rules.iter().zip(&self.spans).map(|((selector, value), span)| (selector.as_str(), span, value))
    }

    pub(crate) fn selectors(&self) -> impl Iterator<Item = &Selector> {
        self.rules.iter().map(|(selector, _)| selector)
    }

    /// Adds a rule.
    pub(super) fn add(&mut self, key: &str, span: Span, value: T) -> Result<(), Refusal> {
        self.rules.push((selector(key, &span)?, value));
        self.spans.push(span);
        Ok(())
    }
}

/// Parses the keys of a table, and its values with `convert`.
pub(super) fn parse<W, T>(
    written: BTreeMap<Spanned<String>, W>,
    mut convert: impl FnMut(&Span, W) -> Result<T, Refusal>,
) -> Result<RuleTable<T>, Refusal> {
    let mut table = RuleTable::default();
    for (key, value) in written {
        let (span, key) = (key.span(), key.into_inner());
        let value = convert(&span, value)?;
        table.add(&key, span, value)?;
    }
    Ok(table)
}

/// Parses a selector.
pub(super) fn selector(text: &str, span: &Span) -> Result<Selector, Refusal> {
    Selector::parse(text).map_err(|problem| {
        let help = "write a tool, an operationId, `GET /path`, `tag:name` or `effect:read`; `*` matches any text, and \
                    `!` before a selector selects everything else";
        Refusal::new(span.clone(), problem, help)
    })
}
