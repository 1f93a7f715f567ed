//! Invalid values in connector.toml, with their positions.

use jackfield_model::{Place, Pointer};

/// A byte range in connector.toml.
pub(crate) type Span = std::ops::Range<usize>;

/// An invalid value, with its problem and remedy.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(super) span: Span,
    pub(super) problem: String,
    pub(super) help: String,
}

impl Refusal {
    pub(crate) fn new(span: Span, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, problem: problem.into(), help: help.into() }
    }
}

/// Returns the place of a byte range, with line and column.
pub(super) fn place(file: &str, text: &str, span: Span) -> Place {
    let before = &text[..span.start.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    Place { file: format!("{file}:{line}:{column}").into(), pointer: Pointer::root() }
}
