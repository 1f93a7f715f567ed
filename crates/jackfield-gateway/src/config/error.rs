//! Problems in gateway.toml.

use std::fmt;

/// A problem in gateway.toml, with its line and column, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    line: usize,
    column: usize,
    problem: String,
    remedy: String,
}

impl ConfigError {
    /// Creates an error at a byte offset of a text.
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

    /// Returns the problem and the remedy, without the line and column.
    pub(super) fn without_place(&self) -> String {
        format!("{}; {}", self.problem, self.remedy)
    }

    /// Returns the line number of the problem.
    pub const fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for ConfigError {
    /// Writes `LINE:COLUMN: PROBLEM; REMEDY`, which follows the name of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, problem, remedy } = self;
        write!(f, "{line}:{column}: {problem}; {remedy}")
    }
}

impl std::error::Error for ConfigError {}
