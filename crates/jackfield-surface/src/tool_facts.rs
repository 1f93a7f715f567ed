//! The properties of tools that selectors match.

use jackfield_model::{Connector, Operation};

use crate::names::ChosenName;
use crate::select::Facts;

/// Returns the properties of the tools of a connector, for selectors.
pub fn tool_facts<'c>(connector: &'c Connector, names: &'c [ChosenName]) -> Vec<Facts<'c>> {
    let operations = operations(connector);
    let named = operations.zip(names).map(|((facts, operation), name)| {
        let merged = name.merged.as_ref().map(|merged| merged.into.tool.as_str());
        Facts { merged, ..facts.of_tool(&name.name, operation.effect) }
    });
    named.collect()
}

fn operations(connector: &Connector) -> impl Iterator<Item = (Facts<'_>, &Operation)> {
    connector.groups.iter().flat_map(|group| {
        group.operations.iter().map(move |operation| (Facts::of_operation(group, operation), operation))
    })
}
