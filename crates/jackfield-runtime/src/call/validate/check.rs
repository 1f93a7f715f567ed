//! Validates a value against a schema.

use serde_json::Value;

use super::budget::{Budget, Exhausted};
use super::explain;
use super::explain::Sink;
use super::judge::Judge;
use super::schema::Schema;

impl Schema {
    /// Whether the value matches the schema.
    pub(crate) fn fits(&self, value: &Value, budget: &mut Budget) -> Result<bool, Exhausted> {
        Judge::new(self, budget, self.looks_twice).fits(&self.root, value)
    }

    /// Reports the problems of a value to `sink`, until `sink` returns false.
    pub(crate) fn explain(
        &self,
        value: &Value,
        budget: &mut Budget,
        sink: &mut Sink<'_>,
    ) -> Result<(), Exhausted> {
        explain::explain(self, value, budget, sink)
    }
}
