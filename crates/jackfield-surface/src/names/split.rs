//! An operation, split into words to compare candidates for its name.

use std::collections::BTreeSet;

use jackfield_model::Operation;

use super::number::singular;
use super::route::{Segment, segments, words_of_route};
use crate::vocabulary::{leading_verb, telling_verb};

/// An operation with the words of its route and of its summary.
#[derive(Debug)]
pub(super) struct SplitOperation<'m> {
    pub(super) model: &'m Operation,
    /// The method in lower case, as in operationIds.
    pub(super) method: String,
    pub(super) segments: Vec<Segment>,
    /// The words of the path, including variables.
    pub(super) words: Vec<String>,
    /// The words of the path in the singular.
    pub(super) singulars: BTreeSet<String>,
    /// The verb at the beginning of the summary.
    pub(super) leading_verb: Option<String>,
    /// The verb at the beginning of the summary, unless it only means reading.
    pub(super) telling_verb: Option<String>,
}

impl<'m> SplitOperation<'m> {
    pub(super) fn of(model: &'m Operation) -> Self {
        let words = words_of_route(&model.path);
        Self {
            method: model.method.as_str().to_ascii_lowercase(),
            segments: segments(&model.path),
            singulars: words.iter().map(|word| singular(word).into_owned()).collect(),
            words,
            leading_verb: leading_verb(&model.stated.summary),
            telling_verb: telling_verb(&model.stated.summary),
            model,
        }
    }

    /// Returns the last segment of the path, unless it is a variable.
    pub(super) fn last_literal(&self) -> Option<&str> {
        self.segments.last().and_then(Segment::literal)
    }

    /// Whether the summary begins with a verb for which `is` returns true.
    pub(super) fn leads_with(&self, is: impl Fn(&str) -> bool) -> bool {
        self.leading_verb.as_deref().is_some_and(is)
    }
}
