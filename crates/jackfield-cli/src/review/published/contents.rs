//! The section about prompts, resources and capabilities.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::super::words::{line, lines};
use super::review_data::PublishedReview;
use crate::inspect::grouped;

/// The maximum number of entries of each list on the page.
const MOST: usize = 1_000;

pub(super) fn section(review: &PublishedReview<'_>) -> Markup {
    let lists = &review.lists;
    let has_none = lists.prompts.is_empty() && lists.resources.is_empty() && lists.templates.is_empty();
    html! {
        section aria-labelledby="contents" {
            h2 id="contents" { "Prompts and resources" }
            @if has_none { p.quiet { "The server offers tools only." } }
            (entries("Prompts", "name", lists.prompts))
            (entries("Resources", "uri", lists.resources))
            (entries("Resource templates", "uriTemplate", lists.templates))
            @if let Some(capabilities) = lists.capabilities.filter(|it| !it.is_empty()) {
                h3 { "Capabilities" }
                ul.names { @for name in capabilities.keys().take(MOST) { li { code { (line(name)) } } } }
            }
        }
    }
}

fn entries(title: &str, key: &str, list: &[Map<String, Value>]) -> Markup {
    html! {
        @if !list.is_empty() {
            h3 { (title) " " span.quiet { (grouped(list.len())) } }
            @for entry in list.iter().take(MOST) { (self::entry(key, entry)) }
            @if list.len() > MOST { p.quiet { "and " (grouped(list.len() - MOST)) " more" } }
        }
    }
}

fn entry(key: &str, entry: &Map<String, Value>) -> Markup {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let further: Map<String, Value> = entry
        .iter()
        .filter(|(member, _)| *member != key && !matches!(member.as_str(), "title" | "description"))
        .map(|(member, value)| (member.clone(), value.clone()))
        .collect();
    html! {
        details.definition {
            summary {
                code.name { (line(text(key))) }
                @if !text("title").is_empty() { " " (line(text("title"))) }
            }
            div.body {
                @if !text("description").is_empty() { p.text { (lines(text("description"))) } }
                @for (member, value) in &further { p { (line(member)) ": " code { (line(&value.to_string())) } } }
            }
        }
    }
}
