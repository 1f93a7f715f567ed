//! Merges the operations that `[merge]` names, and reports merges that are not possible.

use jackfield_model::text::{toml_key, toml_text};
use jackfield_model::{Connector, Diagnostic};
use jackfield_surface::{ChosenName, Known, MergeFault, MergeProblem};

use crate::manifest::{Manifest, Refusal, Span};

/// Merges operations. `names` are the names of the tools in the order of the model. Returns the merges that are not
/// possible.
pub(crate) fn apply(manifest: &Manifest, connector: &mut Connector, names: &[ChosenName]) -> Vec<MergeFault> {
    let merged = jackfield_surface::merge(connector, names, &manifest.merges.choices);
    merged.err().unwrap_or_default()
}

/// Returns the findings about merges that are not possible.
pub(crate) fn findings(
    manifest: &Manifest,
    names: &[ChosenName],
    faults: &[MergeFault],
    known: &dyn Fn(&str) -> String,
) -> Vec<Diagnostic> {
    faults.iter().map(|fault| finding(manifest, names, fault, known)).collect()
}

fn finding(
    manifest: &Manifest,
    names: &[ChosenName],
    fault: &MergeFault,
    remedy: &dyn Fn(&str) -> String,
) -> Diagnostic {
    let choice = &manifest.merges.choices[fault.merge];
    let (table_span, spans) = &manifest.merges.spans[fault.merge];
    let table = format!("[merge.{}]", toml_key(choice.name.as_str()));
    let entry = fault.entry.map(|entry| choice.operations[entry].0.as_str()).unwrap_or_default();
    let span: &Span = fault.entry.and_then(|entry| spans.get(entry)).unwrap_or(table_span);
    let refuse = |problem: String, help: String| manifest.refuse(Refusal::new(span.clone(), problem, help));
    match &fault.problem {
        MergeProblem::Unmatched => {
            let problem = format!("`{entry}` in {table} matches no operation that becomes a tool");
            manifest.unmatched(span.clone(), problem).help(remedy(entry))
        }
        MergeProblem::Several(tools) => refuse(
            format!("`{entry}` in {table} matches {tools} operations"),
            "write an entry for each operation: its name, its operationId or its route".to_owned(),
        ),
        MergeProblem::Twice(other) => {
            let other = &manifest.merges.choices[*other].name;
            let place = match *other == choice.name {
                true => "earlier in the list".to_owned(),
                false => format!("in [merge.{}]", toml_key(other.as_str())),
            };
            refuse(
                format!("the operation `{entry}` in {table} is already merged {place}"),
                "remove it".to_owned(),
            )
        }
        MergeProblem::NameTaken(route) => refuse(
            format!("{table} has the same name as the tool of {route}, but does not merge this operation"),
            format!(
                "add {} to `operations`, choose another name, or rename that tool in [rename]: {} = \"…\"",
                toml_text(route),
                toml_key(route)
            ),
        ),
        MergeProblem::Differs(argument, [one, other]) => refuse(
            format!("{table}: the argument `{argument}` has different schemas in {one} and {other}"),
            format!(
                "rename the argument in one operation: [arguments.{}] {} = {{ rename = \"…\" }}",
                toml_key(other),
                toml_key(argument)
            ),
        ),
        MergeProblem::Indistinct([one, other]) => {
            let value = |at: usize| {
                let name = names.iter().find(|name| {
                    name.merged.as_ref().is_some_and(|it| it.into.tool == choice.name && it.entry == at)
                });
                name.map_or("…", |name| name.name.as_str())
            };
            let lines = choice.operations.iter().enumerate().map(|(at, (selector, _))| {
                format!("{} = {}", toml_key(value(at)), toml_text(selector.as_str()))
            });
            refuse(
                format!(
                    "{table}: the arguments of a call do not tell {one} and {other} apart, because both require the same arguments"
                ),
                format!(
                    "let an argument select the operation: operations = {{ {} }}",
                    lines.collect::<Vec<_>>().join(", ")
                ),
            )
        }
        MergeProblem::SelectorTaken(route) => {
            let selector = choice.selector.as_ref().map_or("", |selector| selector.as_str());
            refuse(
                format!("{table}: {route} already has an argument `{selector}`"),
                "choose another name for the argument that selects the operation: argument = \"action\""
                    .to_owned(),
            )
        }
    }
}

/// Returns the remedy for a key with the name of a merged tool, in a table about single operations.
pub(crate) fn own_text(manifest: &Manifest, key: &str) -> Option<String> {
    let name = key.strip_prefix("tool:").unwrap_or(key).trim();
    manifest.merges.has(name).then(|| {
        format!(
            "the key is the name of a merged tool: write `title` or `description` in [merge.{}], or change the key",
            toml_key(name)
        )
    })
}

/// Adds the names of merged tools to the names that are suggested for an unknown name.
pub(crate) fn with_merges(known: Known, manifest: &Manifest) -> Known {
    known.with_tools(manifest.merges.choices.iter().map(|choice| choice.name.as_str()))
}
