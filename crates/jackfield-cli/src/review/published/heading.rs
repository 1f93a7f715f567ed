//! The heading of the page, and the most important numbers.

use maud::{Markup, html};

use super::super::number::{effect_numbers, number};
use super::super::words::{line, lines, plural};
use super::review_data::PublishedReview;
use super::tools::ReviewedTool;
use crate::inspect::grouped;
use crate::lint::Gravity;

pub(super) fn heading(review: &PublishedReview<'_>) -> Markup {
    html! {
        p.over { "Review of a published server" }
        h1 { (line(&review.name)) }
        p.lead {
            @if !review.title.is_empty() { (line(&review.title)) " " }
            span.quiet { "version " (line(&review.version)) }
            @if review.status != "active" && !review.status.is_empty() { " " span.mark.security { (line(&review.status)) } }
        }
        @if !review.description.is_empty() { p.text { (lines(&review.description)) } }
        @if !review.lists.instructions.is_empty() {
            details.about open {
                summary { "Instructions of the server to the model" }
                p.text { (lines(review.lists.instructions)) }
            }
        }
    }
}

pub(super) fn numbers(review: &PublishedReview<'_>, tools: &[ReviewedTool<'_>]) -> Markup {
    let notes = review.entry_findings.iter().chain(&review.observations).map(|note| note.gravity);
    let gravities = notes.chain(review.list_findings.iter().map(|finding| finding.gravity));
    let dangers = gravities.filter(|gravity| *gravity == Gravity::Danger).count();
    let unknown = tools.iter().filter(|tool| !tool.is_chosen).count();
    html! {
        section aria-labelledby="numbers" {
            h2.hidden id="numbers" { "At a glance" }
            dl.numbers {
                (number("all", tools.len(), &plural(tools.len(), "tool"), ""))
                (effect_numbers(|effect| tools.iter().filter(|tool| tool.effect == effect).count()))
                (number("dangers", dangers, &plural(dangers, "danger"), ""))
                (number("tokens", tools.iter().map(|tool| tool.tokens).sum(), "tokens in the list", ""))
            }
            @if dangers > 0 {
                p.alarm { (grouped(dangers)) " " (plural(dangers, "finding")) " may mean that the server deceives you or the model: see " a href="#findings" { "Findings" } " and " a href="#quarantine" { "Quarantine" } "." }
            }
            @if unknown > 0 {
                p { "Nobody has chosen the effect of " (grouped(unknown)) " " (plural(unknown, "tool")) " yet. They count as " span.mark.destroy { "destroy" } "." }
            }
            @if let Some((report, before)) = &review.changes {
                p { "Since " (line(before)) ": " a href="#changes" { (report.counts()) } "." }
            }
        }
    }
}
