//! A pointer followed through a text, as the scanner comes by its keys and items.

use super::{Span, flow};

/// How far a pointer has been found.
pub(super) struct Trail<'a> {
    tokens: &'a [String],
    /// Tokens that lead to the node the scanner is in.
    on_path: usize,
    /// The longest part of the pointer that was found, and where.
    found: Option<(usize, Span)>,
}

/// A key or an item, as the scanner meets it.
pub(super) enum Step<'a> {
    /// A key, as it is written.
    Key(&'a [u8]),
    /// The place of an item in its list.
    Item(usize),
    /// A key that no pointer names: an alias, a list, a mapping.
    Nameless,
}

impl<'a> Trail<'a> {
    pub(super) fn new(tokens: &'a [String]) -> Self {
        Self { tokens, on_path: 0, found: None }
    }

    /// Notes where the root begins.
    pub(super) fn begin(&mut self, span: Span) {
        if self.found.is_none() {
            self.found = Some((0, span));
        }
    }

    /// Notes a key or an item that stands in `depth` lists and mappings besides its own.
    pub(super) fn pass(&mut self, depth: usize, step: &Step<'_>, span: Span) {
        if depth > self.on_path {
            return;
        }
        self.on_path = depth;
        let Some(token) = self.tokens.get(depth) else { return };
        let is_next = match step {
            Step::Key(written) => flow::decode(written) == *token,
            Step::Item(index) => token.parse() == Ok(*index),
            Step::Nameless => false,
        };
        if !is_next {
            return;
        }
        self.on_path = depth + 1;
        // Of two equal keys the later counts, as it does in the tree.
        if self.found.as_ref().is_none_or(|(length, _)| *length <= depth + 1) {
            self.found = Some((depth + 1, span));
        }
    }

    /// Whether nothing that follows at `depth` can be a better find.
    pub(super) fn is_over(&self, depth: usize) -> bool {
        self.found.as_ref().is_some_and(|(length, _)| *length == self.tokens.len() && depth + 1 < *length)
    }

    pub(super) fn end(self) -> Option<Span> {
        self.found.map(|(_, span)| span)
    }
}
