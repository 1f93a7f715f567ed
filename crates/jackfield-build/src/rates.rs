//! Finds the tools to which the limits of connector.toml apply.

use jackfield_model::{Connector, RateLimit, ToolName};
use jackfield_surface::{ChosenName, RuleFault, Table, resolve, tool_facts};

use crate::manifest::{Manifest, RateChoice};

/// Returns the rate limits of a connector whose tools have these names.
pub(crate) fn limits(
    manifest: &Manifest,
    connector: &Connector,
    names: &[ChosenName],
    faults: &mut Vec<(Table, RuleFault)>,
) -> Vec<RateLimit> {
    let limit = |key: &str, tools: Vec<ToolName>, choice: &RateChoice| RateLimit {
        key: key.to_owned(),
        tools,
        calls: choice.calls,
        concurrent: choice.concurrent,
        queue: choice.queue,
    };
    let mut limits = Vec::new();
    if manifest.rates.all != RateChoice::default() {
        limits.push(limit("", Vec::new(), &manifest.rates.all));
    }
    if manifest.rates.of.is_empty() {
        return limits;
    }
    let resolved = resolve(manifest.rates.of.selectors(), &tool_facts(connector, names));
    faults.extend(resolved.faults.iter().map(|fault| (Table::Rate, fault.clone())));
    // Limits whose key is the name of a tool come first.
    let mut rules: Vec<_> = manifest.rates.of.iter().enumerate().collect();
    rules.sort_by_key(|(_, (key, ..))| !names.iter().any(|known| known.name.as_str() == *key));
    for (rule, (key, _, choice)) in rules {
        let tools: Vec<ToolName> = resolved.tools(rule).map(|tool| names[tool].name.clone()).collect();
        if !tools.is_empty() {
            limits.push(limit(key, tools, choice));
        }
    }
    limits
}
