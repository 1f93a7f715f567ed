//! The sections about origins, credentials and scopes.

use std::collections::BTreeMap;

use jackfield_build::model::Effect;
use maud::{Markup, html};

use super::subject::Subject;
use super::words::{EFFECTS, line, plural};
use crate::inspect::grouped;

/// Returns the section about the origins to which requests and credentials go.
pub(super) fn origins(subject: &Subject) -> Markup {
    let receives = |origin: &str| -> Vec<&str> {
        let schemes = subject.destinations.schemes.iter();
        schemes.filter(|it| it.credential.contains(origin)).map(|it| it.scheme.as_str()).collect()
    };
    html! {
        section aria-labelledby="origins" {
            h2 id="origins" { "Origins" }
            @if subject.inspection.reached.is_empty() {
                p.quiet { "The document has no absolute server URL. The user of the connector sets the base URL." }
            } @else {
                p { "Requests and credentials go only to these origins. The user of the connector can set another base URL." }
                div.wide tabindex="0" role="group" aria-labelledby="origins" { table {
                    thead { tr { th scope="col" { "Origin" } th scope="col" { "Because of" } th scope="col" { "Gets credentials of" } } }
                    tbody {
                        @for (origin, reasons) in &subject.inspection.reached {
                            tr {
                                th scope="row" {
                                    code { (line(origin)) }
                                    @if subject.inspection.added.iter().any(|added| added.origin == *origin) {
                                        " " span.mark.security { "not in the lock" }
                                    }
                                    @if origin.starts_with("http://") { " " span.mark.security { "not encrypted" } }
                                }
                                td { (line(&reasons.join("; "))) }
                                td { @let schemes = receives(origin);
                                    @if schemes.is_empty() { span.quiet { "none" } } @else { (names(&schemes)) } }
                            }
                        }
                    }
                } }
            }
            @if subject.authorities > 0 {
                p { (subject.authorities) " additional certificate " (if subject.authorities == 1 { "authority is" } else { "authorities are" }) " trusted." }
            }
            @if !subject.headers.is_empty() {
                h3 { "Headers of every request" }
                ul { @for (name, value) in &subject.headers { li { code { (line(name)) ": " (line(value)) } } } }
            }
            @if !subject.inspection.settings.is_empty() {
                h3 { "Settings" }
                p { "The user of the connector sets these parameters. Models cannot set them." }
                ul {
                    @for setting in &subject.inspection.settings {
                        li {
                            code { (line(setting.wire.as_str())) } " "
                            @match &setting.value { Some(value) => code { (line(value)) }, None => span.quiet { "not sent unless it is set" } }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the section about the credentials, their sources, and their destinations.
pub(super) fn credentials(subject: &Subject) -> Markup {
    html! {
        section aria-labelledby="credentials" {
            h2 id="credentials" { "Credentials" }
            @if subject.inspection.authentication.schemes.is_empty() {
                p.quiet { "The document declares no credentials for these tools." }
            } @else {
                p { "Each credential goes only to the origins beside it. This page contains no credentials." }
                div.cards {
                    @for (at, scheme) in subject.inspection.authentication.schemes.iter().enumerate() {
                        (card(subject, at, scheme))
                    }
                }
            }
        }
    }
}

fn card(subject: &Subject, at: usize, scheme: &crate::inspect::Asked) -> Markup {
    let goes = subject.destinations.schemes.get(at);
    let declared = subject.schemes.get(at);
    html! {
        div.card {
            h3 { code { (line(&scheme.name)) } }
            @if !scheme.description.is_empty() { p { (line(&scheme.description)) } }
            dl.facts {
                dt { "Kind" }
                dd { (line(&scheme.kind)) @if let Some(place) = &scheme.place { ", in the " (line(place)) } }
                dt { "Comes from" }
                dd {
                    @if scheme.variables.is_empty() { span.quiet { "nothing: unsupported" } } @else { (names(&strings(&scheme.variables))) ", or a login" }
                    @if let Some(declared) = declared {
                        @for command in &declared.commands {
                            ", or for the " (command.field.as_str()) " the program " code { (line(&command.program.join(" "))) }
                        }
                    }
                }
                dt { "Goes to" }
                dd {
                    @match goes {
                        Some(goes) if !goes.credential.is_empty() => (names(&goes.credential.iter().map(String::as_str).collect::<Vec<_>>())),
                        _ => span.quiet { "no origin" },
                    }
                }
                @if let Some(goes) = goes.filter(|goes| !goes.endpoints.is_empty()) {
                    dt { "Login at" }
                    dd { @for (at, (endpoint, origin)) in goes.endpoints.iter().enumerate() { @if at > 0 { ", " } (endpoint) " " code { (line(origin)) } } }
                }
                @if !scheme.flows.is_empty() { dt { "Flows" } dd { (scheme.flows.join(", ")) } }
                @if !scheme.aliases.is_empty() { dt { "Also called" } dd { (names(&strings(&scheme.aliases))) } }
                dt { "Used by" }
                dd { (grouped(scheme.tools)) " " (plural(scheme.tools, "tool")) }
            }
        }
    }
}

/// Returns the section about the scopes that tools need, each with the effects of the tools that need it.
pub(super) fn scopes(subject: &Subject) -> Markup {
    let mut needed: BTreeMap<(&str, &str), [usize; 3]> = BTreeMap::new();
    for scheme in &subject.inspection.authentication.schemes {
        for scope in &scheme.scopes {
            needed.entry((&scheme.name, scope)).or_default();
        }
    }
    for tool in subject.operations() {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for (scheme, scopes) in &tool.needs {
            seen.extend(scopes.iter().map(|scope| (scheme.as_str(), scope.as_str())));
        }
        seen.sort_unstable();
        seen.dedup();
        for key in seen {
            needed.entry(key).or_default()[place(tool.effect)] += 1;
        }
    }
    html! {
        section aria-labelledby="scopes" {
            h2 id="scopes" { "Scopes" }
            @if needed.is_empty() {
                p.quiet { "No tool asks for a scope." }
            } @else {
                p { "A login asks for these scopes. The numbers say how many tools name a scope." }
                div.wide tabindex="0" role="group" aria-labelledby="scopes" { table.counts {
                    thead { tr {
                        th scope="col" { "Scope" } th scope="col" { "Credential" }
                        @for effect in EFFECTS { th scope="col" { (effect.as_str()) } }
                    } }
                    tbody {
                        @for ((scheme, scope), counts) in &needed {
                            tr {
                                th scope="row" { code { (line(scope)) } }
                                td { code { (line(scheme)) } }
                                @for count in counts { td { @if *count > 0 { (grouped(*count)) } @else { span.quiet { "0" } } } }
                            }
                        }
                    }
                } }
            }
        }
    }
}

const fn place(effect: Effect) -> usize {
    match effect {
        Effect::Read => 0,
        Effect::Write => 1,
        Effect::Destroy => 2,
    }
}

fn strings(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Formats names as code, separated by commas.
fn names(names: &[&str]) -> Markup {
    html! { @for (at, name) in names.iter().enumerate() { @if at > 0 { ", " } code { (line(name)) } } }
}
