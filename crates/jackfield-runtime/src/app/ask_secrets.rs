//! Asks for secrets outside the `auth` commands.

use std::fmt;

use super::output::Failure;
use super::terminal::Answers;
use crate::common::secret::Secret;

/// Asks a person at the terminal for secrets, without showing them, or reads one per line from a pipe. An empty answer is `None`.
///
/// # Errors
/// Returns an error if the terminal or the pipe cannot be read.
pub fn ask_secrets(names: &[String]) -> Result<Vec<Option<Secret>>, UnreadableAnswers> {
    let unread = |failure: Failure| UnreadableAnswers(failure.text);
    let answers = Answers::open().map_err(unread)?;
    let asked = names.iter().enumerate();
    asked.map(|(at, name)| answers.answer(name, at, names.len()).map_err(unread)).collect()
}

/// The reason why no answers were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableAnswers(String);

impl fmt::Display for UnreadableAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnreadableAnswers {}
