//! The texts and names of an operation in its document, which are searched for signs of its effect.

use jackfield_model::text::BODY;
use jackfield_model::{Operation, Status};

use super::sentence::{Sentence, sentences};
use crate::vocabulary::words;

/// The texts that describe the operation.
pub(super) struct Words<'o> {
    pub(super) id: &'o str,
    pub(super) path: &'o str,
    pub(super) summary: &'o str,
    pub(super) description: &'o str,
    /// The names of the operation's arguments.
    pub(super) args: Vec<&'o str>,
    /// Whether all declared success responses say that something was created or accepted, or have no content.
    /// False if no success is declared.
    pub(super) answers_with_nothing: bool,
}

impl<'o> Words<'o> {
    pub(super) fn of(operation: &'o Operation) -> Self {
        let mut successes =
            operation.replies.iter().map(|reply| reply.status).filter(|status| match status {
                Status::Code(code) => (200..300).contains(code),
                Status::Range(range) => *range == 2,
                Status::Default => false,
            });
        let stated = &operation.stated;
        let first = successes.next();
        let tells = |status: Status| !matches!(status, Status::Code(201 | 202 | 204 | 205));
        Self {
            id: operation.id.as_ref().map_or("", |id| id.as_str()),
            path: &stated.path,
            summary: &stated.summary,
            // If the operation has no texts, the description of the path item is used.
            description: if stated.summary.is_empty() && stated.sentence.is_empty() {
                ""
            } else {
                &operation.description
            },
            args: operation.args.iter().map(|arg| arg.name.as_str()).collect(),
            answers_with_nothing: first.is_some_and(|first| !tells(first) && !successes.any(tells)),
        }
    }

    /// Returns the description, without the summary before it and the description of the body after it.
    pub(super) fn text(&self) -> &'o str {
        let own = self.description.split(&format!("\n\n{BODY}")).next().unwrap_or_default();
        if own.starts_with(BODY) {
            return "";
        }
        let own = own.strip_prefix("Deprecated. ").unwrap_or(own);
        let summary = self.summary.trim_end_matches('.');
        // In `Search books and save them`, the sentence continues after the summary.
        let rest = own.strip_prefix(summary).filter(|rest| rest.is_empty() || rest.starts_with(['.', '\n']));
        rest.map_or(own, |rest| rest.trim_start_matches(['.', ' ', '\n']))
    }
}

/// Returns the sentence that says what the operation does: the summary, or else the beginning of the description.
pub(super) fn first_sentence(words: &Words<'_>) -> Option<Sentence> {
    sentences(words.summary).next().or_else(|| sentences(words.text()).next())
}

/// Returns the words of the last path segment, unless it is a variable.
pub(super) fn last_segment(path: &str) -> Vec<String> {
    let last = path.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    if last.contains('{') { Vec::new() } else { words(last) }
}
