//! The questions that are currently shown to users.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The open questions: the id of each approval that is asked about, and its principal.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenQuestions(Arc<Mutex<HashMap<String, String>>>);

/// An open question. Dropping it closes the question.
#[derive(Debug)]
pub(super) struct OpenQuestion {
    all: OpenQuestions,
    id: String,
}

/// The reason why a question is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAsked {
    /// An equal question is already open.
    Open,
    /// The principal has too many open questions.
    TooMany,
}

impl OpenQuestions {
    /// Opens a question. Equal calls share one question, and each principal has at most `most` open
    /// questions.
    pub(super) fn open(&self, id: &str, principal: &str, most: usize) -> Result<OpenQuestion, NotAsked> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(id) {
            return Err(NotAsked::Open);
        }
        if open.values().filter(|of| *of == principal).count() >= most {
            return Err(NotAsked::TooMany);
        }
        open.insert(id.to_owned(), principal.to_owned());
        Ok(OpenQuestion { all: self.clone(), id: id.to_owned() })
    }
}

impl Drop for OpenQuestion {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principal_cannot_have_equal_or_too_many_open_questions() {
        let open = OpenQuestions::default();
        let first = open.open("1", "a", 2).unwrap();
        assert_eq!(open.open("1", "a", 2).unwrap_err(), NotAsked::Open);
        let _second = open.open("2", "a", 2).unwrap();
        assert_eq!(open.open("3", "a", 2).unwrap_err(), NotAsked::TooMany);
        let _other = open.open("4", "b", 2).unwrap();
        drop(first);
        assert!(open.open("1", "a", 2).is_ok());
    }
}
