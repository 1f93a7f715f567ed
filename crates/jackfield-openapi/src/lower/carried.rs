//! Narrows schemas to the values that can be sent in parameters, headers, cookies and forms.
//!
//! Null cannot be sent outside of JSON. In some places an empty value cannot be sent either: an empty path variable would address another
//! resource, and an empty list is not sent even if it is required. Schemas of such arguments exclude these values, and strings that are
//! longer than the URLs that servers accept.

use jackfield_model::Schema;
use serde_json::{Map, Value, json};

use super::shape::is_object;
use crate::document::Node;

/// The part of the request in which a value is sent, for values that are not in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A path variable. `may_be_empty` says whether its style sends something for an empty text.
    Path { may_be_empty: bool },
    /// A query parameter. `may_be_empty` says whether it may be sent without a value.
    Query { may_be_empty: bool },
    /// A header, a cookie or a field of a form.
    Other,
}

/// Formats that an empty text cannot have.
const FORMATS: [&str; 9] = ["uuid", "date", "date-time", "time", "email", "uri", "ipv4", "ipv6", "hostname"];

/// The minimum length in bytes that RFC 9110, 4.1 recommends servers to support for URLs. Many clients and
/// servers refuse longer URLs.
const LONGEST: u64 = 8000;

/// Narrows a schema to the values that can be sent in that part of the request. `written` is the schema in
/// the document.
pub(crate) fn carried(
    schema: Schema,
    written: Option<&Node<'_>>,
    carrier: Carrier,
    required: bool,
) -> Schema {
    let Value::Object(mut map) = schema.into_value() else { return Schema::any() };
    without_null(&mut map);
    if carrier != Carrier::Other
        && let Some(longest) =
            map.get_mut("maxLength").filter(|it| it.as_u64().is_some_and(|it| it > LONGEST))
    {
        *longest = LONGEST.into();
    }
    if required {
        let target = written.and_then(|node| node.resolve().ok());
        let target = target.as_ref().filter(|_| map.contains_key("$ref")).and_then(Node::as_object);
        let open = target.map_or_else(|| !says_what(&map), |target| !says_what(target));
        if let Carrier::Path { may_be_empty } = carrier
            && open
        {
            anything(&mut map, may_be_empty);
        }
        if let Some(kind) = target.and_then(type_without_null) {
            map.insert("type".to_owned(), kind.into());
        }
        demand(&mut map, target, written, carrier);
    }
    Schema::new(Value::Object(map))
}

/// Returns the type of a referenced schema that also allows null. A type beside the reference excludes null.
fn type_without_null(target: &Map<String, Value>) -> Option<&str> {
    match target.get("type")? {
        Value::String(kind) => (target.get("nullable") == Some(&Value::Bool(true))).then_some(kind),
        Value::Array(kinds) => match kinds.as_slice() {
            [Value::String(kind), Value::String(null)] | [Value::String(null), Value::String(kind)]
                if null == "null" =>
            {
                Some(kind)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Restricts a schema without assertions to the values that a style can encode: scalars, lists and objects. If the path segment must not be
/// empty, also excludes values that would leave it empty.
fn anything(map: &mut Map<String, Value>, may_be_empty: bool) {
    map.insert("type".to_owned(), json!(["string", "number", "boolean", "array", "object"]));
    let fewest = ["minLength", "minItems", "minProperties"].into_iter();
    for keyword in fewest.filter(|keyword| !may_be_empty || *keyword != "minLength") {
        if map.get(keyword).and_then(Value::as_u64).unwrap_or(0) == 0 {
            map.insert(keyword.to_owned(), 1.into());
        }
    }
}

/// Whether the schema restricts its values.
fn says_what(map: &Map<String, Value>) -> bool {
    ["type", "$ref", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if"]
        .iter()
        .any(|key| map.contains_key(*key))
}

/// Removes null from the allowed values. A union with one remaining member becomes that member.
fn without_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(names)) = map.get_mut("type") {
        names.retain(|name| name != "null");
        if let [one] = names.as_slice() {
            let one = one.clone();
            map.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum")
        && values.len() > 1
    {
        values.retain(|value| !value.is_null());
    }
    if map.get("default") == Some(&Value::Null) {
        map.shift_remove("default");
    }
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(parts)) = map.get_mut(key) else { continue };
        parts.retain(|part| part != &json!({ "type": "null" }));
        if let [Value::Object(_)] = parts.as_slice()
            && let Some(Value::Object(only)) = parts.pop()
        {
            map.shift_remove(key);
            let fits =
                only.keys().all(|key| !map.contains_key(key) || key == "description" || key == "title");
            if fits {
                for (key, value) in only {
                    map.entry(key).or_insert(value);
                }
                return without_null(map);
            }
            map.insert("allOf".to_owned(), json!([only]));
        }
    }
}

/// Requires at least one character, item or property if an empty value would not be sent.
fn demand(
    map: &mut Map<String, Value>,
    target: Option<&Map<String, Value>>,
    written: Option<&Node<'_>>,
    carrier: Carrier,
) {
    let says = |key: &str| map.get(key).or_else(|| target?.get(key));
    let composed = || written.is_some_and(is_object).then_some("object");
    let keyword = match says("type").and_then(Value::as_str).or_else(composed) {
        Some("array") => "minItems",
        // An object without fields is sent only if its schema allows no fields.
        Some("object")
            if says("additionalProperties") != Some(&Value::Bool(false)) || says("properties").is_some() =>
        {
            "minProperties"
        }
        Some("string") => {
            let free = matches!(
                carrier,
                Carrier::Path { may_be_empty: false } | Carrier::Query { may_be_empty: false }
            );
            let bound = ["enum", "const", "pattern"].iter().any(|key| says(key).is_some());
            let format = says("format").and_then(Value::as_str);
            if !free || bound || format.is_some_and(|format| FORMATS.contains(&format)) {
                return;
            }
            "minLength"
        }
        _ => return,
    };
    if says(keyword).and_then(Value::as_u64).unwrap_or(0) == 0 {
        map.insert(keyword.to_owned(), 1.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(schema: Value, carrier: Carrier, required: bool) -> Value {
        carried(Schema::new(schema), None, carrier, required).into_value()
    }

    #[test]
    fn schema_of_a_value_sent_outside_json_excludes_null() {
        for (schema, left) in [
            (json!({ "type": ["string", "null"] }), json!({ "type": "string" })),
            (
                json!({ "description": "d", "anyOf": [{ "type": "array", "description": "x" }, { "type": "null" }] }),
                json!({ "description": "d", "type": "array" }),
            ),
            (
                json!({ "type": "string", "enum": ["a", null], "default": null }),
                json!({ "type": "string", "enum": ["a"] }),
            ),
            (
                json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }, { "type": "null" }] }),
                json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            ),
            (
                json!({ "enum": ["a"], "anyOf": [{ "enum": ["a", "b"] }, { "type": "null" }] }),
                json!({ "enum": ["a"], "allOf": [{ "enum": ["a", "b"] }] }),
            ),
        ] {
            assert_eq!(of(schema, Carrier::Other, false), left);
        }
    }

    #[test]
    fn schema_excludes_the_empty_value_if_that_value_cannot_be_sent() {
        let query = Carrier::Query { may_be_empty: false };
        let path = Carrier::Path { may_be_empty: false };
        let any = json!(["string", "number", "boolean", "array", "object"]);
        for (schema, carrier, required, left) in [
            (
                json!({}),
                Carrier::Path { may_be_empty: true },
                true,
                json!({ "type": any, "minItems": 1, "minProperties": 1 }),
            ),
            (
                json!({}),
                path,
                true,
                json!({ "type": any, "minLength": 1, "minItems": 1, "minProperties": 1 }),
            ),
            (json!({ "type": "string" }), query, true, json!({ "type": "string", "minLength": 1 })),
            (json!({ "type": "string" }), query, false, json!({ "type": "string" })),
            (json!({ "maxLength": 152_133 }), query, false, json!({ "maxLength": 8000 })),
            (json!({ "maxLength": 152_133 }), Carrier::Other, false, json!({ "maxLength": 152_133 })),
            (json!({ "type": "string" }), Carrier::Other, true, json!({ "type": "string" })),
            (
                json!({ "type": "string", "format": "uuid" }),
                query,
                true,
                json!({ "type": "string", "format": "uuid" }),
            ),
            (json!({ "type": "array" }), Carrier::Other, true, json!({ "type": "array", "minItems": 1 })),
            (json!({ "type": "object" }), path, true, json!({ "type": "object", "minProperties": 1 })),
            (
                json!({ "type": "object" }),
                Carrier::Other,
                true,
                json!({ "type": "object", "minProperties": 1 }),
            ),
            (
                json!({ "type": "object", "additionalProperties": false }),
                Carrier::Other,
                true,
                json!({ "type": "object", "additionalProperties": false }),
            ),
        ] {
            assert_eq!(of(schema, carrier, required), left);
        }
    }
}
