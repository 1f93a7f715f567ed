//! Makes the decisions that turn a finished model into the tools of a connector.

use std::collections::BTreeMap;

use jackfield_model::{Ask, Connector, Diagnostic, Effect, Operation, ToolName};

use crate::effect::judge_effects;
use crate::group::group_by_resource;
use crate::jobs::recognise_jobs;
use crate::lean::lean;
use crate::names::{ChosenName, LONGEST, Names, tool_names};
use crate::output::promise_outputs;
use crate::paging::recognise_pages;
use crate::parameters::{self, ConstantArgument, ParameterChoices};
use crate::prune::prune;

/// The user's choices about tools. The tables are keyed by `operationId` or by route; a route takes
/// precedence.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The tool names that the user chose, and the names in the lock.
    pub names: Names,
    /// The maximum length of generated names.
    pub longest: usize,
    /// The effects that the user corrected.
    pub effects: BTreeMap<String, Effect>,
    /// Whether tools wait for a person. A tool's name is a key too.
    pub asks: BTreeMap<String, Ask>,
    /// The titles and descriptions that the user wrote.
    pub descriptions: BTreeMap<String, Description>,
    /// Whether descriptions and schemas are shortened.
    pub is_lean: bool,
    /// Whether tools declare output schemas.
    pub outputs: bool,
    /// The choices about parameters of many operations.
    pub parameters: ParameterChoices,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            names: Names::default(),
            longest: LONGEST,
            effects: BTreeMap::new(),
            asks: BTreeMap::new(),
            descriptions: BTreeMap::new(),
            is_lean: false,
            outputs: false,
            parameters: ParameterChoices::default(),
        }
    }
}

/// A title and a description that the user wrote for an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The title, if the user changed it.
    pub title: Option<String>,
    /// The description, if the user changed it.
    pub text: Option<String>,
}

/// A model, with all decisions about its tools applied.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The model.
    pub connector: Connector,
    /// The names of its tools, in the order of its operations.
    pub names: Vec<ChosenName>,
    /// The findings about the decisions.
    pub findings: Vec<Diagnostic>,
    /// The arguments that look constant, although the document declares no value for them.
    pub constants: Vec<ConstantArgument>,
}

/// Decides everything about the tools of a finished model.
///
/// The order matters. Parameters become settings first, so that they get no wording. Pages and jobs are recognised before wording shortens what names
/// and schemas say. Outputs are limited
/// relative to all schemas of the document, so they come before pruning. Wording omits words that names
/// already contain, and shares only schemas that are used, so it comes after names and pruning. The user's
/// own texts must not be shortened, so curation comes last.
pub fn decide(mut connector: Connector, choices: &Choices) -> Decided {
    group_by_resource(&mut connector);
    let names = tool_names(&connector, &choices.names, choices.longest);
    let plain: Vec<ToolName> = names.iter().map(|chosen| chosen.name.clone()).collect();
    judge_effects(&mut connector);
    let settled = parameters::settle(&mut connector, &plain, &choices.parameters);
    recognise_pages(&mut connector);
    recognise_jobs(&mut connector, &plain);
    if choices.outputs {
        promise_outputs(&mut connector);
    }
    prune(&mut connector);
    if choices.is_lean {
        lean(&mut connector, &plain);
        prune(&mut connector);
    }
    curate(&mut connector, choices);
    set_asks(&mut connector, &plain, &choices.asks);
    let parameters::Settled { findings, constants } = settled;
    Decided { connector, names, findings, constants }
}

/// Applies the user's effects, titles and descriptions.
fn curate(connector: &mut Connector, choices: &Choices) {
    fn of<'t, T>(table: &'t BTreeMap<String, T>, operation: &Operation) -> Option<&'t T> {
        let by_id = || table.get(operation.id.as_ref()?.as_str());
        table.get(&operation.route()).or_else(by_id)
    }
    if choices.effects.is_empty() && choices.descriptions.is_empty() {
        return;
    }
    for operation in connector.groups.iter_mut().flat_map(|group| &mut group.operations) {
        if let Some(effect) = of(&choices.effects, operation) {
            operation.effect = *effect;
            // An operation with the effect `read` is idempotent. For other effects, the HTTP method decides.
            operation.idempotent = *effect == Effect::Read || operation.method.is_idempotent();
            operation.because = "connector.toml".to_owned();
        }
        let Some(said) = of(&choices.descriptions, operation) else { continue };
        if let Some(title) = &said.title {
            operation.title.clone_from(title);
            operation.title_is_said = false;
        }
        if let Some(text) = &said.text {
            operation.description.clone_from(text);
        }
    }
}

/// Applies the user's choices about approval. A route overrides a tool name, and a tool name overrides an
/// `operationId`.
fn set_asks(connector: &mut Connector, names: &[ToolName], asks: &BTreeMap<String, Ask>) {
    if asks.is_empty() {
        return;
    }
    let is_name = |key: &str| names.iter().any(|name| name.as_str() == key);
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, name) in operations.zip(names) {
        // The name of one tool may be the `operationId` of another. The key then means the tool with that
        // name.
        let id = operation.id.as_ref().map(|id| id.as_str()).filter(|id| !is_name(id));
        let by_id = || asks.get(id?);
        let found = asks.get(&operation.route()).or_else(|| asks.get(name.as_str())).or_else(by_id);
        operation.ask = found.copied().unwrap_or_default();
    }
}
