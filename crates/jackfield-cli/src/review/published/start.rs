//! The section about the publisher, and about how the server is started or reached.

use jackfield_build::model::shell_quoted;
use maud::{Markup, html};

use super::super::words::line;
use super::review_data::{PublishedReview, ReviewVariable, StartOfServer};

pub(super) fn section(review: &PublishedReview<'_>) -> Markup {
    html! {
        section aria-labelledby="start" {
            h2 id="start" { "Start" }
            @match &review.start {
                StartOfServer::Command(words) if words.is_empty() => {},
                StartOfServer::Command(words) => {
                    p { "The gateway starts this command, without a shell:" }
                    pre.line { (line(&words.iter().map(|word| shell_quoted(word)).collect::<Vec<_>>().join(" "))) }
                },
                StartOfServer::Address(address) => {
                    p { "The gateway sends requests to this address:" }
                    pre.line { (line(address)) }
                },
            }
            dl.facts {
                (fact("Publisher", &review.publisher))
                (fact("Kind", &review.kind))
                (fact("Version", &review.version))
                (fact("Published", &review.published))
                (fact("Status", &review.status))
                @if let Some(digest) = &review.digest { dt { "Digest" } dd { code { (line(digest)) } } }
                dt { "Hosts" }
                dd {
                    @if review.hosts.is_empty() { span.quiet { "the entry names none" } }
                    @for (at, host) in review.hosts.iter().enumerate() { @if at > 0 { ", " } code { (line(host)) } }
                }
                @for (label, value) in &review.facts { dt { (line(label)) } dd { (line(value)) } }
            }
            h3 { "Variables" }
            @if review.variables.is_empty() {
                p.quiet { "The entry declares none." }
            } @else {
                dl.facts { @for variable in &review.variables { (self::variable(variable)) } }
            }
        }
    }
}

fn fact(label: &str, value: &str) -> Markup {
    html! { @if !value.is_empty() { dt { (label) } dd { (line(value)) } } }
}

fn variable(variable: &ReviewVariable) -> Markup {
    let ReviewVariable { name, description, is_secret, is_required, value } = variable;
    html! {
        dt { code { (line(name)) } }
        dd {
            @if *is_secret { span.mark.asks { "secret" } " " }
            @if *is_required { "required" } @else { "optional" }
            @if let Some(value) = value.as_ref().filter(|_| !is_secret) { "; set to " code { (line(value)) } }
            @if !description.is_empty() { ". " span.quiet { (line(description)) } }
        }
    }
}
