//! The page about a published MCP server, for the person who decides whether it may be used.

mod contents;
mod findings;
mod heading;
mod review_data;
mod start;
mod tools;

use maud::html;

use super::changes;
use super::frame::Frame;
use super::words::line;
pub use review_data::{PublishedReview, ReviewNote, ReviewVariable, StartOfServer};
use tools::ReviewedTool;

/// The id and the title of each section.
const SECTIONS: [(&str, &str); 6] = [
    ("findings", "Findings"),
    ("start", "Start"),
    ("quarantine", "Quarantine"),
    ("changes", "Changes"),
    ("contents", "Prompts and resources"),
    ("tools", "Tools"),
];

/// Returns the page about a published server. It loads nothing, and nothing of the server becomes markup.
pub fn review_page(review: &PublishedReview<'_>) -> String {
    let mut definitions = super::shared::Definitions::default();
    let tools = ReviewedTool::all_of(review, &mut definitions);
    let frame = Frame {
        title: &review.name,
        tools: tools.len(),
        sections: &SECTIONS,
        heading: heading::heading(review),
        content: html! {
            (heading::numbers(review, &tools))
            (findings::section(review))
            (start::section(review))
            (findings::quarantine(review))
            section aria-labelledby="changes" {
                h2 id="changes" { "Changes" }
                @match &review.changes {
                    Some((report, before)) => (changes::compared(report, before)),
                    None => p.quiet { "No earlier version was accepted." },
                }
            }
            (contents::section(review))
            (tools::section(review, &tools, &definitions))
        },
        footer: html! {
            p {
                "Written by " code { "jackfield gateway" } " about the connector " code { (line(&review.connector)) } ". "
                "Names and texts come from the registry and from the server; they are shown as they are, and invisible characters as escapes such as "
                code { "\\u{202e}" } "."
            }
        },
    };
    frame.page().into_string()
}
