//! The section about the tools, with filters, and all details of each tool.

use jackfield_build::model::{Preset, PresetKind};
use jackfield_runtime::{Piece, PieceSource};
use maud::{Markup, html};
use serde_json::Value;

use super::since::Since;
use super::subject::{Group, Subject};
use super::tool::{Call, Tool};
use super::words::{effect_mark, line, lines};
use super::{changes, filters, schema, shared_schemas};
use crate::inspect::grouped;

pub(super) fn section(subject: &Subject) -> Markup {
    html! {
        section aria-labelledby="tools" {
            h2 id="tools" { "Tools" }
            (filters(subject))
            @for group in &subject.groups { (self::group(subject, group)) }
            (shared_schemas::section(&subject.definitions))
        }
    }
}

fn filters(subject: &Subject) -> Markup {
    filters::filters(|class| {
        subject.tools.iter().filter(|tool| class == "all" || classes(tool).contains(&class)).count()
    })
}

/// Returns the CSS classes of a tool that filters use.
fn classes(tool: &Tool) -> Vec<&'static str> {
    let mut classes = vec![tool.effect.as_str()];
    classes.extend(tool.waiting.waits().then_some("waits"));
    classes.extend((!tool.changes.is_empty()).then_some("changed"));
    classes.extend(tool.is_deprecated.then_some("deprecated"));
    classes
}

fn group(subject: &Subject, group: &Group) -> Markup {
    let Group { tag, description, .. } = group;
    let tools = subject.tools.get(group.tools.clone()).unwrap_or_default();
    let mut all: Vec<&str> = tools.iter().flat_map(classes).collect();
    all.sort_unstable();
    all.dedup();
    html! {
        div class={ "group " (all.join(" ")) } {
            h3 { (line(tag)) " " span.quiet { (grouped(tools.len())) } }
            @if !description.is_empty() { p.quiet.text { (lines(description)) } }
            @for (at, tool) in tools.iter().enumerate() { (one(subject, group.tools.start + at, tool)) }
        }
    }
}

fn one(subject: &Subject, at: usize, tool: &Tool) -> Markup {
    let mark = tool.waiting.mark();
    html! {
        details id={ "t" (at) } class={ "tool " (classes(tool).join(" ")) } {
            summary {
                code.name { (line(&tool.name)) }
                span.marks {
                    (effect_mark(tool.effect))
                    @if !mark.is_empty() { " " span.mark.(if tool.waiting.waits() { "asks" } else { "security" }) { (mark) } }
                    @if !tool.changes.is_empty() { " " span.mark.new { "changed" } }
                    @if tool.resource.as_ref().is_some_and(|it| !it.is_tool) { " " span.mark { "resource only" } }
                    @if tool.is_deprecated { " " span.mark { "deprecated" } }
                }
                span.route { (line(&tool.route())) }
                span.cost { (grouped(tool.tokens)) span.hidden { " tokens" } }
            }
            div.body {
                @if !tool.changes.is_empty() {
                    @if let Since::Compared(report, _) = &subject.since { h4 { "Changes" } (changes::of_tool(report, &tool.changes)) }
                }
                h4 { "Text that the model reads" }
                @if !tool.listed_title.is_empty() { p { (line(&tool.listed_title)) } }
                p.text { (lines(&tool.description)) }
                @if tool.is_cut {
                    p.quiet { "The schemas are left out, because the page would be too long." }
                } @else {
                    h4 { "Arguments" }
                    (schema::root(&tool.input, &tool.input_meanings))
                    @if let Some((output, meanings)) = &tool.output { h4 { "Result" } (schema::root(output, meanings)) }
                }
                @if tool.operations.is_empty() {
                    h4 { "Request" }
                    (call(subject, tool))
                    h4 { "Decisions" }
                    (facts(tool))
                } @else {
                    p {
                        "This tool calls one of " (grouped(tool.operations.len())) " operations. "
                        "The rights, approval, limits and records of that operation apply to the call."
                    }
                    @if !tool.choices.is_empty() { p.quiet { (choices(tool)) } }
                    @for operation in &tool.operations {
                        h4 { "Operation " code { (line(&operation.name)) } " " (effect_mark(operation.effect)) }
                        (call(subject, operation))
                        (facts(operation))
                    }
                }
            }
        }
    }
}

fn call(subject: &Subject, tool: &Tool) -> Markup {
    let Call { arguments, request } = &tool.call;
    let base = match request {
        Ok(request) => Some(request.base.as_str()),
        Err(_) => tool.server.as_deref().or_else(|| subject.base()),
    };
    html! {
        pre.line { (line(&tool.request_line(base))) }
        p { "Example arguments: " code { (line(&Value::Object(arguments.clone()).to_string())) } }
        @match request {
            Ok(request) => pre { (lines(request.request.trim_end())) },
            Err(why) => p.quiet.text { "The request cannot be built from these values. " (lines(why)) },
        }
    }
}

fn facts(tool: &Tool) -> Markup {
    html! {
        dl.facts {
            dt { "Effect" }
            dd { (tool.effect.as_str()) ", because of " (line(&tool.because)) }
            dt { "Approval" }
            dd { (tool.waiting.sentence()) }
            dt { "Credentials" }
            dd {
                @if tool.auth.is_empty() { span.quiet { "none" } }
                @for (at, one) in tool.auth.iter().enumerate() { @if at > 0 { " or " } code { (line(one)) } }
            }
            @let constants = constants(tool);
            @if !tool.presets.is_empty() || !constants.is_empty() {
                dt { "Values" }
                dd {
                    ul.values {
                        @for piece in constants { li { code { (line(&piece.name)) } " is always " code { (line(&piece.value)) } } }
                        @for preset in &tool.presets { li { (self::preset(preset)) } }
                    }
                }
            }
            @if let Some(server) = &tool.server { dt { "Own server" } dd { code { (line(server)) } } }
            @if let Ok(request) = &tool.call.request { dt { "Repeated" } dd { (request.retry) } }
            @if let Some(rate) = &tool.rate { dt { "Limit" } dd { (line(rate)) } }
            @if !tool.replies.is_empty() { dt { "Reply" } dd { (line(&tool.replies.join("; "))) } }
            @if let Some(resource) = &tool.resource { dt { "Resource" } dd { code { (line(&resource.uri)) } } }
            @if let Some(id) = tool.operation_id.as_ref().filter(|id| **id != tool.name) { dt { "operationId" } dd { code { (line(id)) } } }
            @if !tool.choices.is_empty() {
                dt { "connector.toml" }
                dd { (choices(tool)) }
            }
        }
    }
}

/// Returns the lines of connector.toml about a tool.
fn choices(tool: &Tool) -> Markup {
    html! {
        @for (at, choice) in tool.choices.iter().enumerate() {
            @if at > 0 { ", " }
            code { "[" (choice.table) "] " (line(&choice.key)) }
            " " (line(&choice.line))
        }
    }
}

/// Returns the parts of the request that are constant.
fn constants(tool: &Tool) -> Vec<&Piece> {
    let pieces = tool.call.request.iter().flat_map(|request| &request.pieces);
    pieces
        .filter(|piece| piece.from.iter().any(|from| matches!(from, PieceSource::Constant { .. })))
        .collect()
}

/// Describes what connector.toml decides about a value.
fn preset(preset: &Preset) -> Markup {
    html! {
        code { (line(&preset.path.join("."))) }
        @match &preset.kind {
            PresetKind::Fixed(value) => { " is always " code { (line(value)) } },
            PresetKind::Default(value) => { " is " code { (line(value)) } " unless a call sets it" },
            PresetKind::Hidden => { " cannot be set by a call" },
        }
    }
}
