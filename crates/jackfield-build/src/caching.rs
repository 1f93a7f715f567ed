//! Decides which replies are cached.

use jackfield_model::text::toml_key;
use jackfield_model::{Caching, Diagnostic, Effect, Operation};
use jackfield_surface::Table;

use crate::manifest::Refusal;
use crate::named_tools::NamedTools;

/// Decides for each tool whether its replies are cached. The most specific key of `[cache]` decides, or else the document. Returns findings
/// about keys that match no tool with cacheable replies; only a GET with the effect `read` has such replies.
pub(crate) fn apply(tools: &mut NamedTools<'_>) -> Vec<Diagnostic> {
    let manifest = tools.manifest;
    let resolved = tools.resolve(Table::Cache, &manifest.caches);
    let mut errors = Vec::new();
    let operations: Vec<&Operation> = tools.connector.operations().collect();
    for (rule, (key, span, caching)) in manifest.caches.iter().enumerate() {
        let chosen: Vec<&Operation> = resolved.tools(rule).map(|tool| operations[tool]).collect();
        if !caching.is_on() || chosen.iter().any(|operation| can_keep(operation)) {
            continue;
        }
        let why = match chosen.as_slice() {
            [] => continue,
            [one] => format!("{} cannot be cached: it is not a GET with the effect `read`", one.route()),
            more => format!(
                "none of the {} tools that it matches can be cached: none is a GET with the effect `read`",
                more.len()
            ),
        };
        let problem = format!("`{}` in [cache]: {why}", toml_key(key));
        errors.push(manifest.refuse(Refusal::new(span.clone(), problem, "remove it")));
    }
    let operations = tools.connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, rule) in operations.zip(&resolved.rules).filter(|(operation, _)| can_keep(operation)) {
        let stated = if operation.stated.has_versions { Caching::Revalidate } else { Caching::Off };
        operation.caching = rule.map_or(stated, |rule| manifest.caches.rules[rule].1);
    }
    errors
}

fn can_keep(operation: &Operation) -> bool {
    operation.method.as_str() == "GET" && operation.effect == Effect::Read
}
