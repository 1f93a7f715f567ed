//! Checks the rules of Gemini's function declarations for names, and for schemas, which are a subset of OpenAPI 3.0.

use jackfield_build::model::{Code, Diagnostic};
use serde_json::Value;

use super::schema_walk;
use super::subject::Subject;

/// Keywords that function declarations do not support. A client that omits one of them would accept other values. `oneOf`, `const`,
/// references and arrays of types are missing here, because clients convert them.
const UNSUPPORTED: [&str; 12] = [
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "contains",
    "prefixItems",
    "allOf",
    "unevaluatedProperties",
];

/// Reports tools whose names or schemas Gemini does not accept.
pub(super) fn tools(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for tool in &subject.tools {
        if !tool.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let problem = format!("the name `{}` does not begin with a letter or an underscore", tool.name);
            found.push(
                Diagnostic::warning(Code::GeminiName, tool.place.clone(), problem)
                    .so("Gemini refuses the request with this tool")
                    .help("rename it")
                    .fix(tool.renaming(&format!("call_{}", tool.name))),
            );
        }
        let Some(problems) = tool.schema_problems(problems) else { continue };
        let problem = format!("Gemini does not accept the schema of `{}`: {problems}", tool.name);
        found.push(
            Diagnostic::warning(Code::GeminiSchema, tool.place.clone(), problem)
                .so("Gemini refuses the request with this tool, or its client drops these parts of the schema")
                .help("exclude this tool from connectors that Gemini uses")
                .help_many("exclude these tools from connectors that Gemini uses")
                .fix(tool.exclusion()),
        );
    }
}

fn problems(schema: &Value) -> Vec<String> {
    let (mut own, mut shared) = (false, false);
    let mut problems = schema_walk::problems(schema, &UNSUPPORTED, |part, map, problems| {
        let at = part.place();
        let values = map.get("enum").and_then(Value::as_array).into_iter().flatten();
        if values.clone().any(|value| !value.is_string() && !value.is_null()) {
            problems.push(format!("{at} has an enumeration with values that are not strings"));
        }
        let is_typed = |kind: &str| match map.get("type") {
            Some(Value::String(own)) => own == kind,
            Some(Value::Array(kinds)) => kinds.iter().any(|own| own == kind),
            _ => false,
        };
        if is_typed("array") && !map.contains_key("items") {
            problems.push(format!("{at} is an array without `items`"));
        }
        let names = ["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "properties"];
        if part.depth > 0 && names.iter().all(|keyword| !map.contains_key(*keyword)) {
            problems.push(format!("{at} has no type"));
        }
        own |= map.contains_key("$ref");
        shared |= map.contains_key("$defs");
    });
    if own && shared && is_recursive(schema) {
        problems.push("its schemas are recursive".to_owned());
    }
    problems.sort();
    problems.dedup();
    problems
}

/// Returns whether a shared schema contains itself, so that its references cannot be replaced.
fn is_recursive(schema: &Value) -> bool {
    let Some(shared) = schema.get("$defs").and_then(Value::as_object) else { return false };
    let targets = |schema: &Value| {
        let mut names = Vec::new();
        schema_walk::each(schema, |part| {
            let reference = part.schema.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(|it| it.strip_prefix("#/$defs/")).map(str::to_owned));
        });
        names
    };
    let links: Vec<(&String, Vec<String>)> =
        shared.iter().map(|(name, schema)| (name, targets(schema))).collect();
    // Repeatedly removes the schemas that refer to no remaining schema. Each schema that is left belongs to a cycle,
    // or refers to a schema of a cycle.
    let mut remaining: std::collections::BTreeSet<&str> =
        links.iter().map(|(name, _)| name.as_str()).collect();
    loop {
        let before = remaining.len();
        for (name, targets) in &links {
            if !targets.iter().any(|target| remaining.contains(target.as_str())) {
                remaining.remove(name.as_str());
            }
        }
        if remaining.len() == before {
            return !remaining.is_empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schema_in_the_subset_that_gemini_supports_is_accepted() {
        let fits = json!({ "type": "object", "properties": {
            "a": { "type": ["string", "null"], "enum": ["x", null] },
            "b": { "type": "array", "items": { "$ref": "#/$defs/B" } },
            "c": { "anyOf": [{ "type": "string" }, { "type": "integer" }] },
        }, "$defs": { "B": { "type": "object", "properties": { "f": { "type": "number" } } } } });
        assert_eq!(problems(&fits), Vec::<String>::new());
        let unfit = json!({ "type": "object", "properties": {
            "a": { "enum": [1, 2] },
            "b": { "type": "array" },
            "c": { "description": "Anything." },
            "d": { "$ref": "#/$defs/D" },
        }, "$defs": { "D": { "type": "object", "properties": { "d": { "$ref": "#/$defs/D" } } } } });
        assert_eq!(
            problems(&unfit),
            [
                "`a` has an enumeration with values that are not strings",
                "`b` is an array without `items`",
                "`c` has no type",
                "its schemas are recursive",
            ]
        );
    }
}
