//! The tools as a shell shows them.

use std::fmt::Write as _;

use jackfield_recipe::Effect;
use serde_json::Value;

use crate::service::Service;

/// The tools: for a person, or as JSON.
pub(super) fn list(service: &Service, json: bool) -> String {
    if json { as_json(service) } else { by_group(service) }
}

/// By group, each with what it does to the service.
fn by_group(service: &Service) -> String {
    let tools: Vec<_> = service.list().collect();
    let width = tools.iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    let mut rest = tools.as_slice();
    let mut text = String::new();
    let groups =
        service.connector().groups.iter().map(|group| (group.tag, group.description, group.tools.len()));
    let custom = service.connector().tools().count();
    for (tag, description, count) in groups.chain([("custom", "hand-written", tools.len() - custom)]) {
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
            let said = if tool.title.is_empty() { &tool.description } else { &tool.title };
            let said = said.lines().next().unwrap_or_default();
            let _ = writeln!(text, "  {:width$}  {effect}  {said}", tool.name);
        }
    }
    text
}

fn as_json(service: &Service) -> String {
    let tools: Vec<Value> = service
        .list()
        .map(|tool| {
            serde_json::json!({
                "name": tool.name,
                "title": tool.title,
                "description": tool.description,
                "inputSchema": tool.input,
            })
        })
        .collect();
    serde_json::to_string_pretty(&tools).unwrap_or_default()
}
