//! Parameters that have one value for all requests.

use std::collections::BTreeSet;

use jackfield_model::{
    Connector, Diagnostic, Location, Operation, ParameterSetting, Setting, ToolName, ToolSelection, WireName,
};

use super::census::{Census, Parameter, ParameterKey};
use super::choices::{ConstantArgument, ParameterChoices};
use super::findings;
use super::steps::remove;
use super::value::{Verdict, judge};

/// What the rule did.
pub(super) struct Outcome {
    pub(super) finding: Option<Diagnostic>,
    pub(super) constants: Vec<ConstantArgument>,
}

/// Takes the headers that every request has anyway from the arguments.
pub(super) fn apply_headers(connector: &mut Connector, choices: &ParameterChoices) {
    let is_fixed = |location: Location, wire: &str| {
        let is_header = location == Location::Header;
        is_header
            && choices.headers.iter().any(|name| location.is_same_name(name, wire))
            && !choices.keeps(location, wire)
    };
    for operation in operations(connector) {
        remove(operation, is_fixed);
    }
}

/// Makes settings of the parameters that the user gave a value, and of those that look constant and have a safe one.
pub(super) fn settle(
    connector: &mut Connector,
    names: &[ToolName],
    census: &Census,
    choices: &ParameterChoices,
) -> Outcome {
    let connector_name = connector.name.clone();
    let variable =
        |location, wire: &str| Setting::parameter_variable(connector_name.as_str(), location, wire);
    let mut variables: BTreeSet<String> =
        choices.headers.iter().map(|name| variable(Location::Header, name)).collect();
    let mut settings = Vec::new();
    for (wire, value) in &choices.query {
        let is_it = |location, name: &str| location == Location::Query && name == wire;
        let tools = take(connector, names, |operation, _| remove(operation, is_it));
        variables.insert(variable(Location::Query, wire));
        settings.extend(setting(Location::Query, wire, Some(value.clone()), tools, names));
    }
    let mut made = Vec::new();
    let mut constants = Vec::new();
    for (key, parameter) in &census.repeated {
        let (location, wire) = (key.location, parameter.wire.as_str());
        if choices.keeps(location, wire) {
            continue;
        }
        match judge(location, parameter, &connector.version) {
            Verdict::Argument => {}
            Verdict::Constant(example) => {
                let tools = count(connector, key);
                let wire = wire.to_owned();
                constants.extend((tools > 0).then_some(ConstantArgument { location, wire, example, tools }));
            }
            Verdict::Setting(value) => {
                // Two parameters of one variable could not be set apart.
                if !variables.insert(variable(location, wire)) {
                    continue;
                }
                let first =
                    connector.operations().find(|it| has(it, key, connector)).map(|it| it.place.clone());
                let tools = take(connector, names, |operation, pool| {
                    let answers_otherwise =
                        value.as_deref().is_some_and(|value| !answers_in(operation, value));
                    let is_key = |step: &_| {
                        let found = Parameter::of(step, operation).and_then(|it| it.key(pool));
                        found.is_some_and(|(found, _)| found == *key)
                    };
                    if answers_otherwise || !operation.recipe.iter().any(is_key) {
                        return false;
                    }
                    remove(operation, |at, name| at == location && at.is_same_name(name, wire))
                });
                let new = setting(location, wire, value, tools, names);
                made.extend(new.clone().zip(first));
                settings.extend(new);
            }
        }
    }
    settings.sort_by(|a: &ParameterSetting, b| (a.location, &a.wire).cmp(&(b.location, &b.wire)));
    connector.settings = settings;
    let finding = findings::settings(connector, &made);
    Outcome { finding, constants }
}

fn operations(connector: &mut Connector) -> impl Iterator<Item = &mut Operation> {
    connector.groups.iter_mut().flat_map(|group| &mut group.operations)
}

/// Takes a parameter from every operation that has it; returns the names of their tools.
fn take(
    connector: &mut Connector,
    names: &[ToolName],
    mut take: impl FnMut(&mut Operation, &jackfield_model::Defs) -> bool,
) -> Vec<ToolName> {
    let Connector { groups, pool, .. } = connector;
    let operations = groups.iter_mut().flat_map(|group| &mut group.operations);
    let taken =
        operations.zip(names).filter_map(|(operation, name)| take(operation, &pool.send).then_some(name));
    taken.cloned().collect()
}

/// The setting for these tools; none without tools.
fn setting(
    location: Location,
    wire: &str,
    value: Option<String>,
    mut tools: Vec<ToolName>,
    names: &[ToolName],
) -> Option<ParameterSetting> {
    if tools.is_empty() {
        return None;
    }
    let tools = if tools.len() * 2 > names.len() {
        let has: BTreeSet<&ToolName> = tools.iter().collect();
        let mut others: Vec<ToolName> = names.iter().filter(|name| !has.contains(name)).cloned().collect();
        others.sort();
        ToolSelection::Except(others)
    } else {
        tools.sort();
        ToolSelection::Only(tools)
    };
    Some(ParameterSetting { location, wire: WireName::from(wire), value, tools })
}

fn has(operation: &Operation, key: &ParameterKey, connector: &Connector) -> bool {
    let mut found = operation.recipe.iter().filter_map(|step| Parameter::of(step, operation));
    found.any(|it| it.key(&connector.pool.send).is_some_and(|(found, _)| found == *key))
}

fn count(connector: &Connector, key: &ParameterKey) -> usize {
    connector.operations().filter(|operation| has(operation, key, connector)).count()
}

/// Whether the operation can answer in the format that the value may choose.
fn answers_in(operation: &Operation, value: &str) -> bool {
    let is_json = |text: &String| text.contains("json") || text.contains('*');
    !value.to_ascii_lowercase().ends_with("json")
        || operation.accepts.is_empty()
        || operation.accepts.iter().any(is_json)
}
