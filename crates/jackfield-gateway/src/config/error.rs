//! Problems in gateway.toml.

use std::fmt;

/// A problem in gateway.toml, with its place and the remedy.
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

    /// The problem and the remedy.
    pub(super) fn without_place(&self) -> String {
        format!("{}; {}", self.problem, self.remedy)
    }

    /// The line of the problem.
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
