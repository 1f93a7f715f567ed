//! Properties of the whole document on which names depend.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Connector, Operation};

use super::route::{Segment, segments};
use super::snake::snake;

/// The minimum number of operations. In smaller documents, words are common by chance.
const FEWEST: usize = 8;

/// The properties.
#[derive(Debug, Default)]
pub(super) struct Overview {
    /// The number of leading segments that all paths share. Names do not need these segments.
    pub(super) shared_segments: usize,
    /// The words that occur in more than half of the operationIds.
    pub(super) common: BTreeSet<String>,
}

impl Overview {
    pub(super) fn of(connector: &Connector) -> Self {
        let paths: Vec<Vec<Segment>> =
            connector.operations().map(|operation| segments(&operation.path)).collect();
        let ids = connector.operations().filter_map(|operation| operation.id.as_ref());
        Self { shared_segments: shared_segments(&paths), common: common(ids.map(|id| snake(id.as_str()))) }
    }
}

/// The number of literal segments with which all paths begin, as long as each path has another literal after
/// them.
fn shared_segments(paths: &[Vec<Segment>]) -> usize {
    let Some((first, rest)) = paths.split_first() else { return 0 };
    if paths.len() < FEWEST {
        return 0;
    }
    let literals = |path: &[Segment]| path.iter().take_while(|segment| segment.literal().is_some()).count();
    let shared = rest.iter().fold(literals(first), |shared, path| {
        first.iter().zip(path).take(shared).take_while(|(one, other)| one == other).count()
    });
    let has_more = |shared: usize| {
        paths.iter().all(|path| path[shared..].iter().any(|segment| segment.literal().is_some()))
    };
    (0..=shared).rev().find(|shared| has_more(*shared)).unwrap_or(0)
}

fn common(names: impl Iterator<Item = String>) -> BTreeSet<String> {
    let (mut counts, mut all) = (BTreeMap::<String, usize>::new(), 0);
    for name in names {
        all += 1;
        for word in name.split('_').collect::<BTreeSet<_>>() {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    }
    if all < FEWEST {
        return BTreeSet::new();
    }
    counts.into_iter().filter(|(_, count)| count * 2 > all).map(|(word, _)| word).collect()
}

/// The first resource in the path of each operation, after the segments that all paths share.
pub(crate) fn first_resources(operations: &[Operation]) -> Vec<Option<String>> {
    let paths: Vec<Vec<Segment>> = operations.iter().map(|operation| segments(&operation.path)).collect();
    let skipped = shared_segments(&paths);
    let first = |path: Vec<Segment>| {
        path.into_iter().skip(skipped).find_map(|segment| match segment {
            Segment::Literal(text) => Some(text),
            Segment::Variable(_) => None,
        })
    };
    paths.into_iter().map(first).collect()
}
