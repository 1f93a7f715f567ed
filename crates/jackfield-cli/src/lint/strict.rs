//! Checks the rules of OpenAI's strict mode. Schemas are checked after the usual conversion, which closes objects and
//! makes optional properties required and nullable.

use jackfield_build::model::{Code, Diagnostic};
use serde_json::Value;

use super::schema_walk;
use super::subject::Subject;

/// The limits that OpenAI documents.
const MOST_DEPTH: usize = 10;
const MOST_PROPERTIES: usize = 5_000;
const MOST_VALUES: usize = 1_000;

/// Keywords without an equivalent in strict mode.
const UNSUPPORTED: [&str; 9] = [
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "contains",
];

/// Reports tools whose schemas cannot be made strict.
pub(super) fn tools(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for tool in &subject.tools {
        let Some(problems) = tool.schema_problems(problems) else { continue };
        let problem = format!("the schema of `{}` cannot be made strict: {problems}", tool.name);
        found.push(
            Diagnostic::warning(Code::StrictSchema, tool.place.clone(), problem)
                .so("with `strict: true`, OpenAI refuses the request with this tool")
                .help("use the tool without strict mode, or leave it out")
                .help_many("use these tools without strict mode, or leave them out")
                .fix(tool.exclusion()),
        );
    }
}

fn problems(schema: &Value) -> Vec<String> {
    let (mut properties, mut values) = (0, 0);
    let mut is_deep = false;
    let mut problems = schema_walk::problems(schema, &UNSUPPORTED, |part, map, problems| {
        let at = part.place();
        properties += map.get("properties").and_then(Value::as_object).map_or(0, serde_json::Map::len);
        values += map.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
        is_deep |= part.depth > MOST_DEPTH;
        // The root object is skipped, because the schema of a tool without arguments can be closed.
        if part.depth > 0 && is_open(map) {
            problems.push(format!("{at} is an object that allows any properties"));
        }
        if part.depth > 0 && accepts_anything(map) {
            problems.push(format!("{at} accepts any value"));
        }
    });
    if is_deep {
        problems.push(format!("objects are nested in more than {MOST_DEPTH} levels"));
    }
    if properties > MOST_PROPERTIES {
        problems.push(format!("it has {properties} properties, more than {MOST_PROPERTIES}"));
    }
    if values > MOST_VALUES {
        problems.push(format!("its enumerations have {values} values, more than {MOST_VALUES}"));
    }
    problems.sort();
    problems.dedup();
    problems
}

/// Returns whether the object has properties that the schema does not name.
fn is_open(map: &serde_json::Map<String, Value>) -> bool {
    let is_object = match map.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => map.contains_key("properties") || map.contains_key("additionalProperties"),
    };
    let has_properties = map.get("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    let is_composed = ["anyOf", "oneOf", "allOf", "$ref"].iter().any(|keyword| map.contains_key(*keyword));
    // An object that allows no properties can be closed. Such an argument only chooses an empty body.
    if map.get("maxProperties") == Some(&Value::from(0)) {
        return false;
    }
    match map.get("additionalProperties") {
        Some(Value::Object(_)) => is_object,
        Some(Value::Bool(false)) => false,
        _ => is_object && !has_properties && !is_composed,
    }
}

/// Returns whether the schema names no type.
fn accepts_anything(map: &serde_json::Map<String, Value>) -> bool {
    [
        "type",
        "enum",
        "const",
        "$ref",
        "anyOf",
        "oneOf",
        "allOf",
        "properties",
        "additionalProperties",
        "not",
        "if",
    ]
    .iter()
    .all(|keyword| !map.contains_key(*keyword))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schema_is_reported_only_if_it_has_no_equivalent_in_strict_mode() {
        let fits = json!({ "type": "object", "properties": {
            "a": { "type": ["string", "null"], "minLength": 2 },
            "b": { "type": "array", "items": { "$ref": "#/$defs/B" } },
            "c": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
            "d": { "type": "object", "properties": { "e": { "enum": ["x"] } } },
            "g": { "type": "object", "maxProperties": 0 },
        }, "$defs": { "B": { "type": "object", "properties": { "f": { "type": "number" } } } } });
        assert_eq!(problems(&fits), Vec::<String>::new());
        let unfit = json!({ "type": "object", "properties": {
            "a": { "type": "object" },
            "b": {},
            "c": { "type": "object", "additionalProperties": { "type": "string" } },
            "d": { "type": "string", "not": { "const": "x" } },
        } });
        assert_eq!(
            problems(&unfit),
            [
                "`a` is an object that allows any properties",
                "`b` accepts any value",
                "`c` is an object that allows any properties",
                "`d` has `not`",
            ]
        );
        let mut deep = json!({ "type": "string" });
        for _ in 0..12 {
            deep = json!({ "type": "object", "properties": { "x": deep } });
        }
        assert_eq!(problems(&deep), ["objects are nested in more than 10 levels"]);
    }
}
