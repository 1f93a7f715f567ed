//! `jackfield inspect`: shows effects, requirements and token counts of the tools of a document.
#![allow(clippy::print_stdout, reason = "this command prints a table")]

mod auth;
mod contents;
mod inspected;
mod parameters;
mod withheld;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::println;
use anstyle::Style;
use jackfield_build::model::text::toml_text;
use jackfield_build::model::{Destinations, Group, ParameterSetting, shell_quoted, visible_line};
use jackfield_build::{AddedOrigin, ConstantArgument, ListedTool, Modelled, Withheld, model_of, o200k};
use jackfield_runtime::{Api, Environment, Service, entries};
use serde_json::{Value, json};

pub use auth::{Asked, Authentication};
pub use inspected::Inspected;
use inspected::describe_listed;
pub(crate) use parameters::setting_lines;

use crate::document_options::DocumentOptions;
use crate::paint::{self, BOLD, DIM, GREEN, RED, YELLOW};
use crate::progress::Progress;
use crate::{Failure, preview};

/// Arguments of `jackfield inspect`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  jackfield inspect openapi.yaml\n  jackfield inspect bookshop --json")]
pub struct Arguments {
    /// The OpenAPI document (a file, `-` for stdin, or a URL with --fetch), or a connector.toml
    spec: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    document: DocumentOptions,
}

/// The maximum width of a name in the table. Generated names fit, and a row fits into a terminal of 80 columns.
const NAME: usize = 40;
const AUTH: usize = 14;
/// The width of a row without names and credentials.
const REST: usize = 25;
/// The width of a terminal.
const TERMINAL: usize = 80;
/// The size in bytes beyond which the number of tokens of a list is estimated.
const LONGEST_LIST: usize = 64 << 20;
const BYTES: usize = 4;
/// The number of tokens beyond which a list is too long to be sent with each request.
const LONG_LIST: usize = 20_000;
/// The maximum number of tags that are listed.
const TAGS: usize = 4;
/// The number of largest tools whose arguments are listed.
const DEAREST: usize = 10;
const REASONS: usize = 3;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let job = arguments.document.job("inspect", &arguments.spec, None)?;
    let modelled = Progress::during(job.telling_added_origins(), model_of)?;
    if !arguments.json {
        paint::findings(&modelled.report, arguments.document.all);
    }
    let inspection = inspect(modelled)?;
    if arguments.json {
        println!("{}", inspection.json());
    } else {
        inspection.print(&arguments.spec.to_string_lossy());
    }
    Ok(ExitCode::SUCCESS)
}

/// The tools of a connector, and the number of tokens in their list.
#[derive(Debug)]
pub struct Inspection {
    /// The tools, in the order of the list.
    pub tools: Vec<Inspected>,
    /// The number of tokens in the whole list, counted with the tokenizer o200k.
    pub tokens: usize,
    /// The tags with their numbers of tools, the largest first.
    pub tags: Vec<(String, usize)>,
    /// The parameters that are settings instead of arguments.
    pub settings: Vec<ParameterSetting>,
    /// The arguments that look constant, although the document declares no value for them.
    pub constants: Vec<ConstantArgument>,
    /// The prompts, and whether the connector has documentation pages.
    pub(crate) contents: contents::Contents,
    /// The required credentials.
    pub authentication: Authentication,
    /// The origins that the tools can reach, with reasons.
    pub reached: BTreeMap<String, Vec<String>>,
    /// The origins that the jackfield.lock beside connector.toml does not list.
    pub added: Vec<AddedOrigin>,
    /// The tools that `jackfield serve` would withhold.
    pub withheld: Withheld,
}

/// Counts the tokens of the list of tools that the connector would serve.
///
/// # Errors
/// Returns an error if two tools have the same name.
pub fn inspect(modelled: Modelled) -> Result<Inspection, Failure> {
    inspect_listed(modelled, Environment::of_process(), |_| {}).map(|(inspection, _)| inspection)
}

/// Counts the tokens like [`inspect`]. Also passes each entry of the list to a callback, in the order of the tools.
pub(crate) fn inspect_listed(
    modelled: Modelled,
    environment: Environment,
    mut each: impl FnMut(&str),
) -> Result<(Inspection, Service), Failure> {
    let listed = ListedTool::all_of(&modelled.connector, &modelled.surface());
    let mut tools: Vec<Inspected> = listed.iter().flatten().map(describe_listed).collect();
    let authentication = auth::authentication(&modelled.connector);
    let tags = tags(&modelled.connector.groups);
    let reached = Destinations::of(&modelled.connector).reasons();
    let (added, withheld) = (modelled.added_origins().to_vec(), modelled.withheld());
    let contents = contents::Contents::of(&modelled.connector);
    let (settings, constants) = (modelled.connector.settings.clone(), modelled.constants.clone());
    let rows = preview::connector(modelled);
    let service = Service::new(Api::new(rows, environment), Vec::new());
    let service = service.map_err(|taken| Failure::Other(taken.to_string()))?;
    let tokenizer = o200k();
    let count = |text: &str| tokenizer.count(text);
    let mut list = String::from("[");
    let mut beyond = 0;
    for (tool, (is_listed, text)) in tools.iter_mut().zip(entries(&service)) {
        each(&text);
        if !is_listed {
            continue;
        }
        // Each tool repeats the schemas to which it refers, so even a small document can have a list that is too long to be sent.
        if list.len() > LONGEST_LIST {
            tool.tokens = text.len() / BYTES;
            beyond += tool.tokens;
            continue;
        }
        tool.tokens = count(&text);
        tool.parts = parts(&text, &count);
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(&text);
    }
    list.push(']');
    let tokens = count(&list) + beyond;
    let inspection = Inspection {
        tokens,
        tools,
        tags,
        settings,
        constants,
        contents,
        authentication,
        reached,
        added,
        withheld,
    };
    Ok((inspection, service))
}

/// Returns the tags of the operations, the largest first.
fn tags(groups: &[Group]) -> Vec<(String, usize)> {
    let tagged =
        groups.iter().filter(|group| group.tag.as_str() != Group::UNTAGGED && !group.operations.is_empty());
    let mut tags: Vec<(String, usize)> =
        tagged.map(|group| (group.tag.as_str().to_owned(), group.operations.len())).collect();
    tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    tags
}

/// Returns the number of tokens of each argument of a tool.
fn parts(text: &str, count: &dyn Fn(&str) -> usize) -> Vec<(String, usize)> {
    let tool: Value = serde_json::from_str(text).unwrap_or_default();
    let schema = &tool["inputSchema"];
    let arguments = schema["properties"].as_object().into_iter().flatten();
    let price = |name: &str, value: &Value| count(&format!("{}:{value},", json!(name)));
    let mut parts: Vec<(String, usize)> =
        arguments.map(|(name, value)| (name.clone(), price(name, value))).collect();
    parts.extend(schema.get("$defs").map(|shared| ("$defs".to_owned(), price("$defs", shared))));
    parts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    parts
}

impl Inspection {
    /// Returns the full data as JSON, for programs.
    pub fn json(&self) -> Value {
        let tools = self.tools.iter().map(|tool| {
            let parts = tool.parts.iter().map(|(name, tokens)| json!({ "name": name, "tokens": tokens }));
            let mut shown = json!({
                "name": tool.name, "operationId": tool.operation_id, "route": tool.route, "effect": tool.effect, "because": tool.because, "auth": tool.auth,
                "arguments": tool.arguments, "required": tool.required, "resource": tool.resource, "listed": tool.is_tool,
                "tokens": tool.tokens,
                "parts": parts.collect::<Vec<_>>(),
            });
            if !tool.operations.is_empty() {
                let operations = tool.operations.iter().map(|operation| {
                    json!({
                        "name": operation.name, "operationId": operation.operation_id, "route": operation.route,
                        "effect": operation.effect, "because": operation.because, "auth": operation.auth,
                        "resource": operation.resource,
                    })
                });
                shown["operations"] = operations.collect();
            }
            shown
        });
        let (schemes, origins) = self.authentication.json();
        let reached = self.reached.iter().map(|(origin, because)| {
            let is_new = self.added.iter().any(|added| added.origin == *origin);
            json!({ "origin": origin, "because": because, "added": is_new })
        });
        json!({
            "tokens": self.tokens, "tools": tools.collect::<Vec<_>>(), "schemes": schemes, "origins": origins,
            "reached": reached.collect::<Vec<_>>(), "withheld": withheld::json(&self.withheld),
            "prompts": self.contents.prompts(), "documentation": self.contents.documentation,
            "settings": parameters::settings(&self.settings), "constants": parameters::constants(&self.constants),
        })
    }

    fn print(&self, spec: &str) {
        let width = self.tools.iter().map(|tool| tool.name.chars().count()).max().unwrap_or(0);
        let width = width.clamp(4, NAME);
        let widest = self.tools.iter().map(|tool| tool.auth.join(" | ").chars().count()).max();
        let room = widest.unwrap_or(0).clamp(AUTH, TERMINAL - REST - width);
        let head =
            format!("{:width$}  {:8} {:room$} {:>5} {:>7}", "tool", "effect", "auth", "args", "tokens");
        println!("{BOLD}{head}{BOLD:#}");
        for tool in &self.tools {
            let (name, auth) = (cut(&tool.name, width), cut(&tool.auth.join(" | "), room));
            let effect = format!("{}{}", tool.effect, if tool.judged { "*" } else { "" });
            let colour = match tool.effect {
                "read" => GREEN,
                "write" => YELLOW,
                _ => RED,
            };
            let args = format!("{}/{}", tool.required, tool.arguments);
            let tokens = if tool.is_tool { grouped(tool.tokens) } else { "none".to_owned() };
            println!("{name:width$}  {colour}{effect:8}{colour:#} {auth:room$} {args:>5} {tokens:>7}");
            for operation in &tool.operations {
                let (name, route) = (cut(&operation.name, width), visible_line(&operation.route));
                println!("{DIM}  {name}  {} {route}{DIM:#}", operation.effect);
            }
        }
        println!(
            "\n{BOLD}{} {}, {} tokens{BOLD:#} {DIM}(o200k; args: required/all){DIM:#}",
            grouped(self.listed()),
            if self.listed() == 1 { "tool" } else { "tools" },
            grouped(self.tokens)
        );
        // A merged tool is not a resource, but its operations may be resources.
        let all = self.tools.iter().flat_map(|tool| std::iter::once(tool).chain(&tool.operations));
        let resources =
            all.filter_map(|tool| Some((tool.name.as_str(), tool.resource.as_deref()?, tool.is_tool)));
        self.contents.print(&resources.collect::<Vec<_>>(), width);
        self.print_advice();
        self.print_choices(spec, width);
        parameters::print(&self.settings, &self.constants);
        self.authentication.print();
        if !self.reached.is_empty() {
            println!("\n{BOLD}Origins that tools can reach{BOLD:#}");
            paint::origin_lines(&self.reached, &self.added).iter().for_each(|(line, _)| println!("{line}"));
        }
        withheld::print(&self.withheld);
        self.print_dearest(width);
        let judged: Vec<&Inspected> = self.tools.iter().filter(|tool| tool.judged).collect();
        if !judged.is_empty() {
            println!(
                "\n{BOLD}* inferred from more than the HTTP method{BOLD:#} {DIM}(override with [effect] in connector.toml){DIM:#}"
            );
            for tool in judged {
                println!(
                    "{:width$}  {:8} {DIM}{}{DIM:#}",
                    cut(&tool.name, width),
                    tool.effect,
                    visible_line(&tool.because)
                );
            }
        }
    }

    /// Returns the number of operations that clients can call as tools.
    pub fn listed(&self) -> usize {
        self.tools.iter().filter(|tool| tool.is_tool).count()
    }

    /// Explains how to select tools, if the list is long.
    fn print_advice(&self) {
        if self.tokens <= LONG_LIST {
            return;
        }
        println!(
            "\nA model gets this list at the start of every conversation. In connector.toml, choose the tools that the model needs:\n"
        );
        println!("  include = [{}]", self.examples().join(", "));
        let largest = self.tags.iter().take(TAGS);
        let largest: Vec<String> =
            largest.map(|(tag, count)| format!("{} ({})", visible_line(tag), grouped(*count))).collect();
        if !largest.is_empty() {
            println!("\n{DIM}{} tags; the largest: {}{DIM:#}", grouped(self.tags.len()), largest.join(", "));
        }
    }

    /// Returns example selectors of each kind for connector.toml.
    fn examples(&self) -> Vec<String> {
        let tag = self.tags.first().map(|(tag, _)| format!("tag:{tag}"));
        let read = self.tools.iter().find(|tool| tool.route.starts_with("GET /"));
        let route = read.map(|tool| {
            let first = tool.route["GET /".len()..].split('/').next().unwrap_or_default();
            format!("GET /{first}*")
        });
        let id = self.tools.iter().find_map(|tool| tool.operation_id.clone());
        let known = tag.into_iter().chain(route).chain(id).filter(|text| visible_line(text) == *text);
        known.map(|text| toml_text(&text)).collect()
    }

    /// Prints the operationIds, which connector.toml can use to refer to operations. Also prints a command that shows one complete tool.
    fn print_choices(&self, spec: &str, width: usize) {
        let Some(first) = self.tools.iter().find(|tool| tool.is_tool) else { return };
        let others: Vec<&Inspected> =
            self.tools.iter().filter(|tool| tool.operation_id.as_ref() != Some(&tool.name)).collect();
        if others.is_empty() {
            println!("\n{DIM}the tool names are the operationIds, which connector.toml uses too{DIM:#}");
        } else {
            println!(
                "\n{BOLD}operationIds{BOLD:#} {DIM}(or routes, for include, exclude and tables of connector.toml){DIM:#}"
            );
        }
        for tool in others {
            let id = tool.operation_id.as_ref().unwrap_or(&tool.route);
            println!("{:width$}  {}", cut(&tool.name, width), visible_line(id));
        }
        println!("\nOne tool, as clients get it:\n\n  {}", command_of(spec, &first.name));
    }

    fn print_dearest(&self, width: usize) {
        let mut dearest: Vec<&Inspected> = self.tools.iter().collect();
        dearest.sort_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| a.name.cmp(&b.name)));
        let shown = dearest.iter().take(DEAREST);
        if self.tools.len() > 3 * DEAREST {
            println!("\n{BOLD}The largest{BOLD:#}");
            let plain = Style::new();
            for tool in shown {
                let reasons: Vec<String> = tool
                    .parts
                    .iter()
                    .take(REASONS)
                    .map(|(name, tokens)| format!("{} {}", cut(name, 24), grouped(*tokens)))
                    .collect();
                println!("{plain}{:width$}{plain:#} {:>7}", cut(&tool.name, width), grouped(tool.tokens));
                if !reasons.is_empty() {
                    println!("  {DIM}{}{DIM:#}", cut(&reasons.join(", "), 78));
                }
            }
        }
    }
}

/// Returns the command that shows one complete tool.
fn command_of(spec: &str, tool: &str) -> String {
    format!("jackfield preview {} tools {}", shell_quoted(spec), shell_quoted(tool))
}

/// Returns the text, truncated to `width` visible characters.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let text = visible_line(text);
    if text.chars().count() <= width {
        return text.into_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Formats a number with separators: `1234567` becomes `1,234,567`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_a_number_are_grouped_by_thousands() {
        assert_eq!([grouped(0), grouped(999), grouped(1_234_567)], ["0", "999", "1,234,567"]);
    }

    #[test]
    fn long_tool_name_is_truncated() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
