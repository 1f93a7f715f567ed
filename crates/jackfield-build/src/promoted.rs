//! The tools that `promote` in connector.toml selects.

use jackfield_model::{Connector, Diagnostic};
use jackfield_surface::{ChosenName, RuleFault, Table, tool_facts};

use crate::manifest::{Manifest, Refusal};

/// The maximum number of promoted tools.
const MOST: usize = 5;

/// Sets the promoted tools, in the order of the entries. An entry with `!` removes what it matches from the other entries, as in `include`.
pub(crate) fn apply(
    manifest: &Manifest,
    connector: &mut Connector,
    names: &[ChosenName],
    faults: &mut Vec<(Table, RuleFault)>,
) -> Option<Diagnostic> {
    let facts = tool_facts(connector, names);
    let entries = || manifest.promote.selectors().enumerate();
    let mut fault = |fault| faults.push((Table::Promote, fault));
    let mut promoted: Vec<usize> = match entries().all(|(_, selector)| selector.is_negated()) {
        true if !manifest.promote.is_empty() => (0..facts.len()).collect(),
        _ => Vec::new(),
    };
    for (rule, selector) in entries().filter(|(_, selector)| !selector.is_negated()) {
        let chosen = selector.chosen(&facts);
        let before = promoted.len();
        for (tool, _) in &chosen {
            if !promoted.contains(tool) {
                promoted.push(*tool);
            }
        }
        match chosen.is_empty() {
            true => fault(RuleFault::Unmatched(rule)),
            false if promoted.len() == before => fault(RuleFault::Unchanged(rule)),
            false => {}
        }
    }
    for (rule, selector) in entries().filter(|(_, selector)| selector.is_negated()) {
        let removed = selector.without_negation().chosen(&facts);
        let before = promoted.len();
        promoted.retain(|tool| !removed.iter().any(|(other, _)| other == tool));
        match removed.is_empty() {
            true => fault(RuleFault::Unmatched(rule)),
            false if promoted.len() == before => fault(RuleFault::Unchanged(rule)),
            false => {}
        }
    }
    connector.promoted = promoted.iter().map(|tool| names[*tool].name.clone()).collect();
    (promoted.len() > MOST).then(|| {
        let problem = format!("`promote` selects {} tools (limit {MOST})", promoted.len());
        let span = manifest.promote.spans.last().cloned().unwrap_or_default();
        manifest.refuse(Refusal::new(span, problem, "keep those that most conversations begin with"))
    })
}
