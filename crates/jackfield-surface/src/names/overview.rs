//! Properties of the whole document on which names depend.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Operation;

use super::route::{Segment, segments};
use super::snake::snake;
use super::split::SplitOperation;

/// The minimum number of operations. In smaller documents, words are common by chance.
const FEWEST: usize = 8;

/// Properties of a document that affect the names of its tools.
#[derive(Debug, Default)]
pub(super) struct Overview {
    /// The number of leading segments that all paths share. Names do not need these segments.
    pub(super) shared_segments: usize,
    /// The number of operationIds that contain each word.
    pub(super) words: WordCounts,
}

impl Overview {
    pub(super) fn of(operations: &[SplitOperation<'_>]) -> Self {
        let paths: Vec<&[Segment]> =
            operations.iter().map(|operation| operation.segments.as_slice()).collect();
        let ids = operations.iter().filter_map(|operation| operation.model.id.as_ref());
        let words = WordCounts::of(ids.map(|id| snake(id.as_str())));
        Self { shared_segments: shared_segments(&paths), words }
    }
}

/// Returns the number of literal segments with which all paths begin. Segments count only if another literal follows
/// in each path.
fn shared_segments(paths: &[&[Segment]]) -> usize {
    let Some((first, rest)) = paths.split_first() else { return 0 };
    if paths.len() < FEWEST {
        return 0;
    }
    let literals = |path: &[Segment]| path.iter().take_while(|segment| segment.literal().is_some()).count();
    let shared = rest.iter().fold(literals(first), |shared, path| {
        first.iter().zip(*path).take(shared).take_while(|(one, other)| one == other).count()
    });
    let has_more = |shared: usize| {
        paths.iter().all(|path| path[shared..].iter().any(|segment| segment.literal().is_some()))
    };
    (0..=shared).rev().find(|shared| has_more(*shared)).unwrap_or(0)
}

/// The number of names of a document that contain each word.
#[derive(Debug, Default)]
pub(super) struct WordCounts {
    counts: BTreeMap<String, usize>,
    names: usize,
}

impl WordCounts {
    pub(super) fn of(names: impl Iterator<Item = String>) -> Self {
        let mut all = Self::default();
        for name in names {
            all.names += 1;
            for word in name.split('_').collect::<BTreeSet<_>>() {
                match all.counts.get_mut(word) {
                    Some(count) => *count += 1,
                    None => drop(all.counts.insert(word.to_owned(), 1)),
                }
            }
        }
        all
    }

    /// Whether more than half of the names have the word.
    pub(super) fn is_common(&self, word: &str) -> bool {
        self.names >= FEWEST && self.count(word) * 2 > self.names
    }

    /// Returns the number of names with the word. 0 in documents that are too small for statistics.
    pub(super) fn count(&self, word: &str) -> usize {
        if self.names < FEWEST { 0 } else { self.counts.get(word).copied().unwrap_or(0) }
    }
}

/// Returns the first resource in the path of each operation, after the segments that all paths share.
pub(crate) fn first_resources(operations: &[Operation]) -> Vec<Option<String>> {
    let paths: Vec<Vec<Segment>> = operations.iter().map(|operation| segments(&operation.path)).collect();
    let skipped = shared_segments(&paths.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let first = |path: Vec<Segment>| {
        path.into_iter().skip(skipped).find_map(|segment| match segment {
            Segment::Literal(text) => Some(text),
            Segment::Variable(_) => None,
        })
    };
    paths.into_iter().map(first).collect()
}
