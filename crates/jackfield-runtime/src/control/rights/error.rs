//! Errors in a rights file.

use std::fmt;

/// A problem in a rights file, with its position and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsError {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl RightsError {
    /// Returns the line of the problem, counted from 1.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// Returns the problem in words.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// Returns what to write instead.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }

    /// Creates an error at a byte offset in a text.
    pub(super) fn at(
        text: &str,
        offset: usize,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        Self { line, column, problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for RightsError {
    /// Writes `LINE:COLUMN: PROBLEM; REMEDY`, which callers put after the name of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, problem, remedy } = self;
        write!(f, "{line}:{column}: {problem}; {remedy}")
    }
}

impl std::error::Error for RightsError {}
