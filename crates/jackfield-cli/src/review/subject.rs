//! The connector that the page describes.

use std::collections::HashMap;

use jackfield_build::model::{Connector, Count, Destinations, Prompt, Scheme, SurfaceKind};
use jackfield_build::{ListedTool, Modelled};
use jackfield_runtime::{Environment, Service};
use serde_json::Value;

use super::shared::{Definitions, Meanings};
use super::since::Since;
use super::tool::{Call, Tool};
use crate::explain::{rate_text, reply_text, shared_rate};
use crate::inspect::{Inspection, inspect_listed};
use crate::{Failure, example};

/// The size in bytes of all list entries beyond which the page leaves schemas out.
const LONGEST_SCHEMAS: usize = 24 << 20;

/// The tools of a tag.
pub(super) struct Group {
    pub(super) tag: String,
    pub(super) description: String,
    /// The indices of the tools.
    pub(super) tools: std::ops::Range<usize>,
}

/// A connector with all data that the page shows.
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    /// The `instructions` of connector.toml, which models get instead of the description. Empty if there are none.
    pub(super) instructions: String,
    pub(super) version: String,
    pub(super) count: Count,
    /// The tools, in the order of the list.
    pub(super) tools: Vec<Tool>,
    /// The tags, in the order of the list.
    pub(super) groups: Vec<Group>,
    pub(super) inspection: Inspection,
    pub(super) destinations: Destinations,
    pub(super) schemes: Vec<Scheme>,
    pub(super) prompts: Vec<Prompt>,
    /// Whether clients can read pages about the connector.
    pub(super) documentation: bool,
    /// The headers of every request.
    pub(super) headers: Vec<(String, String)>,
    /// The number of certificate authorities that are trusted in addition to those of the machine.
    pub(super) authorities: usize,
    pub(super) surface: SurfaceKind,
    /// The rate limit for tools without a limit of their own.
    pub(super) general_rate: Option<String>,
    pub(super) general_replies: Option<String>,
    pub(super) definitions: Definitions,
    pub(super) since: Since,
}

impl Subject {
    /// Collects the data. It does not depend on environment variables, so that the page is the same on every machine.
    pub(super) fn of(modelled: Modelled, since: Since) -> Result<Self, Failure> {
        let surface = modelled.surface();
        let listed = ListedTool::all_of(&modelled.connector, &surface);
        let mut first = 0;
        let mut groups = Vec::new();
        for (one, listed) in surface.groups.iter().zip(&listed).filter(|(_, listed)| !listed.is_empty()) {
            let tools = first..first + listed.len();
            first = tools.end;
            let (tag, description) = (one.group.tag.to_string(), one.group.description.clone());
            groups.push(Group { tag, description, tools });
        }
        let mut tools: Vec<Tool> =
            listed.iter().flatten().filter_map(|tool| Tool::of_listed(&modelled, tool)).collect();
        drop((listed, surface));
        let (connector, count) = (modelled.connector.clone(), modelled.report.count.clone());
        add_rules(&mut tools, &connector);
        add_changes(&mut tools, &since);
        let (mut definitions, mut at, mut bytes) = (Definitions::default(), 0, 0);
        let nothing = Environment::of::<String, String>([]);
        let (inspection, service) = inspect_listed(modelled, nothing, |text| {
            bytes += text.len();
            if let Some(tool) = tools.get_mut(at) {
                add_entry(tool, text, bytes <= LONGEST_SCHEMAS, &mut definitions);
            }
            at += 1;
        })?;
        for (tool, counted) in tools.iter_mut().zip(&inspection.tools) {
            (tool.tokens, tool.auth) = (counted.tokens, counted.auth.clone());
            for (operation, counted) in tool.operations.iter_mut().zip(&counted.operations) {
                operation.auth.clone_from(&counted.auth);
            }
        }
        add_requests(&mut tools, &service)?;
        Ok(Self {
            name: connector.name.to_string(),
            count,
            tools,
            groups,
            inspection,
            destinations: Destinations::of(&connector),
            authorities: connector.authorities.len(),
            surface: connector.surface,
            general_rate: connector.rates.iter().find(|rate| rate.key.is_empty()).map(rate_text),
            general_replies: connector.replies.iter().find(|rule| rule.tool.is_none()).map(reply_text),
            definitions,
            since,
            title: connector.title,
            description: connector.description,
            instructions: connector.instructions,
            version: connector.version,
            schemes: connector.schemes,
            prompts: connector.prompts,
            documentation: connector.documentation,
            headers: connector.headers,
        })
    }

    /// Returns the operations of all tools.
    pub(super) fn operations(&self) -> impl Iterator<Item = &Tool> {
        self.tools.iter().flat_map(Tool::each)
    }

    /// Returns the base URL of the tools without a server of their own, if it is known.
    pub(super) fn base(&self) -> Option<&str> {
        let mut calls = self.operations().filter(|tool| tool.server.is_none());
        calls.find_map(|tool| tool.call.request.as_ref().ok().map(|request| request.base.as_str()))
    }
}

fn add_rules(tools: &mut [Tool], connector: &Connector) {
    // Operations of a merged tool that have the same limit are counted together.
    let mut siblings: HashMap<String, (String, Vec<String>)> = HashMap::new();
    for tool in tools.iter() {
        let names: Vec<String> = tool.operations.iter().map(|operation| operation.name.clone()).collect();
        siblings.extend(names.iter().map(|name| (name.clone(), (tool.name.clone(), names.clone()))));
    }
    let mut operations: HashMap<String, &mut Tool> =
        tools.iter_mut().flat_map(Tool::each_mut).map(|tool| (tool.name.clone(), tool)).collect();
    for rate in connector.rates.iter().filter(|rate| !rate.key.is_empty()) {
        for name in &rate.tools {
            if let Some(tool) = operations.get_mut(name.as_str()) {
                let is_other = |other: &String| {
                    other != name.as_str() && rate.tools.iter().any(|it| it.as_str() == other)
                };
                let merged = siblings.get(name.as_str()).filter(|(_, names)| names.iter().any(is_other));
                let shared = merged.map(|(tool, _)| format!(", {}", shared_rate(tool)));
                tool.rate = Some(rate_text(rate) + &shared.unwrap_or_default());
            }
        }
    }
    for rule in &connector.replies {
        let tool = rule.tool.as_ref().and_then(|name| operations.get_mut(name.as_str()));
        let text = reply_text(rule);
        if let Some(tool) = tool.filter(|_| !text.is_empty()) {
            tool.replies.push(text);
        }
    }
}

fn add_changes(tools: &mut [Tool], since: &Since) {
    let Since::Compared(report, _) = since else { return };
    // A change of an operation is also shown at the merged tool through which the operation is called.
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, tool) in tools.iter().enumerate() {
        let names = tool.operations.iter().chain([tool]).map(|tool| tool.name.clone());
        names.for_each(|name| places.entry(name).or_default().push(at));
    }
    for (number, change) in report.changes.iter().enumerate() {
        for at in change.tools.iter().filter_map(|name| places.get(name)).flatten() {
            if !tools[*at].changes.contains(&number) {
                tools[*at].changes.push(number);
            }
        }
    }
}

/// Adds the entry of the list, which the model sees.
fn add_entry(tool: &mut Tool, text: &str, has_room: bool, definitions: &mut Definitions) {
    let mut listed: Value = serde_json::from_str(text).unwrap_or_default();
    let word = |listed: &Value, key: &str| listed[key].as_str().unwrap_or_default().to_owned();
    tool.listed_title = word(&listed, "title");
    tool.description = word(&listed, "description");
    tool.call = Call { arguments: example::arguments(&listed["inputSchema"]), request: Err(String::new()) };
    for operation in &mut tool.operations {
        // The arguments of an operation are a subset of the arguments in the list entry.
        let mut input = listed["inputSchema"].clone();
        input["required"] = operation.required.iter().map(String::as_str).collect();
        let arguments = example::arguments(&input);
        operation.call = Call { arguments, request: Err(String::new()) };
    }
    tool.is_cut = !has_room;
    if !has_room {
        return;
    }
    let mut take = |key: &str| {
        let mut schema = listed.get_mut(key).map(Value::take)?;
        let meanings: Meanings = definitions.take(&mut schema);
        Some((schema, meanings))
    };
    if let Some((schema, meanings)) = take("inputSchema") {
        (tool.input, tool.input_meanings) = (schema, meanings);
    }
    tool.output = take("outputSchema");
}

/// Adds the example requests. Nothing is sent.
fn add_requests(tools: &mut [Tool], service: &Service) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the async runtime: {error}")))?;
    for listed in tools {
        let name = listed.name.clone();
        for tool in listed.each_mut() {
            let mut operations = service.operations_of(&name);
            let handle = match operations.find(|operation| operation.get().name() == tool.name) {
                Some(operation) => operation.clone(),
                None => match service.tool(&tool.name) {
                    Some(handle) => handle,
                    None => continue,
                },
            };
            let explained = runtime.block_on(service.api().explain(handle, tool.call.arguments.clone()));
            tool.call.request = explained.map(Box::new).map_err(|error| error.to_string());
        }
    }
    Ok(())
}
