//! The reason why a whole text cannot be parsed.

use jackfield_model::{Code, Diagnostic, Place};

/// An error about a whole text, without its place.
#[derive(Debug)]
pub(super) struct Refusal {
    code: Code,
    problem: String,
    remedy: String,
}

impl Refusal {
    /// Creates the error about an invalid text.
    pub(super) fn syntax(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code: Code::Syntax, problem: problem.into(), remedy: remedy.into() }
    }

    /// Creates the error about a text that exceeds a limit.
    pub(super) fn limit(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code: Code::Limit, problem: problem.into(), remedy: remedy.into() }
    }

    /// Creates the error about a text that exceeds the limit `key`, which connector.toml can raise.
    pub(super) fn raisable(problem: impl Into<String>, key: &str) -> Self {
        Self::limit(
            problem,
            format!("if the document is correct, raise `{key}` under `[limits]` in connector.toml"),
        )
    }

    pub(super) fn is_limit(&self) -> bool {
        self.code == Code::Limit
    }

    pub(super) fn at(self, place: Place) -> Box<Diagnostic> {
        Box::new(
            Diagnostic::error(self.code, Some(place), self.problem)
                .so("nothing can be generated from this file")
                .help(self.remedy),
        )
    }
}
