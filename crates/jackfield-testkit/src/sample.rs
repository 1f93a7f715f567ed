//! Samples values from schemas, for tests. A sample is deterministic, and fits its schema.

use jackfield_mock::{Definitions, argument};
pub use jackfield_mock::{Fill, Limits};
use jackfield_model::{Defs, Operation};
use serde_json::{Map, Value};

/// Looks up the schemas of a pool.
struct Pool<'m>(&'m Defs);

impl Definitions for Pool<'_> {
    fn schema(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(jackfield_model::Schema::as_value)
    }
}

/// Returns a value that fits `schema`, as [`jackfield_mock::sample`] does. `#/$defs/NAME` is resolved in `defs`.
pub fn sample(schema: &Value, defs: &Defs, limits: Limits) -> Value {
    jackfield_mock::sample(schema, &Pool(defs), limits)
}

/// Whether the value fits the schema, as [`jackfield_mock::fits`] decides.
pub fn fits(value: &Value, schema: &Value, defs: &Defs) -> bool {
    jackfield_mock::fits(value, schema, &Pool(defs))
}

/// Returns sample arguments for the operation's tool. `defs` contains the schemas of requests.
///
/// Strings contain the names of their properties, so that tests notice swapped arguments.
pub fn arguments(operation: &Operation, defs: &Defs, fill: Fill) -> Map<String, Value> {
    let mut arguments = Map::new();
    for arg in operation.args.iter().filter(|arg| arg.required || fill == Fill::Full) {
        let (name, schema) = (arg.name.as_str(), arg.schema.as_value());
        let value = argument(name, schema, arg.required, &Pool(defs), Limits::of(fill));
        arguments.extend(value.map(|value| (name.to_owned(), value)));
    }
    arguments
}

#[cfg(test)]
mod tests;
