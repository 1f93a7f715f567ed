//! The tools that `promote` in connector.toml selects.

use jackfield_model::{Diagnostic, ToolName};
use jackfield_surface::{ChosenName, RuleFault, Table, tool_facts};

use crate::manifest::Refusal;
use crate::named_tools::NamedTools;
use crate::unmatched::unknown_tool;

/// The maximum number of promoted tools.
const MOST: usize = 5;

/// Sets the promoted tools, in the order of the entries. An entry that matches an operation of a merged tool selects the merged tool. An
/// entry with `!` removes its tools from the tools of the other entries, as in `include`.
pub(crate) fn apply(tools: &mut NamedTools<'_>) -> Vec<Diagnostic> {
    let NamedTools { manifest, connector, names, faults } = tools;
    let facts = tool_facts(connector, names);
    let entries = || manifest.promote.selectors().enumerate();
    let mut fault = |fault| faults.push((Table::Promote, fault));
    let mut promoted: Vec<&ToolName> = match entries().all(|(_, selector)| selector.is_negated()) {
        true if !manifest.promote.is_empty() => called((0..facts.len()).map(|tool| (tool, ())), names),
        _ => Vec::new(),
    };
    for (rule, selector) in entries().filter(|(_, selector)| !selector.is_negated()) {
        let chosen = called(selector.chosen(&facts), names);
        let before = promoted.len();
        for tool in &chosen {
            if !promoted.contains(tool) {
                promoted.push(tool);
            }
        }
        match chosen.is_empty() {
            true => fault(RuleFault::Unmatched(rule)),
            false if promoted.len() == before => fault(RuleFault::Unchanged(rule)),
            false => {}
        }
    }
    for (rule, selector) in entries().filter(|(_, selector)| selector.is_negated()) {
        let removed = called(selector.without_negation().chosen(&facts), names);
        let before = promoted.len();
        promoted.retain(|tool| !removed.contains(tool));
        match removed.is_empty() {
            true => fault(RuleFault::Unmatched(rule)),
            false if promoted.len() == before => fault(RuleFault::Unchanged(rule)),
            false => {}
        }
    }
    connector.promoted = promoted.iter().map(|tool| (*tool).clone()).collect();
    let mut errors: Vec<Diagnostic> = manifest
        .promote
        .iter()
        .filter(|(key, ..)| {
            let is_it = |name: &&ChosenName| name.name.as_str() == *key && name.called() != &name.name;
            !manifest.merges.has(key) && names.iter().any(|name| is_it(&name))
        })
        .map(|(key, span, _)| unknown_tool(manifest, key, span, "promote", names))
        .collect();
    errors.extend((promoted.len() > MOST).then(|| {
        let problem = format!("`promote` selects {} tools (limit {MOST})", promoted.len());
        let span = manifest.promote.spans.last().cloned().unwrap_or_default();
        manifest.refuse(Refusal::new(
            span,
            problem,
            "keep the tools that are called first in most conversations",
        ))
    }));
    errors
}

/// Returns the names with which clients call these tools, without duplicates.
fn called<W>(tools: impl IntoIterator<Item = (usize, W)>, names: &[ChosenName]) -> Vec<&ToolName> {
    let mut called: Vec<&ToolName> = Vec::new();
    for (tool, _) in tools {
        let name = names[tool].called();
        if !called.contains(&name) {
            called.push(name);
        }
    }
    called
}
