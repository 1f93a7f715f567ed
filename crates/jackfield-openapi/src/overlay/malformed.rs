//! The error for an action that cannot be applied.

use jackfield_model::{Code, Diagnostic, Place};

/// Creates the error at `place` in an overlay.
pub(super) fn malformed(place: Place, problem: impl Into<String>, remedy: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(Code::Overlay, Some(place), problem).so("nothing was generated").help(remedy))
}
