//! Decides which replies are cached.

use jackfield_model::text::toml_key;
use jackfield_model::{Caching, Connector, Diagnostic, Effect, Operation};
use jackfield_surface::{ChosenName, Resolved, RuleFault, Table, resolve, tool_facts};

use crate::manifest::{Manifest, Refusal};

/// Decides for each tool whether its replies are cached: by the most specific key of `[cache]`, else by the document. `names` are the
/// tool names in the order of the model. Returns findings about keys whose tools cannot be cached, because none of them is a GET with
/// the effect `read`.
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
            [one] => format!("{} cannot be cached: it is not a GET with the effect `read`", one.route()),
            more => format!(
                "none of its {} tools can be cached: none is a GET with the effect `read`",
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
