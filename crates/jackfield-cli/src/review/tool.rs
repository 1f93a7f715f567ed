//! The facts about a tool that the page shows.

use jackfield_build::model::{Effect, Operation, Preset, Resource};
use jackfield_build::{AppliedChoice, ListedTool, Modelled, NamedTool};
use jackfield_runtime::Explanation;
use serde_json::{Map, Value};

use super::shared::Meanings;
use super::words::Waiting;

/// A tool.
pub(super) struct Tool {
    pub(super) name: String,
    /// The operations of a merged tool. Empty for any other tool.
    pub(super) operations: Vec<Self>,
    /// The required arguments.
    pub(super) required: Vec<String>,
    pub(super) operation_id: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) effect: Effect,
    pub(super) because: String,
    pub(super) waiting: Waiting,
    pub(super) is_deprecated: bool,
    /// The security alternatives, with scopes.
    pub(super) auth: Vec<String>,
    /// The schemes of the alternatives, with scopes.
    pub(super) needs: Vec<(String, Vec<String>)>,
    pub(super) tokens: usize,
    /// The server, if it is not the server of the connector.
    pub(super) server: Option<String>,
    /// The title in the list. Empty if it would only repeat the name.
    pub(super) listed_title: String,
    /// The description in the list.
    pub(super) description: String,
    pub(super) input: Value,
    pub(super) input_meanings: Meanings,
    pub(super) output: Option<(Value, Meanings)>,
    /// Whether the schemas are left out, because the page would be too long.
    pub(super) is_cut: bool,
    pub(super) rate: Option<String>,
    pub(super) replies: Vec<String>,
    /// The values that connector.toml fixes, hides or gives a default.
    pub(super) presets: Vec<Preset>,
    /// The resource through which clients can read the operation, if there is one.
    pub(super) resource: Option<Resource>,
    /// The lines of connector.toml that apply to the tool.
    pub(super) choices: Vec<AppliedChoice>,
    pub(super) call: Call,
    /// The indices of the changes that concern the tool.
    pub(super) changes: Vec<usize>,
}

/// An example call.
pub(super) struct Call {
    pub(super) arguments: Map<String, Value>,
    /// The explained request, or the reason why it cannot be built.
    pub(super) request: Result<Box<Explanation>, String>,
}

impl Tool {
    pub(super) fn of(name: String, operation: &Operation, choices: &[AppliedChoice]) -> Self {
        let needs = operation.security.iter().flat_map(|one| &one.needs);
        let mut needs: Vec<(String, Vec<String>)> =
            needs.map(|need| (need.scheme.to_string(), need.scopes.clone())).collect();
        needs.sort();
        needs.dedup();
        Self {
            name,
            operations: Vec::new(),
            required: operation.alternative().required.into_iter().map(str::to_owned).collect(),
            operation_id: operation.id.as_ref().map(|id| id.as_str().to_owned()),
            method: operation.method.to_string(),
            path: operation.path.clone(),
            effect: operation.effect,
            because: operation.because.clone(),
            waiting: Waiting::of(operation.ask, operation.effect),
            is_deprecated: operation.deprecated,
            auth: Vec::new(),
            needs,
            tokens: 0,
            server: operation.server.as_ref().map(|server| server.url.clone()),
            listed_title: String::new(),
            description: String::new(),
            input: Value::Null,
            input_meanings: Meanings::new(),
            output: None,
            is_cut: false,
            rate: None,
            replies: Vec::new(),
            presets: operation.presets.clone(),
            resource: operation.resource.clone(),
            choices: choices.to_vec(),
            call: Call { arguments: Map::new(), request: Err(String::new()) },
            changes: Vec::new(),
        }
    }

    /// Creates a tool from its list entry. A merged tool has the strongest effect and the weakest approval of its operations.
    pub(super) fn of_listed(modelled: &Modelled, tool: &ListedTool<'_>) -> Option<Self> {
        let strongest = tool.strongest()?;
        let of = |tool: &NamedTool<'_>| {
            Self::of(tool.name.to_string(), tool.operation, modelled.choices_about(&tool.name))
        };
        let Some(merge) = tool.merge else { return Some(of(strongest)) };
        let operations: Vec<Self> = tool.operations.iter().map(of).collect();
        let waiting: Vec<Waiting> = operations.iter().map(|operation| operation.waiting).collect();
        Some(Self {
            operation_id: None,
            because: "the strongest effect of its operations".to_owned(),
            waiting: Waiting::of_all(&waiting),
            is_deprecated: operations.iter().any(|operation| operation.is_deprecated),
            presets: Vec::new(),
            resource: None,
            server: None,
            operations,
            ..Self::of(merge.name.to_string(), strongest.operation, modelled.choice_of_merge(&merge.name))
        })
    }

    /// Returns the operations of a merged tool, or else the tool itself.
    pub(super) fn each(&self) -> impl Iterator<Item = &Self> {
        let own = self.operations.is_empty().then_some(self);
        own.into_iter().chain(&self.operations)
    }

    /// Returns the operations of a merged tool, or else the tool itself.
    pub(super) fn each_mut(&mut self) -> Vec<&mut Self> {
        match self.operations.is_empty() {
            true => vec![self],
            false => self.operations.iter_mut().collect(),
        }
    }

    /// Returns the route, or the routes of all operations of a merged tool.
    pub(super) fn route(&self) -> String {
        match self.operations.as_slice() {
            [] => format!("{} {}", self.method, self.path),
            several => several.iter().map(Self::route).collect::<Vec<_>>().join(" or "),
        }
    }

    /// Returns the method, and the URL with the names of arguments in place of values.
    pub(super) fn request_line(&self, base: Option<&str>) -> String {
        format!("{} {}{}", self.method, base.unwrap_or_default().trim_end_matches('/'), self.path)
    }
}
