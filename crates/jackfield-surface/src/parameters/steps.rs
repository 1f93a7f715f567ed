//! The recipe steps of an operation that add its parameters.

use std::collections::BTreeSet;

use jackfield_model::{Input, Location, Operation, Step};

use super::parameter::{ParameterName, parameter_name};

/// Removes the steps that add the matching parameters, and their arguments. Returns whether it removed any.
pub(super) fn remove(operation: &mut Operation, is_it: impl Fn(&ParameterName) -> bool) -> bool {
    let Operation { recipe, args, fewest_args, .. } = operation;
    let before = recipe.len();
    let mut gone = BTreeSet::new();
    recipe.retain(|step| {
        if !named(step).is_some_and(|name| is_it(&name)) {
            return true;
        }
        if let Some(Input::Arg { arg, .. }) = step.input() {
            gone.insert(arg.clone());
        }
        false
    });
    if !gone.is_empty() {
        args.retain(|arg| !gone.contains(arg.name.as_str()));
        *fewest_args = fewest_args.saturating_sub(gone.len());
    }
    recipe.len() < before
}

/// Returns the location and name of the parameter that a step adds.
fn named(step: &Step) -> Option<ParameterName> {
    match step {
        Step::Query { wire, .. } => Some(parameter_name(Location::Query, wire)),
        Step::Header { wire, .. } => Some(parameter_name(Location::Header, wire)),
        Step::Cookie { wire, .. } => Some(parameter_name(Location::Cookie, wire)),
        _ => None,
    }
}
