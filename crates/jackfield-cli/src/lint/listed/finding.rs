//! A finding about the lists of a server.

use std::collections::BTreeMap;
use std::fmt;

use jackfield_build::model::{Code, visible_line};

/// The maximum number of findings of one code.
const MOST: usize = 100;

/// How much a finding matters. The worst is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// The server may deceive the person or the model.
    Danger,
    /// Something should be checked or corrected.
    Warning,
    /// For information.
    Note,
}

impl Gravity {
    /// Returns the name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A finding about the lists of a server. Its texts may contain any character of the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFinding {
    /// The kind of finding. docs/lint.md explains it.
    pub code: Code,
    /// How much the finding matters.
    pub gravity: Gravity,
    /// The name of the tool. None if the finding is about the whole list, or about an entry that is not a tool.
    pub tool: Option<String>,
    /// The problem. It names the entry and the place in it.
    pub problem: String,
    /// The consequence.
    pub consequence: &'static str,
    /// The number of further findings of this code that are left out. Only the last finding of a code has it.
    pub further: usize,
}

impl fmt::Display for ListFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.gravity.as_str(), self.code, visible_line(&self.problem))?;
        match self.further {
            0 => Ok(()),
            further => write!(f, "; and {further} more"),
        }
    }
}

/// Collects findings. Findings of a code beyond the maximum are counted.
#[derive(Debug, Default)]
pub(super) struct Findings {
    all: Vec<ListFinding>,
    counts: BTreeMap<Code, usize>,
}

impl Findings {
    pub(super) fn add(
        &mut self,
        code: Code,
        gravity: Gravity,
        tool: Option<&str>,
        problem: String,
        consequence: &'static str,
    ) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= MOST {
            let tool = tool.map(str::to_owned);
            self.all.push(ListFinding { code, gravity, tool, problem, consequence, further: 0 });
        }
    }

    /// Returns the findings, the worst first. Findings of the same gravity are sorted by code, in the order in which they were found.
    pub(super) fn into_sorted(self) -> Vec<ListFinding> {
        let Self { mut all, counts } = self;
        all.sort_by_key(|finding| (finding.gravity, finding.code));
        for (code, count) in counts.iter().filter(|(_, count)| **count > MOST) {
            if let Some(last) = all.iter_mut().rev().find(|finding| finding.code == *code) {
                last.further = count - MOST;
            }
        }
        all
    }
}
