//! JSON bodies that are one argument in one connector and several arguments in the other connector.

use std::collections::BTreeMap;

use jackfield_model::{Arg, Input, Operation, Step};
use serde_json::Value;

use crate::schema::{Members, SchemaComparer};

/// A property of a JSON body. It has an argument of its own in one connector, and is part of the argument for the
/// whole body in the other connector.
#[derive(Debug)]
pub(crate) struct MovedProperty<'m> {
    /// The argument for this property alone.
    pub(crate) arg: &'m Arg,
    /// The same property in the argument for the whole body: its name, its schema, and whether it is required.
    pub(crate) property: (&'m str, &'m Value, bool),
}

/// A JSON body that is one argument in one connector and several arguments in the other connector.
#[derive(Debug)]
pub(crate) struct MovedBody<'m> {
    /// The argument for the whole body.
    pub(crate) whole: &'m str,
    /// The additional argument that sends a body without properties, in the connector with several arguments.
    empty: Option<&'m str>,
    /// Whether the old connector has the one argument, and the new connector has several arguments instead.
    pub(crate) is_divided: bool,
    /// The properties that both connectors have, in the order of the arguments.
    pub(crate) moved: Vec<MovedProperty<'m>>,
    /// The properties of the whole body for which the connector with several arguments has no argument, and whether they are required.
    pub(crate) others: Vec<(&'m str, bool)>,
    /// The number of alternatives of the whole body.
    pub(crate) forms: Option<usize>,
}

impl<'m> MovedBody<'m> {
    pub(crate) fn of(old: &'m Operation, new: &'m Operation, schemas: &SchemaComparer<'m>) -> Option<Self> {
        let (one, several, is_divided) = match (whole(old), whole(new)) {
            (Some(arg), None) => (arg, new, true),
            (None, Some(arg)) => (arg, old, false),
            _ => return None,
        };
        let Members { properties, forms } = schemas.members(one.schema.as_value(), is_divided);
        let fields = fields(several);
        let known: BTreeMap<&str, (&'m str, &'m Value, bool)> =
            properties.iter().map(|property| (property.0, *property)).collect();
        let moved = fields.iter().filter_map(|(wire, arg)| {
            Some(MovedProperty { arg: argument(several, arg)?, property: *known.get(wire)? })
        });
        let moved: Vec<MovedProperty<'m>> = moved.collect();
        let is_other = |name: &str| moved.iter().all(|one| one.property.0 != name);
        let others = properties.iter().filter(|(name, ..)| is_other(name));
        let others = others.map(|(name, _, required)| (*name, *required)).collect();
        let (whole, empty) = (one.name.as_str(), json_body(several));
        (!moved.is_empty()).then_some(Self { whole, empty, is_divided, moved, others, forms })
    }

    /// Whether an argument of the old connector is part of the body.
    pub(crate) fn has_old(&self, name: &str) -> bool {
        if self.is_divided { name == self.whole } else { self.has_part(name) }
    }

    /// Whether an argument of the new connector is part of the body.
    pub(crate) fn has_new(&self, name: &str) -> bool {
        if self.is_divided { self.has_part(name) } else { name == self.whole }
    }

    fn has_part(&self, name: &str) -> bool {
        self.empty == Some(name) || self.moved.iter().any(|moved| moved.arg.name.as_str() == name)
    }
}

/// Returns the argument that is the whole JSON body.
fn whole(operation: &Operation) -> Option<&Arg> {
    let has_fields = operation.recipe.iter().any(|step| matches!(step, Step::JsonField { .. }));
    argument(operation, json_body(operation).filter(|_| !has_fields)?)
}

/// Returns the name of the argument in the step for the whole JSON body.
fn json_body(operation: &Operation) -> Option<&str> {
    operation.recipe.iter().find_map(|step| match step {
        Step::JsonBody { input: Input::Arg { arg, required: _ } } => Some(arg.as_str()),
        _ => None,
    })
}

/// Returns the properties of the JSON body that have arguments of their own, each with its argument.
fn fields(operation: &Operation) -> Vec<(&str, &str)> {
    let steps = operation.recipe.iter();
    let fields = steps.filter_map(|step| match step {
        Step::JsonField { wire, input: Input::Arg { arg, required: _ } } => {
            Some((wire.as_str(), arg.as_str()))
        }
        _ => None,
    });
    fields.collect()
}

fn argument<'m>(operation: &'m Operation, name: &str) -> Option<&'m Arg> {
    operation.args.iter().find(|arg| arg.name.as_str() == name)
}
