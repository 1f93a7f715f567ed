//! Parameters that have one value for all requests.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{
    Connector, Diagnostic, Location, Operation, ParameterSetting, Place, Setting, ToolName, ToolSelection,
    WireName,
};

use super::census::Census;
use super::choices::{ConstantArgument, ParameterChoices};
use super::findings;
use super::parameter::{ParameterKey, ParameterName, parameter_name, parameters};
use super::steps::remove;
use super::value::{Verdict, judge};

/// The finding about settings, and the arguments that look constant.
pub(super) struct Outcome {
    pub(super) finding: Option<Diagnostic>,
    pub(super) constants: Vec<ConstantArgument>,
}

/// Removes arguments for headers that every request has anyway.
pub(super) fn apply_headers(connector: &mut Connector, choices: &ParameterChoices) {
    let fixed: BTreeSet<ParameterName> = choices
        .headers
        .iter()
        .filter(|name| !choices.keeps(Location::Header, name))
        .map(|name| parameter_name(Location::Header, name))
        .collect();
    if fixed.is_empty() {
        return;
    }
    for operation in connector.groups.iter_mut().flat_map(|group| &mut group.operations) {
        remove(operation, |name| fixed.contains(name));
    }
}

/// A parameter that becomes a setting or that only looks constant, with the tools that have it.
struct Found {
    verdict: Verdict,
    wire: String,
    place: Option<Place>,
    tools: Vec<ToolName>,
}

/// Turns parameters into settings: parameters for which the user set a value, and parameters that look constant and
/// have a safe value.
pub(super) fn settle(
    connector: &mut Connector,
    names: &[ToolName],
    census: &Census,
    choices: &ParameterChoices,
) -> Outcome {
    let mut settings = chosen(connector, names, choices);
    let mut found = judged(connector, census, choices);
    let Connector { groups, pool, .. } = connector;
    let operations = groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, tool) in operations.zip(names) {
        let mut taken = BTreeSet::new();
        for parameter in parameters(operation) {
            let Some((key, _)) = parameter.key(&pool.send) else { continue };
            let Some(it) = found.get_mut(&key) else { continue };
            if let Verdict::Setting(value) = &it.verdict {
                if value.as_deref().is_some_and(|value| !answers_in(operation, value)) {
                    continue;
                }
                taken.insert(key.name);
            }
            it.place.get_or_insert_with(|| operation.place.clone());
            it.tools.push(tool.clone());
        }
        remove(operation, |name| taken.contains(name));
    }
    let (mut made, mut constants) = (Vec::new(), Vec::new());
    for (key, it) in found {
        let Found { verdict, wire, place, tools } = it;
        let location = key.name.0;
        match verdict {
            Verdict::Setting(value) => {
                made.extend(setting(location, &wire, value, tools, names).zip(place));
            }
            Verdict::Constant(example) if !tools.is_empty() => {
                constants.push(ConstantArgument { location, wire, example, tools: tools.len() });
            }
            Verdict::Constant(_) | Verdict::Argument => {}
        }
    }
    settings.extend(made.iter().map(|(setting, _)| setting.clone()));
    settings.sort_by(|a: &ParameterSetting, b| (a.location, &a.wire).cmp(&(b.location, &b.wire)));
    connector.settings = settings;
    Outcome { finding: findings::settings(connector, &made), constants }
}

/// Returns the settings for query parameters for which the user set a value.
fn chosen(
    connector: &mut Connector,
    names: &[ToolName],
    choices: &ParameterChoices,
) -> Vec<ParameterSetting> {
    let values = choices.query.iter();
    let settings = values.filter_map(|(wire, value)| {
        let is_it = |(location, name): &ParameterName| *location == Location::Query && name == wire;
        let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
        let taken = operations.zip(names).filter_map(|(it, name)| remove(it, is_it).then_some(name));
        setting(Location::Query, wire, Some(value.clone()), taken.cloned().collect(), names)
    });
    settings.collect()
}

/// Returns the repeated parameters that the user left undecided, each with the decision of the rules.
fn judged(
    connector: &Connector,
    census: &Census,
    choices: &ParameterChoices,
) -> BTreeMap<ParameterKey, Found> {
    let variable =
        |location, wire: &str| Setting::parameter_variable(connector.name.as_str(), location, wire);
    let headers = choices.headers.iter().map(|name| variable(Location::Header, name));
    let query = choices.query.iter().map(|(name, _)| variable(Location::Query, name));
    let mut variables: BTreeSet<String> = headers.chain(query).collect();
    let mut found = BTreeMap::new();
    for (key, parameter) in &census.repeated {
        let (location, wire) = (key.name.0, parameter.wire.clone());
        let verdict = judge(location, parameter, &connector.version);
        // If two settings had one variable, the user could not set them separately.
        let is_free = !matches!(verdict, Verdict::Setting(_)) || variables.insert(variable(location, &wire));
        if is_free && verdict != Verdict::Argument && !choices.keeps(location, &wire) {
            found.insert(key.clone(), Found { verdict, wire, place: None, tools: Vec::new() });
        }
    }
    found
}

/// Returns the setting for these tools, or `None` if no tool has it.
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

/// Whether the operation can respond in the format that the value selects.
fn answers_in(operation: &Operation, value: &str) -> bool {
    let is_json = |text: &String| text.contains("json") || text.contains('*');
    !value.to_ascii_lowercase().ends_with("json")
        || operation.accepts.is_empty()
        || operation.accepts.iter().any(is_json)
}
