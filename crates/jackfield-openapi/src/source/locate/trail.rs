//! Matches pointers with the keys and items that a scanner reports.

use std::ops::Range;

use jackfield_model::Pointer;

use super::scalar::decode;

/// The byte range of a node or of its key.
pub(super) type Span = Range<usize>;

/// A key or an item that the scanner reports.
pub(super) enum Step<'a> {
    /// A key in the spelling of the text.
    Key(&'a [u8]),
    /// The index of an item.
    Item(usize),
    /// A key that no pointer can match: an alias, a list or a mapping.
    Nameless,
}

/// The pointers, each with its longest match so far.
pub(super) struct Trails {
    trails: Vec<Trail>,
    /// The maximum `on_path` of all trails. Deeper keys and items cannot match.
    on_path: usize,
}

struct Trail {
    tokens: Vec<String>,
    /// The number of tokens that match the path of the scanner.
    on_path: usize,
    /// The length of the longest matching prefix, and the prefix's position.
    found: Option<(usize, Span)>,
}

impl Trails {
    pub(super) fn new(pointers: &[&Pointer]) -> Self {
        let trail =
            |pointer: &&Pointer| Trail { tokens: pointer.tokens().collect(), on_path: 0, found: None };
        Self { trails: pointers.iter().map(trail).collect(), on_path: 0 }
    }

    /// Reports the root.
    pub(super) fn begin(&mut self, span: Span) {
        for trail in &mut self.trails {
            trail.found.get_or_insert((0, span.clone()));
        }
    }

    /// Reports a key or item whose collection is nested in `depth` other collections.
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

    /// Whether no later key or item at `depth` can extend a match. False without pointers, because the scan then goes to the end of the
    /// text.
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
        // The later of two equal keys is located, because the tree contains its value.
        if self.found.as_ref().is_none_or(|(length, _)| *length <= self.on_path) {
            self.found = Some((self.on_path, span.clone()));
        }
    }

    fn is_over(&self, depth: usize) -> bool {
        self.found.as_ref().is_some_and(|(length, _)| *length == self.tokens.len() && depth < *length)
    }
}
