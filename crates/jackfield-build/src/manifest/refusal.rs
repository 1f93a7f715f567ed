//! Invalid values in connector.toml, with their positions.

use jackfield_model::{Place, Pointer, line_and_column};

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
    let (line, column) = line_and_column(text, span.start);
    Place { file: format!("{file}:{line}:{column}").into(), pointer: Pointer::root() }
}
