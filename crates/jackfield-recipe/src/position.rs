//! Problems in the text of a file, with their positions.

use std::fmt;

/// Returns the line and the column of a byte offset, counted from 1. The column counts characters. An offset that is not in the text is
/// taken as its end.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1)
}

/// A problem in the text of a file, with its position and its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextProblem {
    line: usize,
    column: usize,
    problem: String,
    remedy: String,
}

impl TextProblem {
    /// Creates a problem at a byte offset of a text.
    pub fn at(text: &str, offset: usize, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (line, column) = line_and_column(text, offset);
        Self { line, column, problem: problem.into(), remedy: remedy.into() }
    }

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
}

impl fmt::Display for TextProblem {
    /// Writes `LINE:COLUMN: PROBLEM; REMEDY`, which callers put after the name of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, problem, remedy } = self;
        write!(f, "{line}:{column}: {problem}; {remedy}")
    }
}

impl std::error::Error for TextProblem {}

#[cfg(test)]
mod tests {
    use super::line_and_column;

    #[test]
    fn position_counts_lines_and_characters_from_one() {
        let text = "a\n\u{e9}b\n";
        let found = [0, 1, 2, 4, 5, 6, 99].map(|offset| line_and_column(text, offset));
        assert_eq!(found, [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 1), (3, 1)]);
    }
}
