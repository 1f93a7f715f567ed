//! The section about the tools, with what the server says about itself.

use jackfield_build::model::Effect;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::super::shared::{Definitions, Meanings};
use super::super::words::{effect_mark, line, lines};
use super::super::{changes, filters, schema, shared_schemas};
use super::findings;
use super::review_data::PublishedReview;
use crate::inspect::grouped;
use crate::lint::{ListFinding, ListTokens};

/// The size in bytes of all tools beyond which the page leaves schemas out.
const LONGEST_SCHEMAS: usize = 24 << 20;

/// The members of a tool that have a place of their own.
const SHOWN: [&str; 5] = ["name", "title", "description", "inputSchema", "outputSchema"];

/// A tool.
pub(super) struct ReviewedTool<'r> {
    name: &'r str,
    definition: &'r Map<String, Value>,
    pub(super) effect: Effect,
    /// Whether a person chose the effect.
    pub(super) is_chosen: bool,
    pub(super) tokens: usize,
    input: Option<(Value, Meanings)>,
    output: Option<(Value, Meanings)>,
    /// Whether the schemas are left out, because the page would be too long.
    is_cut: bool,
    findings: Vec<&'r ListFinding>,
    /// The indices of the changes that concern the tool.
    changes: Vec<usize>,
}

impl<'r> ReviewedTool<'r> {
    /// Returns the tools of the list that have a name, and stores the schemas that they share.
    pub(super) fn all_of(review: &'r PublishedReview<'_>, definitions: &mut Definitions) -> Vec<Self> {
        let (mut counter, mut bytes) = (ListTokens::default(), 0);
        let mut tools = Vec::new();
        let named = review.lists.tools.iter().filter_map(|tool| Some((tool.get("name")?.as_str()?, tool)));
        for (name, definition) in named {
            let text = serde_json::to_string(definition).unwrap_or_default();
            bytes += text.len();
            let is_cut = bytes > LONGEST_SCHEMAS;
            let mut take = |key: &str| {
                let mut schema = definition.get(key).filter(|_| !is_cut)?.clone();
                let meanings = definitions.take(&mut schema);
                Some((schema, meanings))
            };
            let (input, output) = (take("inputSchema"), take("outputSchema"));
            let chosen = review.effects.get(name).copied();
            tools.push(Self {
                name,
                definition,
                effect: chosen.unwrap_or(Effect::Destroy),
                is_chosen: chosen.is_some(),
                tokens: counter.count(&text),
                input,
                output,
                is_cut,
                findings: Vec::new(),
                changes: Vec::new(),
            });
        }
        let places: std::collections::HashMap<&str, usize> =
            tools.iter().enumerate().rev().map(|(at, tool)| (tool.name, at)).collect();
        for finding in &review.list_findings {
            if let Some(at) = finding.tool.as_deref().and_then(|name| places.get(name)) {
                tools[*at].findings.push(finding);
            }
        }
        let report = review.changes.iter().flat_map(|(report, _)| report.changes.iter().enumerate());
        for (number, change) in report {
            for at in change.tools.iter().filter_map(|name| places.get(name.as_str())) {
                tools[*at].changes.push(number);
            }
        }
        tools
    }

    fn text(&self, key: &str) -> &'r str {
        self.definition.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the CSS classes that filters use.
    fn classes(&self) -> Vec<&'static str> {
        let mut classes = vec![self.effect.as_str()];
        classes.extend((!self.changes.is_empty()).then_some("changed"));
        classes
    }

    /// Describes the effect that the server states.
    fn stated(&self) -> &'static str {
        let hint = |name: &str| self.definition.get("annotations")?.get(name)?.as_bool();
        match (hint("readOnlyHint"), hint("destructiveHint")) {
            (Some(true), _) => "only reads",
            (_, Some(false)) => "changes something, and destroys nothing",
            (_, Some(true)) => "may destroy something",
            (Some(false), None) => "changes something",
            (None, None) => "nothing about the effect",
        }
    }
}

pub(super) fn section(
    review: &PublishedReview<'_>,
    tools: &[ReviewedTool<'_>],
    definitions: &Definitions,
) -> Markup {
    let mut all: Vec<&str> = tools.iter().flat_map(ReviewedTool::classes).collect();
    all.sort_unstable();
    all.dedup();
    html! {
        section aria-labelledby="tools" {
            h2 id="tools" { "Tools" }
            p.quiet { "The server decides what a tool does. Its statements about effects are not checked; the effect that you choose decides about rights and approvals." }
            (filters::filters(|class| tools.iter().filter(|tool| class == "all" || tool.classes().contains(&class)).count()))
            div class={ "group " (all.join(" ")) } {
                @for (at, tool) in tools.iter().enumerate() { (one(review, at, tool)) }
            }
            (shared_schemas::section(definitions))
        }
    }
}

fn one(review: &PublishedReview<'_>, at: usize, tool: &ReviewedTool<'_>) -> Markup {
    html! {
        details id={ "t" (at) } class={ "tool " (tool.classes().join(" ")) } {
            summary {
                code.name { (line(tool.name)) }
                span.marks {
                    (effect_mark(tool.effect))
                    @if let Some(worst) = tool.findings.iter().map(|finding| finding.gravity).min() { " " (findings::mark(worst)) }
                    @if !tool.changes.is_empty() { " " span.mark.new { "changed" } }
                }
                span.route { "the server says: " (tool.stated()) }
                span.cost { (grouped(tool.tokens)) span.hidden { " tokens" } }
            }
            div.body {
                @if !tool.findings.is_empty() {
                    h4 { "Findings" }
                    ul { @for finding in &tool.findings { li { (findings::finding(finding)) } } }
                }
                @if let Some((report, _)) = review.changes.as_ref().filter(|_| !tool.changes.is_empty()) {
                    h4 { "Changes" }
                    (changes::of_tool(report, &tool.changes))
                }
                h4 { "Text that the model reads" }
                @if !tool.text("title").is_empty() { p { (line(tool.text("title"))) } }
                p.text { (lines(tool.text("description"))) }
                h4 { "Effect" }
                p {
                    (effect_mark(tool.effect)) " "
                    @if tool.is_chosen { "as you chose" } @else { "because nobody has chosen an effect" }
                    ". The server says: " (tool.stated()) " " span.quiet { "(not trusted)" } "."
                }
                @if tool.is_cut {
                    p.quiet { "The schemas are left out, because the page would be too long." }
                } @else {
                    h4 { "Arguments" }
                    @match &tool.input {
                        Some((input, meanings)) => (schema::root(input, meanings)),
                        None => p.quiet { "none declared" },
                    }
                    @if let Some((output, meanings)) = &tool.output { h4 { "Result" } (schema::root(output, meanings)) }
                }
                (further(tool))
            }
        }
    }
}

/// Shows the other members of the definition.
fn further(tool: &ReviewedTool<'_>) -> Markup {
    let members: Vec<(&String, &Value)> =
        tool.definition.iter().filter(|(key, _)| !SHOWN.contains(&key.as_str())).collect();
    html! {
        @if !members.is_empty() && !tool.is_cut {
            h4 { "Other members" }
            dl.facts { @for (key, value) in members { dt { (line(key)) } dd { code { (line(&value.to_string())) } } } }
        }
    }
}
