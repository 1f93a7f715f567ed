//! The tools whose replies are kept.

use jackfield_model::text::toml_key;
use jackfield_model::{Caching, Connector, Diagnostic, Effect, Operation};
use jackfield_surface::{ChosenName, Resolved, RuleFault, Table, resolve, tool_facts};

use crate::manifest::{Manifest, Refusal};

/// Decides for each tool whether its replies are kept: by the most specific key of `[cache]`, else by the document. `names` are the tool
/// names in the order of the model. Returns the findings about keys none of whose tools is a `GET` that reads.
pub(crate) fn apply(
    manifest: &Manifest,
    connector: &mut Connector,
    names: &[ChosenName],
    faults: &mut Vec<(Table, RuleFault)>,
) -> Vec<Diagnostic> {
    let facts = tool_facts(connector, names);
    let resolved = match manifest.caches.is_empty() {
        true => Resolved { rules: vec![None; facts.len()], faults: Vec::new() },
        false => resolve(manifest.caches.selectors(), &facts),
    };
    faults.extend(resolved.faults.iter().map(|fault| (Table::Cache, fault.clone())));
    let mut errors = Vec::new();
    let operations: Vec<&Operation> = connector.operations().collect();
    for (rule, (key, span, caching)) in manifest.caches.iter().enumerate() {
        let tools: Vec<&Operation> = resolved.tools(rule).map(|tool| operations[tool]).collect();
        if !caching.is_on() || tools.iter().any(|operation| can_keep(operation)) {
            continue;
        }
        let why = match tools.as_slice() {
            [] => continue,
            [one] => format!("replies to {} are not kept, because it is no GET that only reads", one.route()),
            more => format!(
                "replies to its {} tools are not kept, because none of them is a GET that only reads",
                more.len()
            ),
        };
        let problem = format!("`{}` in [cache]: {why}", toml_key(key));
        errors.push(manifest.refuse(Refusal::new(span.clone(), problem, "remove it")));
    }
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, rule) in operations.zip(&resolved.rules).filter(|(operation, _)| can_keep(operation)) {
        let stated = if operation.stated.has_versions { Caching::Revalidate } else { Caching::Off };
        operation.caching = rule.map_or(stated, |rule| manifest.caches.rules[rule].1);
    }
    errors
}

fn can_keep(operation: &Operation) -> bool {
    operation.method.as_str() == "GET" && operation.effect == Effect::Read
}
