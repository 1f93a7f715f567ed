//! The section about the changes since the lock or a revision.

use jackfield_build::diff::{Class, Report};
use maud::{Markup, html};

use super::since::Since;
use super::subject::Subject;
use super::words::{line, phrase};
use crate::inspect::grouped;

/// The maximum number of changes of each class in the section. The section of a tool shows all changes of the tool.
const MOST: usize = 400;

pub(super) fn section(subject: &Subject) -> Markup {
    html! {
        section aria-labelledby="changes" {
            h2 id="changes" { "Changes" }
            @match &subject.since {
                Since::Nothing(why) => p.quiet { (line(why)) },
                Since::Compared(report, before) => (compared(report, before)),
            }
        }
    }
}

/// Returns the changes of a report, by class.
pub(super) fn compared(report: &Report, before: &str) -> Markup {
    html! {
        p { "Since " code { (line(before)) } ": " (report.counts()) "; " (report.sizes()) "." }
        @for limit in &report.limits { p.quiet { "Limited: " (line(limit)) "." } }
        @for class in Class::CHANGES {
            @let count = report.of(class).count();
            @if count > 0 {
                h3 { span class={ "mark " (class.as_str()) } { (class.as_str()) } " " span.quiet { (grouped(count)) } }
                p.quiet { (meaning(class)) }
                ul {
                    @for change in report.of(class).take(MOST) { li { (phrase(&change.line())) } }
                    @if count > MOST { li.quiet { (grouped(count - MOST)) " more; " code { "jackfield diff OLD NEW --all" } " prints them" } }
                }
            }
        }
    }
}

/// Returns the list of a tool's changes.
pub(super) fn of_tool(report: &Report, numbers: &[usize]) -> Markup {
    html! {
        ul {
            @for change in numbers.iter().filter_map(|number| report.changes.get(*number)) {
                li { span class={ "mark " (change.class.as_str()) } { (change.class.as_str()) } " " (phrase(&change.phrase)) }
            }
        }
    }
}

const fn meaning(class: Class) -> &'static str {
    match class {
        Class::Security => "Calls can change, reach or reveal more than before, or a protection is weaker.",
        Class::Breaking => "Calls that worked before may be refused, or something is gone.",
        Class::Behaviour => "Calls that worked still work, but something is new or different.",
        Class::Wording => "A text changed, and nothing else.",
        Class::None => "",
    }
}
