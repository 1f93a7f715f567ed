//! The description of the connector, which clients give to the model as instructions.

use super::clause::shortened;
use super::say::bounded;
use super::sense::{is_about_screens, is_history, without_label};
use super::sentence;

/// The maximum length, in characters.
const LONGEST: usize = 400;
/// The maximum number of sentences to examine.
const READ: usize = 64;

/// Returns sentences of the document's description that say what the service is and how it is called. Takes as many sentences as fit.
pub(super) fn instructions(description: &str) -> String {
    let mut out = String::new();
    for sentence in sentence::worth(description).take(READ) {
        let Some(told) = without_label(bounded(&sentence)) else { continue };
        if told.ends_with('?') || is_about_screens(told) || is_history(told) {
            continue;
        }
        let room = LONGEST.saturating_sub(out.chars().count() + 1);
        if out.is_empty() {
            out = shortened(told, LONGEST - 1);
            out.push('.');
        } else if told.chars().count() < room {
            out.push(' ');
            out.push_str(&shortened(told, room - 1));
            out.push('.');
        } else {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_whole_sentences_about_the_service() {
        let text = "# Books\n\nThe API of a **library**. Hover your cursor over a name to see more! New here? \
                    See [the guide](https://example.com). Version: 3.\n\nA loan must be open.";
        assert_eq!(instructions(text), "The API of a library. A loan must be open.");
        let long = format!(
            "{}. {}.",
            "Lends books to readers ".repeat(10).trim(),
            "Takes them back ".repeat(20).trim()
        );
        assert!(instructions(&long).chars().count() <= LONGEST);
        assert!(instructions(&long).ends_with("readers."));
        assert_eq!(instructions(""), "");
    }
}
