//! Finds the tools to which the limits of connector.toml apply.

use jackfield_model::{RateLimit, ToolName};
use jackfield_surface::Table;

use crate::manifest::RateChoice;
use crate::named_tools::NamedTools;

/// Returns the rate limits of a connector whose tools have these names.
pub(crate) fn limits(tools: &mut NamedTools<'_>) -> Vec<RateLimit> {
    let rates = &tools.manifest.rates;
    let limit = |key: &str, tools: Vec<ToolName>, choice: &RateChoice| RateLimit {
        key: key.to_owned(),
        tools,
        calls: choice.calls,
        concurrent: choice.concurrent,
        queue: choice.queue,
    };
    let mut limits = Vec::new();
    if rates.all != RateChoice::default() {
        limits.push(limit("", Vec::new(), &rates.all));
    }
    if rates.of.is_empty() {
        return limits;
    }
    let resolved = tools.resolve(Table::Rate, &rates.of);
    let names = tools.names;
    // Limits whose key is the name of a tool come first.
    let mut rules: Vec<_> = rates.of.iter().enumerate().collect();
    rules.sort_by_key(|(_, (key, ..))| !names.iter().any(|known| known.name.as_str() == *key));
    for (rule, (key, _, choice)) in rules {
        let tools: Vec<ToolName> = resolved.tools(rule).map(|tool| names[tool].name.clone()).collect();
        if !tools.is_empty() {
            limits.push(limit(key, tools, choice));
        }
    }
    limits
}
