//! Arguments for one call of an operation.

use jackfield_mock::{Fill, Limits, arguments};
use serde_json::{Map, Value};

use crate::call::rows::{Connector, Tool};
use crate::call::schema::self_contained;

/// Every argument has a value, but values within values are few.
const LIMITS: Limits = Limits { fill: Fill::Full, depth: 3, items: 2, values: 60 };

/// Arguments that fit the schema of an operation, with the one that selects it in a merged tool.
pub(super) fn of(connector: &Connector<'_>, tool: &Tool<'_>) -> Map<String, Value> {
    let input = Value::Object(self_contained(connector, tool.input));
    // The argument that chooses parts of the reply would remove them.
    let mut arguments = arguments(&input, &[tool.fields], LIMITS);
    if let Some(merged) = tool.merged.filter(|merged| !merged.selector.is_empty()) {
        arguments.insert(merged.selector.to_owned(), merged.value.into());
    }
    arguments
}
