//! Decides when a reference can be replaced by its target.

use jackfield_model::Schema;
use serde_json::{Map, Value};

/// The keywords that may occur beside a reference that is replaced.
const BESIDE: [&str; 5] = ["$ref", "description", "default", "deprecated", "examples"];

/// Whether a reference may be replaced by its target. This is allowed if only annotations stand beside the reference, and keywords that are
/// at least as strict as those of the target.
pub(super) fn may_replace(map: &Map<String, Value>, target: &Schema) -> bool {
    let target = target.as_value();
    map.iter().all(|(key, value)| BESIDE.contains(&key.as_str()) || narrows(key, value, target.get(key)))
}

/// Whether every value that satisfies a keyword beside a reference also satisfies the keyword of the target. The keyword may then replace
/// the keyword of the target.
fn narrows(key: &str, own: &Value, theirs: Option<&Value>) -> bool {
    match (key, theirs) {
        ("type" | "minLength" | "minItems" | "minProperties", None) => true,
        ("type", Some(kind)) => own == kind || kind.as_array().is_some_and(|kinds| kinds.contains(own)),
        ("minLength" | "minItems" | "minProperties", Some(least)) => {
            own.as_u64() >= least.as_u64() && least.is_u64()
        }
        _ => false,
    }
}
