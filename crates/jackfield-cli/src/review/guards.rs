//! The section about calls that wait for a person, and about limits on calls and replies.

use jackfield_build::model::SurfaceKind;
use maud::{Markup, html};

use super::subject::Subject;
use super::tool::Tool;
use super::words::{Waiting, line, plural};
use crate::inspect::grouped;

/// The maximum number of tools that a list of waiting calls names. The filters in the section of tools show all waiting calls.
const MOST: usize = 60;

pub(super) fn section(subject: &Subject) -> Markup {
    html! {
        section aria-labelledby="guards" {
            h2 id="guards" { "Approval and limits" }
            (waiting(subject, Waiting::NeverAlthoughItDestroys, "Destroy without an approval"))
            (waiting(subject, Waiting::Always, "Always wait for a person"))
            (waiting(subject, Waiting::ByDefault, "Wait because they destroy"))
            @if !subject.tools.iter().any(|tool| tool.waiting != Waiting::No) {
                p.quiet { "No call waits for a person." }
            }
            h3 { "Limits and replies" }
            dl.facts {
                dt { "Calls" }
                dd { @match &subject.general_rate { Some(rate) => (line(rate)), None => span.quiet { "no general limit" } } }
                @for tool in subject.operations().filter(|tool| tool.rate.is_some()) {
                    dt { code { (line(&tool.name)) } }
                    dd { (line(tool.rate.as_deref().unwrap_or_default())) }
                }
                dt { "Replies" }
                dd { @match &subject.general_replies { Some(rule) if !rule.is_empty() => (line(rule)), _ => span.quiet { "no general rule" } } }
                @for tool in subject.operations().filter(|tool| !tool.replies.is_empty()) {
                    dt { code { (line(&tool.name)) } }
                    dd { (line(&tool.replies.join("; "))) }
                }
                dt { "Tool list" }
                dd { (listed(subject.surface)) }
            }
        }
    }
}

/// Describes the list of tools that clients get.
const fn listed(surface: SurfaceKind) -> &'static str {
    match surface {
        SurfaceKind::Each => "each tool",
        SurfaceKind::Auto => "each tool if the list is short, otherwise a search",
        SurfaceKind::Search => "a search, through which every tool can be called",
        SurfaceKind::Promoted => "some tools, and a search through which the others can be called",
    }
}

fn waiting(subject: &Subject, waiting: Waiting, title: &str) -> Markup {
    let tools: Vec<(usize, &Tool)> =
        subject.tools.iter().enumerate().filter(|(_, tool)| tool.waiting == waiting).collect();
    html! {
        @if !tools.is_empty() {
            h3 { (title) " " span.quiet { (grouped(tools.len())) " " (plural(tools.len(), "tool")) } }
            p.quiet { "Here " (waiting.sentence()) "." }
            ul.names {
                @for (at, tool) in tools.iter().take(MOST) { li { a href={ "#t" (at) } { (line(&tool.name)) } } }
                @if tools.len() > MOST { li.quiet { "and " (grouped(tools.len() - MOST)) " more: choose “waits” among the tools" } }
            }
        }
    }
}
