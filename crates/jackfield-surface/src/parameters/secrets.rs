//! Arguments that have the name of a secret but remain arguments.

use std::collections::BTreeMap;

use jackfield_model::{Connector, Diagnostic, Input, Location, Place, Step};

use super::choices::ParameterChoices;
use super::findings::{self, SecretArgument};
use super::words::is_secret;

/// Returns the finding about arguments with the names of secrets, except those that the user chose to keep.
pub(super) fn remaining(connector: &Connector, choices: &ParameterChoices) -> Option<Diagnostic> {
    let mut found: BTreeMap<(Option<Location>, String), usize> = BTreeMap::new();
    let mut first: Option<Place> = None;
    for operation in connector.operations() {
        for step in &operation.recipe {
            let Some((location, wire)) = named(step).filter(|(_, wire)| is_secret(wire)) else { continue };
            if location.is_some_and(|location| choices.keeps(location, wire)) {
                continue;
            }
            first.get_or_insert_with(|| operation.place.clone());
            *found.entry((location, wire.to_owned())).or_default() += 1;
        }
    }
    let found = found.into_iter().map(|((location, wire), tools)| SecretArgument { location, wire, tools });
    findings::secrets(&found.collect::<Vec<_>>(), first?)
}

/// Returns the location and the name of the parameter or field that an argument sets.
fn named(step: &Step) -> Option<(Option<Location>, &str)> {
    let Some(Input::Arg { .. }) = step.input() else { return None };
    match step {
        Step::Query { wire, .. } => Some((Some(Location::Query), wire)),
        Step::Header { wire, .. } => Some((Some(Location::Header), wire)),
        Step::Cookie { wire, .. } => Some((Some(Location::Cookie), wire)),
        Step::JsonField { wire, .. } | Step::FormField { wire, .. } | Step::Part { wire, .. } => {
            Some((None, wire))
        }
        _ => None,
    }
}
