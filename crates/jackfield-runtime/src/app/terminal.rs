//! Prompts the person at the terminal for answers, or reads them from a pipe.

mod hidden;

use std::io::{IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use super::output::Failure;
use crate::common::secret::Secret;

/// The maximum number of bytes to read. A certificate chain has a few thousand bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// The source of answers.
pub(super) enum Answers {
    /// A person at a terminal. The terminal does not show the input.
    Person,
    /// Piped input: one line for each answer, or the whole input if only one answer is needed.
    Piped(Zeroizing<String>),
}

impl Answers {
    /// Returns `Person` if stdin is a terminal, or else reads the whole of stdin.
    pub(super) fn open() -> Result<Self, Failure> {
        if std::io::stdin().is_terminal() {
            return Ok(Self::Person);
        }
        let mut text = Zeroizing::new(String::new());
        let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_string(&mut text);
        match read {
            Ok(length) if length as u64 > MAX_BYTES => {
                Err(Failure::usage(format!("more than {MAX_BYTES} bytes were piped in")))
            }
            Ok(_) => Ok(Self::Piped(text)),
            Err(error) => Err(Failure::failed(format!("stdin cannot be read: {error}"))),
        }
    }

    pub(super) const fn is_person(&self) -> bool {
        matches!(self, Self::Person)
    }

    /// Returns the answer with the index `number`, counted from 0, of `of` answers. Prompts for the answer at a terminal. Returns `None` if
    /// the answer is empty.
    pub(super) fn answer(&self, question: &str, number: usize, of: usize) -> Result<Option<Secret>, Failure> {
        let text = match self {
            Self::Person => {
                let typed = hidden::ask(&format!("{question}: "));
                typed.map_err(|error| Failure::failed(format!("no answer was read: {error}")))?
            }
            Self::Piped(text) if of == 1 => Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()),
            Self::Piped(text) => Zeroizing::new(text.lines().nth(number).unwrap_or_default().to_owned()),
        };
        Ok((!text.is_empty()).then(|| Secret::new(text.to_string())))
    }
}
