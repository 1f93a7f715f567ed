//! The arguments of an operation that select a page or set the page size.

use jackfield_model::{ArgName, Input, Operation, Step};
use serde_json::Value;

use super::names::{PositionKind, is_size, position_kind};
use crate::lean::page_length::ordered;

/// The arguments of an operation, with those that select a page or set the page size.
pub(super) struct Arguments<'o> {
    pub(super) operation: &'o Operation,
    pub(super) positions: Vec<(usize, PositionKind)>,
    pub(super) size: Option<usize>,
}

impl<'o> Arguments<'o> {
    pub(super) fn of(operation: &'o Operation) -> Self {
        let kinds = operation.args.iter().enumerate();
        let positions = kinds
            .filter_map(|(at, arg)| Some((at, position_kind(arg.name.as_str(), arg.schema.as_value())?)));
        let positions: Vec<_> = positions.collect();
        let is_position = |at: usize| positions.iter().any(|(position, _)| *position == at);
        let mut sizes = operation
            .args
            .iter()
            .enumerate()
            .filter(|(at, arg)| !is_position(*at) && is_size(arg.name.as_str(), arg.schema.as_value()));
        let size = sizes.next().map(|(at, _)| at);
        Self { operation, positions, size }
    }

    pub(super) fn name(&self, at: usize) -> &'o ArgName {
        &self.operation.args[at].name
    }

    pub(super) fn schema(&self, at: usize) -> &'o Value {
        self.operation.args[at].schema.as_value()
    }

    /// Finds the argument that has this name, or that has this name in the request.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let args = &self.operation.args;
        let by_name = args.iter().position(|arg| arg.name.as_str() == name);
        by_name.or_else(|| {
            let (_, arg) = queries(self.operation).find(|(wire, _)| *wire == name)?;
            args.iter().position(|it| it.name.as_str() == arg)
        })
    }

    pub(super) fn of_kind(&self, kind: PositionKind) -> Option<usize> {
        self.positions.iter().find(|(_, it)| *it == kind).map(|(at, _)| *at)
    }

    /// Returns the number of the first page: the `default` or the `minimum` of the argument, if that is 0 or 1;
    /// else 0 if its name contains an index, and 1 for other names.
    pub(super) fn first_page(&self, at: usize) -> u64 {
        let number = |key: &str| self.schema(at).get(key).and_then(Value::as_u64).filter(|it| *it <= 1);
        let is_index = || ordered(self.name(at).as_str()).iter().any(|word| word.ends_with("index"));
        let least = || number("minimum").filter(|least| *least == 1);
        number("default")
            .or_else(least)
            .or_else(|| number("minimum"))
            .unwrap_or_else(|| u64::from(!is_index()))
    }
}

/// Returns the query parameters of an operation, each with its name in the request and the name of its argument.
pub(super) fn queries(operation: &Operation) -> impl Iterator<Item = (&str, &str)> {
    operation.recipe.iter().filter_map(|step| match step {
        Step::Query { wire, input: Input::Arg { arg, .. }, .. } => Some((wire.as_str(), arg.as_str())),
        _ => None,
    })
}
