//! The state of one explanation.

use std::collections::{HashMap, HashSet};

use super::problem::{Path, Sink};
use super::rank::Nearness;
use crate::call::validate::budget::Exhausted;
use crate::call::validate::judge::{Judge, Pair};

/// The reason why an explanation stopped early.
pub(super) enum Stop {
    Enough,
    Exhausted,
}

impl From<Exhausted> for Stop {
    fn from(Exhausted: Exhausted) -> Self {
        Self::Exhausted
    }
}

/// An explanation of the problems of one value.
pub(super) struct Explainer<'s, 'b, 'f, 'g> {
    pub(super) judge: Judge<'s, 'b>,
    pub(super) path: Path,
    /// The pairs of schema and value that have already been explained.
    pub(super) seen: HashSet<Pair>,
    pub(super) near: HashMap<Pair, Nearness>,
    /// The number of problems that have been reported.
    pub(super) told: usize,
    pub(super) sink: &'f mut Sink<'g>,
}
