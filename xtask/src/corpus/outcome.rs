//! The result of running one document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The result of a document, with the keys of its object in the JSON file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Record {
    /// Relative to the corpus.
    pub(super) path: String,
    /// None when the document could not be read that far.
    pub(super) dialect: Option<String>,
    pub(super) operations: usize,
    pub(super) emitted: usize,
    pub(super) skipped: Vec<Skipped>,
    /// Emitted operations that require a scheme which is declared.
    pub(super) credentialed: usize,
    /// Those of them with an alternative whose schemes can all be sent.
    pub(super) usable: usize,
    /// Emitted operations that require a scheme which nothing declares.
    pub(super) undeclared: usize,
    /// How often each code was found, the reasons of skips apart.
    pub(super) diagnostics: BTreeMap<String, usize>,
    /// Faults of input schemas that clients refuse.
    pub(super) faults: Vec<String>,
    /// Arguments that fit a tool in one wording only.
    pub(super) disagreements: Vec<String>,
    /// From bytes to files in memory.
    pub(super) millis: u64,
    pub(super) error: Option<String>,
}

/// An operation that was left out.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Skipped {
    pub(super) code: String,
    /// With the name of its file in front, where that is not the document's own.
    pub(super) pointer: String,
    pub(super) reason: String,
}

impl Record {
    /// Whether operations were lost on the way.
    pub(super) fn broke_the_count(&self) -> bool {
        self.diagnostics.contains_key("broken-count") || self.emitted + self.skipped.len() != self.operations
    }

    pub(super) fn skipped_by_code(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for skipped in &self.skipped {
            *counts.entry(skipped.code.as_str()).or_default() += 1;
        }
        counts
    }
}

/// How the process of a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// By itself, with a record.
    Ended,
    Panicked,
    /// It was ended because it took too long.
    Hung,
    /// It was ended because it took too much memory.
    Swelled,
    /// In any other way, such as by a signal.
    Died,
}

impl Fate {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Panicked => "PANICKED",
            Self::Hung => "HUNG",
            Self::Swelled => "OUT OF MEMORY",
            Self::Died => "DIED",
        }
    }
}

/// A document's record, and what its process came to.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) record: Record,
    pub(super) fate: Fate,
    /// The most memory that the process held, where the system tells.
    pub(super) peak_kib: Option<u64>,
}

impl Outcome {
    /// For whoever waits.
    pub(super) fn in_a_line(&self) -> String {
        let Record { path, emitted, operations, millis, error, .. } = &self.record;
        match (self.fate, error) {
            (Fate::Ended, None) => format!("{path}: {emitted} of {operations} operations, {millis} ms"),
            (Fate::Ended, Some(_)) => format!("{path}: cannot be read"),
            (fate, _) => format!("{path}: {}", fate.as_str()),
        }
    }
}
