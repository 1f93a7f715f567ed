//! Prints the tools for a shell.

use std::fmt::Write as _;

use jackfield_recipe::{Effect, shell_quoted};
use serde_json::{Map, Value, json};

use crate::auth::LocalSource;
use crate::call::held_rows::ToolHandle;
use crate::call::rows::{Connector, Tool};
use crate::call::schema::{InputSchema, self_contained};
use crate::common::caller::{Caller, Channel};
use crate::engine::listing::Listed;
use crate::engine::merged::MergedTool;
use crate::engine::service::Service;
use crate::engine::shape::{Shape, required, sample};

/// The maximum number of withheld tools that the note names.
const MOST_NAMED: usize = 5;

/// Returns a line about the withheld tools, which are not in the list.
pub(super) fn note_on_withheld(service: &Service) -> Option<String> {
    let withheld = service.withheld();
    let named: Vec<&str> = withheld.iter().take(MOST_NAMED).map(|tool| tool.name.as_str()).collect();
    let more = withheld.len().checked_sub(MOST_NAMED).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let tools = if withheld.len() == 1 { "1 tool is" } else { &format!("{} tools are", withheld.len()) };
    let remedy = service.rows().remedy();
    (!withheld.is_empty()).then(|| {
        format!("{tools} withheld until you accept what changed ({}{more}): {remedy}", named.join(", "))
    })
}

/// Returns the list of tools as text or JSON.
pub(super) fn list(service: &Service, json: bool) -> String {
    if json { as_json(service) } else { by_group(service) }
}

/// Lists the tools by group, each with its effect.
fn by_group(service: &Service) -> String {
    let tools: Vec<_> = service.list(&Caller::local(Channel::CommandLine)).collect();
    let width = tools.iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    let mut rest = tools.as_slice();
    let mut text = String::new();
    // A merged tool is listed in the group of its first operation.
    let is_listed = |tool: &&&Tool<'_>| tool.is_called() || service.merge_at(tool).is_some();
    let groups: Vec<_> = service
        .connector()
        .groups
        .iter()
        .map(|group| (group.tag, group.description, group.tools.iter().filter(is_listed).count()))
        .collect();
    let custom: usize = groups.iter().map(|(.., count)| count).sum();
    for (tag, description, count) in
        groups.into_iter().chain([("custom", "hand-written", tools.len() - custom)])
    {
        let (these, others) = rest.split_at(count);
        rest = others;
        if these.is_empty() {
            continue;
        }
        let first_line = description.lines().next().unwrap_or_default();
        let _ = writeln!(text, "{tag}{}{first_line}", if first_line.is_empty() { "" } else { ": " });
        for tool in these {
            let effect = match tool.effect {
                Effect::Read => "read   ",
                Effect::Write => "write  ",
                Effect::Destroy => "destroy",
            };
            let merged = service.merged_tool(&tool.name).map(MergedTool::summary);
            let said = if tool.title.is_empty() { &tool.description } else { &tool.title };
            let said = merged.as_ref().unwrap_or(said);
            let said = said.lines().next().unwrap_or_default();
            let _ = writeln!(text, "  {:width$}  {effect}  {said}", tool.name);
        }
    }
    text
}

fn as_json(service: &Service) -> String {
    let tools: Vec<Value> =
        service.list(&Caller::local(Channel::CommandLine)).map(|tool| object(&tool)).collect();
    serde_json::to_string_pretty(&tools).unwrap_or_default()
}

fn object(tool: &Listed) -> Value {
    json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.input,
    })
}

/// Formats one tool as JSON.
pub(super) fn one_as_json(tool: &Listed) -> String {
    serde_json::to_string_pretty(&object(tool)).unwrap_or_default()
}

/// Formats one tool as text: its description, arguments and credentials, and an example call.
pub(super) fn one(service: &Service, local: &LocalSource, tool: &Listed, called: &str) -> String {
    let mut text = match tool.title.as_str() {
        "" => format!("{}\n", tool.name),
        title => format!("{}: {title}\n", tool.name),
    };
    let effect = tool.effect.as_str();
    let operations: Vec<ToolHandle> =
        service.tool(&tool.name).into_iter().chain(service.operations_of(&tool.name).cloned()).collect();
    let operations: Vec<&Tool<'_>> = operations.iter().map(ToolHandle::get).collect();
    let routes: Vec<String> = operations.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let route = if routes.is_empty() { "hand-written".to_owned() } else { routes.join(" or ") };
    let _ = writeln!(text, "{route}, effect: {effect}");
    if !tool.description.is_empty() && tool.description != tool.title {
        let _ = writeln!(text, "\n{}", tool.description.trim_end());
    }
    arguments(&mut text, &tool.input);
    let is_same = operations.iter().all(|row| row.security == operations[0].security);
    for row in operations.iter().take(if is_same { 1 } else { operations.len() }) {
        credentials(&mut text, local, row, if is_same { "" } else { row.name });
    }
    // The sample call of a merged tool selects its first operation.
    let (input, arguments) = match operations.first().and_then(|row| Some((row, row.merged?))) {
        Some((row, merged)) => {
            let input = self_contained(service.connector(), row.input);
            let arguments = merged.as_called(sample(&input));
            (input, arguments)
        }
        None => (tool.input.clone(), sample(&tool.input)),
    };
    let command = command(&tool.name, arguments, called);
    // The sample might not match the schema, for example if the schema has a pattern.
    let fits =
        InputSchema::compile(input.clone()).fit(&tool.name, &mut Value::Object(sample(&input))).is_ok();
    let how = if fits {
        "Try it without sending anything"
    } else {
        "Fill this in to try it without sending anything"
    };
    let _ = writeln!(text, "\n{how}:\n  {command} --dry-run");
    text
}

fn arguments(text: &mut String, input: &Map<String, Value>) {
    let properties = input.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        text.push_str("\nIt takes no arguments.\n");
        return;
    };
    text.push_str("\nArguments:\n");
    let width = properties.keys().map(|name| name.chars().count()).max().unwrap_or(0).min(40);
    let is_required = |name: &&String| required(input).any(|required| required == name.as_str());
    let (first, others): (Vec<&String>, Vec<&String>) = properties.keys().partition(is_required);
    for name in first.iter().chain(&others) {
        let schema = &properties[name.as_str()];
        let kind = Shape { schema, root: input }.to_string();
        let required = if is_required(name) { ", required" } else { "" };
        let _ = writeln!(text, "  {name:width$}  {kind}{required}");
        let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        for line in said.lines().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(text, "  {:width$}    {}", "", line.trim_end());
        }
    }
}

/// Adds the credentials that a tool needs, or that `operation` needs if the tool is merged.
fn credentials(text: &mut String, local: &LocalSource, tool: &Tool<'_>, operation: &str) {
    if tool.security.is_empty() {
        let _ = match operation {
            "" => writeln!(text, "\nIt needs no credentials."),
            operation => writeln!(text, "\nThe operation {operation} needs no credentials."),
        };
        return;
    }
    let of = if operation.is_empty() { String::new() } else { format!(" of the operation {operation}") };
    let more = if tool.security.len() > 1 { " (one of these is enough)" } else { "" };
    let _ = writeln!(text, "\nCredentials{of}{more}:");
    for needs in tool.security {
        let parts: Vec<String> = needs
            .iter()
            .map(|need| {
                let scopes = match need.scopes {
                    [] => String::new(),
                    scopes => format!(", scopes {}", scopes.join(" ")),
                };
                let scheme = local.connector().schemes.iter().find(|scheme| scheme.name == need.scheme);
                let how = scheme.map_or(String::new(), |scheme| {
                    let variables = local.variables_of(scheme).join(" and ");
                    let set = if variables.is_empty() { String::new() } else { format!(", set {variables}") };
                    format!(": {}{set}", scheme.describe())
                });
                format!("{}{how}{scopes}", need.scheme)
            })
            .collect();
        let _ =
            writeln!(text, "  {}", if parts.is_empty() { "none".to_owned() } else { parts.join("; and ") });
    }
}

/// Returns a shell command that calls the tool with its required arguments.
pub(super) fn example(connector: &Connector<'_>, tool: &Tool<'_>, called: &str) -> String {
    command(tool.name, sample(&self_contained(connector, tool.input)), called)
}

fn command(name: &str, arguments: Map<String, Value>, called: &str) -> String {
    let arguments = Value::Object(arguments).to_string();
    let arguments = if arguments == "{}" { String::new() } else { format!(" {}", shell_quoted(&arguments)) };
    format!("{called} call {}{arguments}", shell_quoted(name))
}
