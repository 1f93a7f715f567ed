//! The head of the page: the connector's name and description, and the most important numbers.

use maud::{Markup, html};

use super::number::{effect_numbers, number};
use super::since::Since;
use super::subject::Subject;
use super::words::{Waiting, line, lines, plural};
use crate::inspect::grouped;

/// Returns the heading with the connector's name, description and instructions.
pub(super) fn heading(subject: &Subject) -> Markup {
    let count = subject.tools.len();
    html! {
        p.over { "Connector review" }
        h1 { (line(&subject.name)) }
        p.lead {
            @if !subject.title.is_empty() { (line(&subject.title)) }
            @if !subject.version.is_empty() { " " span.quiet { "version " (line(&subject.version)) } }
        }
        @if !subject.instructions.is_empty() {
            details.about open {
                summary { "Instructions of connector.toml to the model" }
                p.text { (lines(&subject.instructions)) }
            }
        }
        @if !subject.description.is_empty() {
            details.about {
                summary { "Description in the document" }
                p.text { (lines(&subject.description)) }
            }
        }
        @if subject.count.skipped + subject.count.excluded > 0 {
            p.quiet {
                (grouped(count)) " of " (grouped(subject.count.operations)) " operations of the document are tools; "
                (grouped(subject.count.excluded)) " are not selected by connector.toml, and "
                (grouped(subject.count.skipped)) " are left out because of problems."
            }
        }
    }
}

/// Returns the most important numbers.
pub(super) fn numbers(subject: &Subject) -> Markup {
    let always = subject.tools.iter().filter(|tool| tool.waiting == Waiting::Always).count();
    let by_default = subject.tools.iter().filter(|tool| tool.waiting == Waiting::ByDefault).count();
    let never = subject.tools.iter().filter(|tool| tool.waiting == Waiting::NeverAlthoughItDestroys).count();
    html! {
        section aria-labelledby="numbers" {
            h2.hidden id="numbers" { "At a glance" }
            dl.numbers {
                (number("all", subject.tools.len(), &plural(subject.tools.len(), "tool"), ""))
                (effect_numbers(|effect| subject.tools.iter().filter(|tool| tool.effect == effect).count()))
                (number("waiting", always + by_default, "wait for a person", ""))
                (number("origins", subject.inspection.reached.len(), &plural(subject.inspection.reached.len(), "origin"), ""))
                (number("tokens", subject.inspection.tokens, "tokens in the list", ""))
            }
            @if never > 0 {
                p.alarm { (grouped(never)) " " (plural(never, "tool")) " destroy something, and connector.toml turns off their approval." }
            }
            @if !subject.inspection.added.is_empty() {
                p.alarm {
                    (grouped(subject.inspection.added.len())) " "
                    (plural(subject.inspection.added.len(), "origin"))
                    " not in jackfield.lock: serving fails until somebody accepts them."
                }
            }
            @if let Since::Compared(report, before) = &subject.since {
                p { "Since " (line(before)) ": " a href="#changes" { (report.counts()) } "." }
            }
        }
    }
}
