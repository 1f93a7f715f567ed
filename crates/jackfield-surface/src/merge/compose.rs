//! Makes the tool of a merge from its operations.

use std::fmt::Write as _;

use jackfield_model::{
    Alternative, Arg, ArgName, Connector, Effect, MERGED_BY_ARGUMENTS, MERGED_BY_SELECTOR, Merge, Operation,
    Schema, alternatives_in_words, indistinct_alternatives,
};
use serde_json::{Value, json};

use super::choice::{MergeChoice, MergeFault, MergeProblem};
use super::same::accept_the_same;
use crate::names::ChosenName;

/// Merges operations of a connector. `names` are the names of its tools. The arguments and texts of the operations have to be final.
///
/// # Errors
/// Returns the merges that are not possible.
pub fn merge(
    connector: &mut Connector,
    names: &[ChosenName],
    merges: &[MergeChoice],
) -> Result<(), Vec<MergeFault>> {
    let (mut made, mut faults) = (Vec::new(), Vec::new());
    for (at, choice) in merges.iter().enumerate() {
        let merged = connector.operations().zip(names).filter_map(|(operation, name)| {
            let merged = name.merged.as_ref().filter(|merged| merged.into.tool == choice.name)?;
            Some((merged.entry, operation))
        });
        let mut merged: Vec<(usize, &Operation)> = merged.collect();
        merged.sort_by_key(|(entry, _)| *entry);
        let operations: Vec<&Operation> = merged.into_iter().map(|(_, operation)| operation).collect();
        match of_operations(choice, &operations) {
            Ok(merge) => made.push(merge),
            Err(problem) => faults.push(MergeFault { merge: at, entry: None, problem }),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    connector.merges = made;
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, name) in operations.zip(names) {
        operation.merged = name.merged.as_ref().map(|merged| merged.into.clone());
    }
    Ok(())
}

fn of_operations(choice: &MergeChoice, operations: &[&Operation]) -> Result<Merge, MergeProblem> {
    let alternatives: Vec<Alternative<'_>> = operations.iter().map(|it| it.alternative()).collect();
    let mut args = Vec::new();
    match &choice.selector {
        Some(selector) => {
            let owner = operations.iter().find(|operation| has_argument(operation, selector));
            if let Some(owner) = owner {
                return Err(MergeProblem::SelectorTaken(owner.route()));
            }
            args.push(selector_argument(selector, choice));
        }
        None => {
            if let Some((one, other)) = indistinct_alternatives(&alternatives) {
                return Err(MergeProblem::Indistinct([one, other].map(|at| operations[at].route())));
            }
        }
    }
    args.extend(arguments(operations, &alternatives)?);
    let [first, others @ ..] = operations else { return Err(MergeProblem::Unmatched) };
    let output = first.output.as_ref().filter(|output| {
        others.iter().all(|it| it.output.as_ref().is_some_and(|it| it.as_value() == output.as_value()))
    });
    Ok(Merge {
        name: choice.name.clone(),
        title: choice.title.clone().unwrap_or_default(),
        description: description(choice, operations, &alternatives),
        args,
        output: output.cloned(),
        effect: operations.iter().map(|it| it.effect).max().unwrap_or(Effect::Destroy),
        idempotent: operations.iter().all(|it| it.idempotent),
    })
}

/// Whether an operation has an argument with this name. Upper and lower case count as equal.
fn has_argument(operation: &Operation, name: &ArgName) -> bool {
    operation.args.iter().any(|arg| arg.name.as_str().eq_ignore_ascii_case(name.as_str()))
}

fn selector_argument(name: &ArgName, choice: &MergeChoice) -> Arg {
    let values: Vec<&str> = choice.operations.iter().filter_map(|(_, value)| value.as_deref()).collect();
    let schema = json!({ "type": "string", "enum": values, "description": "The operation to call." });
    Arg { name: name.clone(), required: true, schema: Schema::new(schema) }
}

/// Returns the arguments of all operations. An argument is required if every operation requires it.
fn arguments(operations: &[&Operation], alternatives: &[Alternative<'_>]) -> Result<Vec<Arg>, MergeProblem> {
    let mut args: Vec<(Arg, &Operation)> = Vec::new();
    for operation in operations {
        for arg in &operation.args {
            let Some((known, owner)) = args.iter_mut().find(|(known, _)| known.name == arg.name) else {
                args.push((arg.clone(), operation));
                continue;
            };
            if !accept_the_same(known.schema.as_value(), arg.schema.as_value()) {
                let routes = [owner.route(), operation.route()];
                return Err(MergeProblem::Differs(arg.name.to_string(), routes));
            }
            known.schema = described_as_both(&known.schema, &arg.schema);
        }
    }
    let required_by_all = |arg: &Arg| alternatives.iter().all(|it| it.required.contains(&arg.name.as_str()));
    Ok(args.into_iter().map(|(arg, _)| Arg { required: required_by_all(&arg), ..arg }).collect())
}

/// Returns a schema with the descriptions of both schemas. A default is kept only if both schemas have it.
fn described_as_both(one: &Schema, other: &Schema) -> Schema {
    let mut value = one.as_value().clone();
    let text = |value: &Value| value["description"].as_str().unwrap_or_default().to_owned();
    let (first, second) = (text(&value), text(other.as_value()));
    let Some(map) = value.as_object_mut() else { return one.clone() };
    if map.get("default") != other.as_value().get("default") {
        map.remove("default");
    }
    if !second.is_empty() && !first.contains(&second) {
        let both = if first.is_empty() { second } else { format!("{first} / {second}") };
        map.insert("description".to_owned(), both.into());
    }
    Schema::new(value)
}

/// Returns the description that the user wrote, followed by what selects each operation.
fn description(choice: &MergeChoice, operations: &[&Operation], alternatives: &[Alternative<'_>]) -> String {
    let mut text = match &choice.description {
        Some(written) => format!("{}\n\n", written.trim_end()),
        None => String::new(),
    };
    text.push_str(match choice.selector {
        Some(_) => MERGED_BY_SELECTOR,
        None => MERGED_BY_ARGUMENTS,
    });
    let words = alternatives_in_words(alternatives);
    let values = choice.operations.iter().map(|(_, value)| value.as_deref());
    for ((operation, words), value) in operations.iter().zip(words).zip(values) {
        let selects = match (&choice.selector, value) {
            (Some(selector), Some(value)) if words.is_empty() => format!("`{selector}` = `{value}`"),
            (Some(selector), Some(value)) => format!("`{selector}` = `{value}`, with {words}"),
            _ if alternatives_without_required(&words) => format!("none of these{}", comma(&words)),
            _ => words,
        };
        let _ = write!(text, "\n- {selects}: {}", said(operation));
    }
    text
}

/// Whether an alternative has no required arguments, so that its words are empty or begin with the optional
/// arguments.
fn alternatives_without_required(words: &str) -> bool {
    words.is_empty() || words.starts_with("optional ")
}

fn comma(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(", {words}") }
}

/// Returns the description of an operation, or else its title. Further lines are indented, so that they stay in their
/// list item.
fn said(operation: &Operation) -> String {
    let said = match operation.description.trim() {
        "" => operation.title.trim(),
        description => description,
    };
    said.lines().map(str::trim_end).collect::<Vec<_>>().join("\n  ")
}
