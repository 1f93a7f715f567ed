//! The whole page: the heading, and the sections in order.

use maud::{Markup, html};

use super::frame::Frame;
use super::subject::Subject;
use super::{changes, contents, guards, reach, summary, tokens, tools};

/// The id and the title of each section.
const SECTIONS: [(&str, &str); 8] = [
    ("changes", "Changes"),
    ("origins", "Origins"),
    ("credentials", "Credentials"),
    ("scopes", "Scopes"),
    ("guards", "Approval and limits"),
    ("contents", "Resources and prompts"),
    ("tokens", "Tokens"),
    ("tools", "Tools"),
];

/// Returns the whole page.
pub(super) fn of(subject: &Subject) -> Markup {
    let frame = Frame {
        title: &subject.name,
        tools: subject.tools.len(),
        sections: &SECTIONS,
        heading: summary::heading(subject),
        content: html! {
            (summary::numbers(subject))
            (changes::section(subject))
            (reach::origins(subject))
            (reach::credentials(subject))
            (reach::scopes(subject))
            (guards::section(subject))
            (contents::section(subject))
            (tokens::section(subject))
            (tools::section(subject))
        },
        footer: html! {
            p {
                "Written by " code { "jackfield review" } ". Names and texts come from the document and from connector.toml; "
                "they are shown unchanged, except that invisible characters become escapes such as " code { "\\u{202e}" } "."
            }
        },
    };
    frame.page()
}
