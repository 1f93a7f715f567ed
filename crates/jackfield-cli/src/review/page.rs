//! The whole page: the head, and the sections in order.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::content_policy::{SCRIPT, STYLE, content_policy};
use super::subject::Subject;
use super::words::line;
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

/// The maximum number of tools for a printed page with all details of each tool.
const MOST_PRINTED: usize = 60;

/// Returns the whole page.
pub(super) fn of(subject: &Subject) -> Markup {
    let is_short = subject.tools.len() <= MOST_PRINTED;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "Review of " (line(&subject.name)) }
                style { (PreEscaped(STYLE)) }
            }
            body.short[is_short] {
                a.skip href="#main" { "Skip to the content" }
                header {
                    (summary::heading(subject))
                    nav aria-label="Sections" {
                        ul {
                            @for (id, title) in SECTIONS {
                                li { a href={ "#" (id) } { (title) } }
                            }
                        }
                    }
                }
                main id="main" tabindex="-1" {
                    (summary::numbers(subject))
                    (changes::section(subject))
                    (reach::origins(subject))
                    (reach::credentials(subject))
                    (reach::scopes(subject))
                    (guards::section(subject))
                    (contents::section(subject))
                    (tokens::section(subject))
                    (tools::section(subject))
                }
                footer {
                    p {
                        "Written by " code { "jackfield review" } ". Names and texts come from the document and from connector.toml; "
                        "they are shown unchanged, except that invisible characters become escapes such as " code { "\\u{202e}" } "."
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}
