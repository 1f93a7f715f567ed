//! The steps of an operation that add its parameters.

use jackfield_model::{Input, Location, Operation, Step};

/// The location and name of the parameter that a step adds.
fn parameter(step: &Step) -> Option<(Location, &str)> {
    match step {
        Step::Query { wire, .. } => Some((Location::Query, wire)),
        Step::Header { wire, .. } => Some((Location::Header, wire)),
        Step::Cookie { wire, .. } => Some((Location::Cookie, wire)),
        _ => None,
    }
}

/// Removes the steps that add such a parameter, with their arguments; returns whether there was one.
pub(super) fn remove(operation: &mut Operation, is_it: impl Fn(Location, &str) -> bool) -> bool {
    let before = operation.recipe.len();
    let Operation { recipe, args, fewest_args, .. } = operation;
    recipe.retain(|step| {
        if !parameter(step).is_some_and(|(location, wire)| is_it(location, wire)) {
            return true;
        }
        if let Some(Input::Arg { arg, .. }) = step.input() {
            args.retain(|it| it.name.as_str() != arg);
            *fewest_args = fewest_args.saturating_sub(1);
        }
        false
    });
    recipe.len() < before
}
