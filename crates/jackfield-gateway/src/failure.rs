//! The reason why a command ended early.
#![allow(clippy::print_stderr, reason = "this module prints to the terminal")]

use std::fmt::Display;

use jackfield_recipe::{nearest, visible};

/// The error that ended a command, as its message.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    pub(crate) fn of(error: impl Display) -> Self {
        Self(error.to_string())
    }
}

/// Returns the end of a message about an unknown word: the known word that was probably meant.
pub(crate) fn did_you_mean<'n>(word: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Prints a failure.
pub(crate) fn tell(failure: &Failure) {
    note(&failure.0);
}

/// Prints a note. It may contain the text of a server, so characters that control a terminal are escaped.
pub(crate) fn note(text: &str) {
    eprintln!("jackfield-gateway: {}", visible(text));
}
