//! The connector that is checked: the tools as clients see them, and the operations that they call.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_build::model::text::{toml_key, toml_text};
use jackfield_build::model::{Ask, Effect, Fix, Operation, Place, Pointer, Scheme, SurfaceKind, ToolName};
use jackfield_build::{AppliedChoice, ConstantArgument, ListedTool, Manifest, Modelled, Report};
use jackfield_runtime::{Api, Environment, Service, entries};
use serde_json::Value;

use super::list_entry::ListEntry;
use super::list_tokens::ListTokens;
use crate::{Failure, rows};

/// The maximum number of problems of a schema that a finding names.
const MOST_PROBLEMS: usize = 3;

/// A connector with all data that the rules check.
pub(crate) struct Subject {
    pub(crate) manifest: Manifest,
    pub(crate) name: String,
    pub(crate) tools: Vec<Tool>,
    /// The number of tokens in the list of all tools.
    pub(crate) tokens: usize,
    pub(crate) surface: SurfaceKind,
    pub(crate) constants: Vec<ConstantArgument>,
    pub(crate) schemes: Vec<Scheme>,
    /// The scopes that at least one tool needs.
    pub(crate) needed_scopes: BTreeSet<String>,
}

/// A tool.
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) route: String,
    pub(crate) method: String,
    pub(crate) operation_id: Option<String>,
    pub(crate) place: Place,
    pub(crate) effect: Effect,
    pub(crate) ask: Ask,
    /// Whether the document has a summary or a description.
    pub(crate) has_text: bool,
    /// The title, even if the list omits it.
    pub(crate) title: String,
    /// The reason for the effect of the tool.
    pub(crate) because: String,
    /// The choices of connector.toml that apply to the tool.
    choices: Vec<AppliedChoice>,
    /// The entry of the list.
    pub(crate) listed: Value,
    pub(crate) tokens: usize,
    /// Whether the operationId also refers to other operations.
    is_id_ambiguous: bool,
    /// The operations of a merged tool. Empty for any other tool.
    operations: Vec<Self>,
    /// The merged tool, if this is one of its operations.
    pub(super) merged_into: Option<String>,
}

impl Subject {
    pub(crate) fn of(manifest: &Manifest, modelled: Modelled) -> Result<(Self, Report), Failure> {
        let listed = ListedTool::all_of(&modelled.connector, &modelled.surface());
        let mut tools: Vec<Tool> =
            listed.iter().flatten().filter_map(|tool| Tool::of_listed(&modelled, tool, manifest)).collect();
        mark_ambiguous(&mut tools);
        let connector = &modelled.connector;
        let (name, surface) = (connector.name.to_string(), connector.surface);
        let schemes = connector.schemes.clone();
        let needed_scopes = connector.needs().flat_map(|need| need.scopes.iter().cloned()).collect();
        let constants = modelled.constants.clone();
        let (named, report) = modelled.split();
        let service = Service::new(Api::new(rows::of_named(named), Environment::of_process()), Vec::new());
        let service = service.map_err(|taken| Failure::Other(taken.to_string()))?;
        let mut counter = ListTokens::default();
        for (tool, (is_listed, text)) in tools.iter_mut().zip(entries(&service)) {
            tool.tokens = if is_listed { counter.count(&text) } else { 0 };
            tool.listed = serde_json::from_str(&text).unwrap_or_default();
        }
        let (manifest, tokens) = (manifest.clone(), counter.all());
        let subject = Self { manifest, name, tools, tokens, surface, constants, schemes, needed_scopes };
        Ok((subject, report))
    }

    /// Returns the position of the tool's line in a table of connector.toml, or else the position of the tool.
    pub(crate) fn place_of_choice(table: &str, tool: &Tool) -> Place {
        let line = tool.choice(table).map(|choice| choice.line.clone());
        line.map_or_else(|| tool.place.clone(), manifest_place)
    }

    /// Returns whether a choice in a table of connector.toml applies to the tool.
    pub(crate) fn has_choice(table: &str, tool: &Tool) -> bool {
        tool.choice(table).is_some()
    }
}

/// Marks the operations whose operationId also refers to other operations.
fn mark_ambiguous(tools: &mut [Tool]) {
    let all = || tools.iter().flat_map(Tool::each);
    let mut sorted: Vec<&String> = all().filter_map(|tool| tool.operation_id.as_ref()).collect();
    sorted.sort();
    let twice: BTreeSet<String> =
        sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    let merged = tools.iter().filter(|tool| tool.is_merged()).map(|tool| (&tool.name, &tool.route));
    let named: BTreeMap<String, String> = all()
        .map(|tool| (&tool.name, &tool.route))
        .chain(merged)
        .map(|(name, route)| (name.clone(), route.clone()))
        .collect();
    for tool in tools.iter_mut().flat_map(|tool| match tool.is_merged() {
        true => tool.operations.iter_mut(),
        false => std::slice::from_mut(tool).iter_mut(),
    }) {
        tool.is_id_ambiguous = tool.operation_id.as_ref().is_some_and(|id| {
            // If a text is both the name of a tool and an operationId, it refers to the tool.
            twice.contains(id) || named.get(id).is_some_and(|route| *route != tool.route)
        });
    }
}

/// Returns the place of a line in connector.toml.
pub(crate) fn manifest_place(position: String) -> Place {
    Place { file: position.into(), pointer: Pointer::root() }
}

/// Returns whether a selector with this text can only be a name.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['/', '!'])
        && !text.contains(|c: char| c.is_whitespace() || c == '*' || c == ':')
}

impl Tool {
    fn of(modelled: &Modelled, name: &ToolName, operation: &Operation) -> Self {
        let stated = &operation.stated;
        Self {
            name: name.to_string(),
            choices: modelled.choices_about(name).to_vec(),
            route: operation.route(),
            method: operation.method.to_string(),
            operation_id: operation.id.as_ref().map(|id| id.as_str().to_owned()),
            place: operation.place.clone(),
            effect: operation.effect,
            ask: operation.ask,
            has_text: [&stated.summary, &stated.sentence].iter().any(|text| !text.trim().is_empty()),
            title: operation.title.clone(),
            because: operation.because.clone(),
            listed: Value::Null,
            tokens: 0,
            is_id_ambiguous: false,
            operations: Vec::new(),
            merged_into: operation.merged.as_ref().map(|merged| merged.tool.to_string()),
        }
    }

    /// Returns the operations of a merged tool, or else the tool itself.
    pub(crate) fn each(&self) -> std::slice::Iter<'_, Self> {
        if self.is_merged() { self.operations.iter() } else { std::slice::from_ref(self).iter() }
    }

    /// Returns the name for messages. For an operation of a merged tool, it includes the name of the merged tool.
    pub(super) fn called(&self) -> String {
        match &self.merged_into {
            Some(tool) => format!("`{}` (an operation of `{tool}`)", self.name),
            None => format!("`{}`", self.name),
        }
    }

    /// Returns the choice in a table that applies to the tool.
    pub(super) fn choice(&self, table: &str) -> Option<&AppliedChoice> {
        self.choices.iter().find(|choice| choice.table == table)
    }

    /// Returns whether the key of a choice names this tool and no other tool.
    pub(super) fn is_own(&self, choice: &AppliedChoice) -> bool {
        let key = choice.key.as_str();
        let id = self.operation_id.as_deref();
        let is_id = id.is_some_and(|id| key == id || key.strip_prefix("id:") == Some(id));
        // A merged tool may have the same name as this operation. In connector.toml, the name then refers to all operations of the merged
        // tool.
        let is_name = key == self.name || key.strip_prefix("tool:") == Some(&self.name);
        let is_merge = self.merged_into.as_ref() == Some(&self.name);
        key == self.route || (is_id && !self.is_id_ambiguous) || (is_name && !is_merge)
    }

    /// Creates a tool from its list entry. A merged tool is represented by its operation with the strongest effect.
    fn of_listed(modelled: &Modelled, tool: &ListedTool<'_>, manifest: &Manifest) -> Option<Self> {
        let Some(merge) = tool.merge else {
            let only = tool.operations.first()?;
            return Some(Self::of(modelled, &only.name, only.operation));
        };
        let strongest = tool.operations.iter().max_by_key(|tool| tool.operation.effect)?;
        let routes: Vec<String> = tool.operations.iter().map(|tool| tool.operation.route()).collect();
        let operations = tool.operations.iter().map(|tool| Self::of(modelled, &tool.name, tool.operation));
        let line = manifest.line_of(&["merge", merge.name.as_str()]);
        Some(Self {
            name: merge.name.to_string(),
            route: routes.join(" or "),
            operation_id: None,
            place: line.map_or_else(|| strongest.operation.place.clone(), manifest_place),
            title: merge.title.clone(),
            choices: modelled.choice_of_merge(&merge.name).to_vec(),
            operations: operations.collect(),
            merged_into: None,
            ..Self::of(modelled, &strongest.name, strongest.operation)
        })
    }

    /// Returns whether the tool calls one of several operations.
    pub(crate) const fn is_merged(&self) -> bool {
        !self.operations.is_empty()
    }

    /// Returns the line that renames the tool. Returns None for a merged tool, because its name is the key of its table.
    pub(crate) fn renaming(&self, name: &str) -> Option<Fix> {
        (!self.is_merged()).then(|| self.line("rename", &toml_text(name)))
    }

    /// Returns a line of a table for the tool. If a line with only this tool exists, the new line has the same key and replaces it.
    pub(super) fn own_line(&self, table: &str, value: &str) -> Fix {
        match self.choice(table).filter(|choice| self.is_own(choice)) {
            Some(choice) => Fix::line(table, format!("{} = {value}", toml_key(&choice.key))),
            None => self.line(table, value),
        }
    }

    /// Returns the key of the tool in connector.toml: the operationId, or else the route. The key of a merged tool is its name.
    pub(crate) fn key(&self) -> String {
        if self.is_merged() {
            return toml_key(&self.name);
        }
        let id = self.operation_id.as_deref().filter(|id| !self.is_id_ambiguous && is_name(id));
        toml_key(id.unwrap_or(&self.route))
    }

    /// Returns the fix that leaves the tool out.
    pub(crate) fn exclusion(&self) -> Fix {
        if self.is_merged() {
            return Fix::ManifestRemoval { table: "merge".to_owned(), key: self.key() };
        }
        Fix::line("", format!("exclude = [{}]", toml_text(&self.route)))
    }

    /// Returns a line of connector.toml about the tool.
    pub(crate) fn line(&self, table: &str, value: &str) -> Fix {
        let text = match table {
            "describe" => Some("description"),
            "retitle" => Some("title"),
            _ => None,
        };
        if let Some(text) = text.filter(|_| self.is_merged()) {
            let title = value.strip_prefix("{ title = ").and_then(|rest| rest.strip_suffix(" }"));
            let line = title.map_or_else(|| format!("{text} = {value}"), |title| format!("title = {title}"));
            return Fix::line(format!("merge.{}", self.key()), line);
        }
        Fix::line(table, format!("{} = {value}", self.key()))
    }

    /// Returns the first problems of the input schema as text, or `None` if there are none.
    pub(super) fn schema_problems(&self, problems: fn(&Value) -> Vec<String>) -> Option<String> {
        let problems = problems(self.listed.get("inputSchema")?);
        let shown = problems.len().min(MOST_PROBLEMS);
        let more = (problems.len() > shown).then(|| format!("; and {} more", problems.len() - shown));
        (shown > 0).then(|| problems[..shown].join("; ") + &more.unwrap_or_default())
    }
}

impl ListEntry for Tool {
    fn name(&self) -> &str {
        &self.name
    }

    fn effect(&self) -> Effect {
        self.effect
    }

    fn listed(&self) -> &Value {
        &self.listed
    }
}
