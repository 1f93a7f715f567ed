//! Copies arguments of the call into the reply. For example, a created book gets the title from the request.

use serde_json::{Map, Value};

/// Replaces properties of the reply that are also arguments, if the types are the same.
pub(crate) fn copy(arguments: &Map<String, Value>, reply: &mut Value) {
    let Value::Object(reply) = reply else { return };
    for (name, value) in arguments {
        if let Some(old) = reply.get_mut(name)
            && std::mem::discriminant(old) == std::mem::discriminant(value)
            && !value.is_object()
        {
            old.clone_from(value);
        }
    }
}
