//! Why a command ended early.
#![allow(clippy::print_stderr, reason = "this module prints to the terminal")]

use std::fmt::Display;

use jackfield_recipe::visible;

/// Why a command ended early, as its message.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    pub(crate) fn of(error: impl Display) -> Self {
        Self(error.to_string())
    }
}

/// Prints a failure.
pub(crate) fn tell(failure: &Failure) {
    note(&failure.0);
}

/// Prints a note. It may contain the text of a server, so characters that control a terminal are escaped.
pub(crate) fn note(text: &str) {
    eprintln!("jackfield-gateway: {}", visible(text));
}
