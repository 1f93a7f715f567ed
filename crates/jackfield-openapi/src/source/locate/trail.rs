//! Pointers followed through a text, as a scanner comes by its keys and items.

use std::ops::Range;

use jackfield_model::Pointer;

use super::scalar::decode;

/// The bytes of a node, or of its key.
pub(super) type Span = Range<usize>;

/// A key or an item, as the scanner meets it.
pub(super) enum Step<'a> {
    /// A key, as it is written.
    Key(&'a [u8]),
    /// The place of an item in its list.
    Item(usize),
    /// A key that no pointer names: an alias, a list, a mapping.
    Nameless,
}

/// The pointers, and how far each has been found.
pub(super) struct Trails {
    trails: Vec<Trail>,
    /// The most tokens that lead any of them to the node the scanner is in: whatever is deeper concerns none.
    on_path: usize,
}

struct Trail {
    tokens: Vec<String>,
    /// Tokens that lead to the node the scanner is in.
    on_path: usize,
    /// The longest part of the pointer that was found, and where.
    found: Option<(usize, Span)>,
}

impl Trails {
    pub(super) fn new(pointers: &[&Pointer]) -> Self {
        let trail =
            |pointer: &&Pointer| Trail { tokens: pointer.tokens().collect(), on_path: 0, found: None };
        Self { trails: pointers.iter().map(trail).collect(), on_path: 0 }
    }

    /// Notes where the root begins.
    pub(super) fn begin(&mut self, span: Span) {
        for trail in &mut self.trails {
            trail.found.get_or_insert((0, span.clone()));
        }
    }

    /// Notes a key or an item that stands in `depth` lists and mappings besides its own.
    pub(super) fn pass(&mut self, depth: usize, step: &Step<'_>, span: Span) {
        if depth > self.on_path {
            return;
        }
        let key = if let Step::Key(written) = step { decode(written) } else { String::new() };
        self.on_path = 0;
        for trail in &mut self.trails {
            trail.pass(depth, step, &key, &span);
            self.on_path = self.on_path.max(trail.on_path);
        }
    }

    /// Whether nothing that follows in `depth` lists and mappings can be a better find for any; without pointers, a scan is
    /// meant to reach the end.
    pub(super) fn are_over(&self, depth: usize) -> bool {
        !self.trails.is_empty() && self.trails.iter().all(|trail| trail.is_over(depth))
    }

    pub(super) fn ends(self) -> impl Iterator<Item = Option<Span>> {
        self.trails.into_iter().map(|trail| trail.found.map(|(_, span)| span))
    }
}

impl Trail {
    fn pass(&mut self, depth: usize, step: &Step<'_>, key: &str, span: &Span) {
        if depth > self.on_path {
            return;
        }
        self.on_path = depth;
        let Some(token) = self.tokens.get(depth) else { return };
        let is_next = match step {
            Step::Key(_) => key == token,
            Step::Item(index) => token.parse() == Ok(*index),
            Step::Nameless => false,
        };
        if !is_next {
            return;
        }
        self.on_path = depth + 1;
        // Of two equal keys the later counts, as it does in the tree.
        if self.found.as_ref().is_none_or(|(length, _)| *length <= self.on_path) {
            self.found = Some((self.on_path, span.clone()));
        }
    }

    fn is_over(&self, depth: usize) -> bool {
        self.found.as_ref().is_some_and(|(length, _)| *length == self.tokens.len() && depth < *length)
    }
}
