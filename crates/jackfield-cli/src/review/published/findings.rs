//! The sections about the findings and about the quarantine.

use jackfield_build::model::Code;
use maud::{Markup, html};

use super::super::words::line;
use super::review_data::{PublishedReview, ReviewNote};
use crate::inspect::grouped;
use crate::lint::{Gravity, ListFinding};

pub(super) fn section(review: &PublishedReview<'_>) -> Markup {
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            @if review.entry_findings.is_empty() && review.list_findings.is_empty() {
                p { "The checks found nothing. They cannot show that a server is harmless." }
            }
            @if !review.entry_findings.is_empty() {
                h3 { "Entry of the registry" }
                (notes(&review.entry_findings))
            }
            @if !review.list_findings.is_empty() {
                h3 { "Lists of the server" }
                ul { @for finding in &review.list_findings { li { (self::finding(finding)) } } }
            }
        }
    }
}

pub(super) fn quarantine(review: &PublishedReview<'_>) -> Markup {
    html! {
        section aria-labelledby="quarantine" {
            h2 id="quarantine" { "Quarantine" }
            @if review.observations.is_empty() {
                p.quiet { "Nothing was observed." }
            } @else {
                (notes(&review.observations))
            }
        }
    }
}

/// Returns one finding about the lists.
pub(super) fn finding(finding: &ListFinding) -> Markup {
    let ListFinding { code, gravity, tool: _, problem, consequence, further } = finding;
    html! {
        (mark(*gravity)) " " (line(problem)) ". "
        span.quiet { (sentence(consequence)) " " code { (Code::as_str(*code)) } }
        @if *further > 0 { span.quiet { " and " (grouped(*further)) " more" } }
    }
}

fn notes(notes: &[ReviewNote]) -> Markup {
    html! {
        ul { @for ReviewNote { gravity, text } in notes { li { (mark(*gravity)) " " (line(text)) } } }
    }
}

/// Returns the mark of a gravity. It has the colours of the classes of changes.
pub(super) fn mark(gravity: Gravity) -> Markup {
    let class = match gravity {
        Gravity::Danger => "security",
        Gravity::Warning => "breaking",
        Gravity::Note => "note",
    };
    html! { span class={ "mark " (class) } { (gravity.as_str()) } }
}

/// Converts a consequence to a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}
