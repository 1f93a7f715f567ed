//! Finds the operations of each merge.

use jackfield_model::{Connector, MergedInto};

use super::choice::{MergeChoice, MergeFault, MergeProblem};
use crate::names::{ChosenName, MergedName};
use crate::tool_facts::tool_facts;

/// Records, for each name, the merge that its operation is part of.
pub(crate) fn assign(
    connector: &Connector,
    names: &mut [ChosenName],
    merges: &[MergeChoice],
) -> Vec<MergeFault> {
    let tools = tool_facts(connector, names);
    let mut faults = Vec::new();
    let mut owners: Vec<Option<(usize, usize)>> = vec![None; tools.len()];
    for (at, choice) in merges.iter().enumerate() {
        for (entry, (selector, _)) in choice.operations.iter().enumerate() {
            let problem = match selector.chosen(&tools).as_slice() {
                [] => MergeProblem::Unmatched,
                [(tool, _)] => match owners[*tool] {
                    Some((other, _)) => MergeProblem::Twice(other),
                    None => {
                        owners[*tool] = Some((at, entry));
                        continue;
                    }
                },
                several => MergeProblem::Several(several.len()),
            };
            faults.push(MergeFault { merge: at, entry: Some(entry), problem });
        }
    }
    for (at, choice) in merges.iter().enumerate() {
        let named = names.iter().position(|name| name.name == choice.name);
        if let Some(tool) = named.filter(|tool| owners[*tool].is_none_or(|(merge, _)| merge != at)) {
            let problem = MergeProblem::NameTaken(tools[tool].route());
            faults.push(MergeFault { merge: at, entry: None, problem });
        }
    }
    drop(tools);
    for (name, owner) in names.iter_mut().zip(owners) {
        name.merged = owner.map(|(merge, entry)| {
            let choice = &merges[merge];
            let selector = choice.selector.clone().zip(choice.operations[entry].1.clone());
            MergedName { into: MergedInto { tool: choice.name.clone(), selector }, entry }
        });
    }
    faults
}
