//! Arguments for one call of an operation.

use jackfield_mock::{Fill, Limits, arguments};
use serde_json::{Map, Value};

use crate::call::rows::{Connector, Tool};
use crate::call::schema::self_contained;

/// The limits of generated arguments: every argument has a value, but there are few nested values.
const LIMITS: Limits = Limits { fill: Fill::Full, depth: 3, items: 2, values: 60 };

/// Generates arguments that match the schema of an operation. If the operation belongs to a merged tool, they include the argument that
/// selects the operation.
pub(super) fn of(connector: &Connector<'_>, tool: &Tool<'_>) -> Map<String, Value> {
    let input = Value::Object(self_contained(connector, tool.input));
    // The argument that selects fields of the reply is left out, because it would remove the other fields.
    let mut arguments = arguments(&input, &[tool.fields], LIMITS);
    if let Some(merged) = tool.merged.filter(|merged| !merged.selector.is_empty()) {
        arguments.insert(merged.selector.to_owned(), merged.value.into());
    }
    arguments
}
