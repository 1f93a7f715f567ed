//! The result of running the pipeline over one document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The result of a document. The fields are the keys of its object in the JSON file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Record {
    /// The path relative to the corpus.
    pub(super) path: String,
    /// The dialect of the document. None if the document could not be parsed and lowered.
    pub(super) dialect: Option<String>,
    pub(super) operations: usize,
    pub(super) emitted: usize,
    pub(super) skipped: Vec<Skipped>,
    /// The number of emitted operations that require a declared scheme.
    pub(super) credentialed: usize,
    /// The number of these operations that have a security alternative with credentials that one request can contain.
    pub(super) usable: usize,
    /// The number of emitted operations that require an undeclared scheme.
    pub(super) undeclared: usize,
    /// The number of list operations.
    pub(super) lists: usize,
    /// The number of list operations whose pagination was detected.
    pub(super) paged_lists: usize,
    /// The number of paginated operations of each pagination style.
    pub(super) styles: BTreeMap<String, usize>,
    /// The paginated operations. Each string describes one operation and its pagination.
    pub(super) pages: Vec<String>,
    /// The number of operations that start a job, by the style of the job.
    pub(super) job_styles: BTreeMap<String, usize>,
    /// The operations that start a job. Each string describes one operation and its job.
    pub(super) jobs: Vec<String>,
    /// The number of findings of each code. The reasons of skipped operations are not counted.
    pub(super) diagnostics: BTreeMap<String, usize>,
    /// Problems of input schemas that cause clients to refuse the tools.
    pub(super) faults: Vec<String>,
    /// Arguments that only one wording accepts.
    pub(super) disagreements: Vec<String>,
    /// The time from bytes to files in memory.
    pub(super) millis: u64,
    pub(super) error: Option<String>,
}

/// An operation that was left out.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Skipped {
    pub(super) code: String,
    /// The JSON Pointer of the operation, with the file name if the operation is in another file.
    pub(super) pointer: String,
    pub(super) reason: String,
}

impl Record {
    /// Whether some operations are neither emitted, skipped nor excluded.
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

/// The way in which the process of a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The process exited normally, with a record.
    Ended,
    Panicked,
    /// The process exceeded the time limit.
    Hung,
    /// The process exceeded the memory limit.
    Swelled,
    /// The process ended in another way, such as by a signal.
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

/// The record of a document, and the measurements of its process.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) record: Record,
    pub(super) fate: Fate,
    /// The peak memory of the process, if the system reports it.
    pub(super) peak_kib: Option<u64>,
}

impl Outcome {
    /// Formats the outcome as one line for the terminal.
    pub(super) fn in_a_line(&self) -> String {
        let Record { path, emitted, operations, millis, error, .. } = &self.record;
        match (self.fate, error) {
            (Fate::Ended, None) => format!("{path}: {emitted} of {operations} operations, {millis} ms"),
            (Fate::Ended, Some(_)) => format!("{path}: cannot be read"),
            (fate, _) => format!("{path}: {}", fate.as_str()),
        }
    }
}
