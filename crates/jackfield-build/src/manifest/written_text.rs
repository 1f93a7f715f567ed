//! Checks texts that models and people read.

use jackfield_model::is_invisible;

use super::refusal::{Refusal, Span};

/// The maximum number of characters of the title of a tool.
const LONGEST_TITLE: usize = 100;
/// The maximum number of characters of a description, and of the instructions.
const LONGEST_TEXT: usize = 4_000;

/// Checks a title.
pub(super) fn title(what: &str, text: String, span: &Span) -> Result<String, Refusal> {
    if text.contains('\n') {
        let problem = format!("{what} has more than one line");
        return Err(Refusal::new(span.clone(), problem, "write it on one line"));
    }
    checked(what, text, LONGEST_TITLE, span)
}

/// Checks a text of any number of lines.
pub(super) fn text(what: &str, text: String, span: &Span) -> Result<String, Refusal> {
    checked(what, text, LONGEST_TEXT, span)
}

fn checked(what: &str, text: String, longest: usize, span: &Span) -> Result<String, Refusal> {
    let refuse = |problem: String, help: &str| Err(Refusal::new(span.clone(), problem, help));
    if text.trim().is_empty() {
        return refuse(format!("{what} is empty"), "write a text, or remove the line");
    }
    if let Some(found) = text.chars().find(|c| is_invisible(*c) && !matches!(c, '\n' | '\t')) {
        let problem = format!("{what} contains an invisible character, U+{:04X}", u32::from(found));
        return refuse(
            problem,
            "remove the character: models read it, but people who review the text do not see it",
        );
    }
    let length = text.chars().count();
    if length > longest {
        return refuse(format!("{what} has {length} characters (limit {longest})"), "shorten it");
    }
    Ok(text)
}
