//! Copies values of the request into the answer. For example, a created book gets the title from the request.

use jackfield_mock::decoded_pairs;
use jackfield_model::{Defs, Schema};
use serde_json::{Map, Value};

use crate::sample::fits;
use crate::upstream::Recorded;

/// Returns the named values in a request. Later values replace earlier values, so the path takes precedence over the query and the
/// body.
pub(super) fn given(
    request: &Recorded,
    query: &[(String, String)],
    path: Vec<(String, String)>,
) -> Map<String, Value> {
    let texts =
        |pairs: Vec<(String, String)>| pairs.into_iter().map(|(name, value)| (name, Value::String(value)));
    let mut given: Map<String, Value> = texts(query.to_vec()).collect();
    let media_type = request.header("content-type").unwrap_or_default();
    if media_type.starts_with("application/x-www-form-urlencoded") {
        given.extend(texts(decoded_pairs(&request.text())));
    } else if let Some(Value::Object(body)) = request.json() {
        given.extend(body);
    }
    given.extend(texts(path));
    given
}

/// Replaces properties of the answer that also occur in the request, provided that the answer still fits its schema.
pub(super) fn into(answer: &mut Value, schema: Option<&Schema>, defs: &Defs, given: &Map<String, Value>) {
    let fitting = |answer: &Value| schema.is_none_or(|schema| fits(answer, schema.as_value(), defs));
    // If the example itself does not fit its schema, the changed answer cannot be checked against the schema. Then only the type
    // of the value has to match.
    let measured = fitting(answer);
    for (name, value) in given {
        let Some(old) = answer.get(name).cloned() else { continue };
        for value in readings(value, &old) {
            answer[name.as_str()] = value;
            let same_type = std::mem::discriminant(&answer[name.as_str()]) == std::mem::discriminant(&old);
            if if measured { fitting(answer) } else { same_type } {
                break;
            }
            answer[name.as_str()] = old.clone();
        }
    }
}

/// Returns the values that a string may represent, because paths, queries and forms convert numbers to text.
fn readings(value: &Value, old: &Value) -> Vec<Value> {
    let Value::String(text) = value else { return vec![value.clone()] };
    let plain = serde_json::from_str(text).ok().filter(|it: &Value| it.is_number() || it.is_boolean());
    match old {
        Value::String(_) | Value::Null => std::iter::once(value.clone()).chain(plain).collect(),
        _ => plain.into_iter().chain([value.clone()]).collect(),
    }
}
