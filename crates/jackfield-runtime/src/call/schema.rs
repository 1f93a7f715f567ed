//! Input schemas. They are made self-contained with schemas from the pool, and validate arguments before a request is sent.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::call::coerce::Coercion;
use crate::call::rows::Connector;
use crate::call::validate::{Budget, Exhausted, OneOf, Problem, Schema, describe};

/// The maximum number of problems in one message.
const PROBLEMS_SHOWN: usize = 10;

/// Parses the schema in `text`, and adds every schema of the pool that it refers to under `$defs`.
pub(crate) fn self_contained(connector: &Connector<'_>, text: &str) -> Map<String, Value> {
    // Generated schemas are valid JSON. An invalid hand-edited schema is replaced by a schema that accepts only the empty
    // object.
    let mut root = match serde_json::from_str(text) {
        Ok(Value::Object(root)) => root,
        _ => {
            Map::from_iter([("type".into(), "object".into()), ("additionalProperties".into(), false.into())])
        }
    };
    // A hand-written schema may have its own definitions.
    let own = match root.remove("$defs") {
        Some(Value::Object(own)) => own,
        _ => Map::new(),
    };
    let mut reached: BTreeSet<String> = own.keys().cloned().collect();
    let mut defs = Vec::new();
    let mut frontier = Vec::new();
    find_refs_in(&root, &mut frontier);
    own.values().for_each(|schema| find_refs(schema, &mut frontier));
    while let Some(name) = frontier.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        let schema = connector.schema(&name).and_then(|text| serde_json::from_str(text).ok());
        let schema: Value = schema.unwrap_or_else(|| Value::Object(Map::new()));
        find_refs(&schema, &mut frontier);
        defs.push((name, schema));
    }
    defs.extend(own);
    if !defs.is_empty() {
        defs.sort_by(|(a, _), (b, _)| a.cmp(b));
        root.insert("$defs".into(), Value::Object(defs.into_iter().collect()));
    }
    root
}

/// Collects the names of the pool schemas that a schema refers to. A `$ref` in data such as `enum` is not a reference.
pub(crate) fn find_refs(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(map) => find_refs_in(map, found),
        Value::Array(items) => items.iter().for_each(|item| find_refs(item, found)),
        _ => {}
    }
}

fn find_refs_in(schema: &Map<String, Value>, found: &mut Vec<String>) {
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("$ref", Value::String(target)) => {
                found.extend(target.strip_prefix("#/$defs/").map(str::to_owned));
            }
            ("enum" | "const" | "default" | "examples", _) => {}
            ("properties" | "patternProperties" | "dependentSchemas", Value::Object(children)) => {
                children.values().for_each(|child| find_refs(child, found));
            }
            _ => find_refs(value, found),
        }
    }
}

/// An input schema, compiled for validation.
pub(crate) struct InputSchema(Schema);

impl InputSchema {
    pub(crate) fn compile(schema: Map<String, Value>) -> Self {
        // If a value matches several alternatives of `oneOf`, the service decides which alternative is meant.
        let schema = Schema::new(Value::Object(schema), OneOf::AtLeast);
        if let Some(fault) = schema.fault() {
            tracing::warn!(fault, "an input schema has a malformed keyword, which is ignored");
        }
        Self(schema)
    }

    /// Returns an upper bound of the number of steps that [`fit`](Self::fit) takes: the size of the arguments times the size of
    /// the schema, counted in pairs of a schema node and a value node. Comparing a pair takes about 30 ns, and most pairs are never
    /// compared. The estimate itself visits the arguments once.
    pub(crate) fn cost_estimate(&self, arguments: &Map<String, Value>) -> usize {
        self.0.cost(arguments.values())
    }

    /// Validates the arguments. If they do not match the schema, coerces them and validates again. Returns a note about coerced arguments.
    ///
    /// # Errors
    /// Returns an error if the arguments do not match the schema.
    pub(crate) fn fit(&self, tool: &str, arguments: &mut Value) -> Result<Option<String>, ArgumentsError> {
        let mut budget = Budget::for_cost(self.0.cost([&*arguments]));
        self.fit_within(&mut budget, tool, arguments)
    }

    pub(crate) fn fit_within(
        &self,
        budget: &mut Budget,
        tool: &str,
        arguments: &mut Value,
    ) -> Result<Option<String>, ArgumentsError> {
        let unchecked = |Exhausted| ArgumentsError(ArgumentsFault::Unchecked { tool: tool.to_owned() });
        if self.0.fits(arguments, budget).map_err(unchecked)? {
            return Ok(None);
        }
        let mut coerced = arguments.clone();
        let said = Coercion::new(&self.0, budget).coerce(&mut coerced).map_err(unchecked)?;
        if !said.is_empty() && self.0.fits(&coerced, budget).map_err(unchecked)? {
            *arguments = coerced;
            return Ok(Some(format!("Coerced arguments: {}.", said.join("; "))));
        }
        let mut problems: Vec<String> = Vec::new();
        let mut sink = |problem: &Problem<'_>| {
            let is_enough = problems.len() == PROBLEMS_SHOWN;
            problems.push(if is_enough { "and more".to_owned() } else { describe(&self.0, problem) });
            !is_enough
        };
        // If the explanation uses up the budget, the problems that were found until then are listed.
        let explained = self.0.explain(arguments, budget, &mut sink);
        match explained {
            Err(exhausted) if problems.is_empty() => Err(unchecked(exhausted)),
            _ => Err(ArgumentsError(ArgumentsFault::Misfit { tool: tool.to_owned(), problems })),
        }
    }
}

/// The reason why arguments do not match an input schema. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentsError(ArgumentsFault);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ArgumentsFault {
    NoObject,
    /// The validation would exceed the step budget.
    Unchecked {
        tool: String,
    },
    Misfit {
        tool: String,
        /// One line for each problem, with its JSON pointer and the expectation.
        problems: Vec<String>,
    },
}

impl ArgumentsError {
    /// The arguments are not an object.
    pub(crate) const NO_OBJECT: Self = Self(ArgumentsFault::NoObject);

    /// Creates the error for arguments of a tool with the given problems.
    pub(crate) fn misfit(tool: &str, problems: Vec<String>) -> Self {
        Self(ArgumentsFault::Misfit { tool: tool.to_owned(), problems })
    }
}

impl ArgumentsError {
    /// Replaces the tool's name in the message by the name that clients see.
    pub(crate) fn rename(&mut self, shown: &dyn Fn(&str) -> String) {
        match &mut self.0 {
            ArgumentsFault::NoObject => {}
            ArgumentsFault::Unchecked { tool } | ArgumentsFault::Misfit { tool, .. } => *tool = shown(tool),
        }
    }
}

impl fmt::Display for ArgumentsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ArgumentsFault::NoObject => f.write_str("The arguments are not an object; nothing was sent."),
            ArgumentsFault::Unchecked { tool } => write!(
                f,
                "The arguments of `{tool}` are too large or too deeply nested to be checked against its input schema; \
                 nothing was sent. Send less at once, or nest less deeply."
            ),
            ArgumentsFault::Misfit { tool, problems } => {
                write!(f, "The arguments of `{tool}` do not fit its input schema; nothing was sent.")?;
                problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
            }
        }
    }
}

impl std::error::Error for ArgumentsError {}

/// Validates a value against a schema, without coercion.
///
/// # Errors
/// Returns the first problems if the value does not match the schema.
pub fn check_value(schema: &Value, value: &Value) -> Result<(), ValueMisfit> {
    let schema = Schema::new(schema.clone(), OneOf::AtLeast);
    let mut budget = Budget::for_cost(schema.cost([value]));
    let exhausted = |Exhausted| ValueMisfit("it is too large to be checked".to_owned());
    if schema.fits(value, &mut budget).map_err(exhausted)? {
        return Ok(());
    }
    let mut problems: Vec<String> = Vec::new();
    let mut sink = |problem: &Problem<'_>| {
        problems.push(describe(&schema, problem));
        problems.len() < 3
    };
    schema.explain(value, &mut budget, &mut sink).map_err(exhausted)?;
    Err(ValueMisfit(problems.join("; ")))
}

/// The reason why a value does not match a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueMisfit(String);

impl fmt::Display for ValueMisfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ValueMisfit {}

/// Calls a function for every schema within a schema. The function may change the schema. Subschemas of properties are
/// visited by name, because a property may have the name of a keyword.
pub(crate) fn each_keyword(schema: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match schema {
        Value::Object(map) => {
            change(map);
            for (key, value) in map.iter_mut() {
                match (key.as_str(), value) {
                    (
                        "properties" | "patternProperties" | "$defs" | "dependentSchemas",
                        Value::Object(children),
                    ) => {
                        children.values_mut().for_each(|child| each_keyword(child, change));
                    }
                    ("enum" | "const" | "default" | "examples", _) => {}
                    (_, value) => each_keyword(value, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_keyword(item, change)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Connector, Schema};
    use serde_json::json;

    static POOL: &[Schema] = &[
        Schema::new("Leaf", r#"{"type":"string"}"#),
        Schema::new("Lonely", r#"{}"#),
        Schema::new(
            "Tree",
            r##"{"properties":{"leaf":{"$ref":"#/$defs/Leaf"},"child":{"$ref":"#/$defs/Tree"}}}"##,
        ),
    ];

    #[test]
    fn self_contained_schema_contains_only_reachable_definitions() {
        let connector = Connector::new("x").schemas(POOL);
        let schema =
            self_contained(&connector, r##"{"type":"object","properties":{"t":{"$ref":"#/$defs/Tree"}}}"##);
        let names: Vec<&String> = schema["$defs"].as_object().into_iter().flat_map(Map::keys).collect();
        assert_eq!(names, ["Leaf", "Tree"]);
    }

    #[test]
    fn input_schema_keeps_definitions_that_are_not_in_the_shared_pool() {
        let connector = Connector::new("x").schemas(POOL);
        let text = r##"{"type":"object","properties":{"t":{"$ref":"#/$defs/Own"}},"$defs":{"Own":{"$ref":"#/$defs/Leaf"}}}"##;
        let schema = self_contained(&connector, text);
        let expected = json!({ "Leaf": { "type": "string" }, "Own": { "$ref": "#/$defs/Leaf" } });
        assert_eq!(schema["$defs"], expected);
    }

    #[test]
    fn reference_is_found_in_a_property_that_has_the_name_of_a_keyword() {
        let connector = Connector::new("x").schemas(POOL);
        for name in ["properties", "enum", "default", "$ref"] {
            let text = json!({ "type": "object", "properties": { name: { "$ref": "#/$defs/Leaf" } } });
            assert_eq!(
                self_contained(&connector, &text.to_string())["$defs"],
                json!({ "Leaf": { "type": "string" } })
            );
        }
    }

    #[test]
    fn error_about_an_argument_names_its_position_and_the_expected_value() {
        let schema = json!({
            "type": "object",
            "properties": { "title": { "type": "string" }, "price": { "type": "number", "minimum": 0 } },
            "required": ["title"],
            "additionalProperties": false,
        });
        let Value::Object(schema) = schema else { unreachable!() };
        let schema = InputSchema::compile(schema);
        let text = schema.fit("add", &mut json!({ "titel": "x", "price": -3 })).unwrap_err().to_string();
        assert!(text.contains("/price: expected at least 0, got -3"), "{text}");
        assert!(text.contains("did you mean `title`?"), "{text}");
        assert_eq!(schema.fit("add", &mut json!({ "title": "x" })), Ok(None));
        let mut given = json!({ "title": "x", "price": "4.5" });
        let coercions = "Coerced arguments: `/price` was a string, sent as a number.";
        assert_eq!(schema.fit("add", &mut given), Ok(Some(coercions.to_owned())));
        assert_eq!(given, json!({ "title": "x", "price": 4.5 }));
    }

    #[test]
    fn value_that_matches_two_alternatives_of_one_of_is_accepted() {
        let either = json!([{ "type": "string", "format": "uuid" }, { "type": "string" }]);
        let schema = json!({ "type": "object", "properties": { "id": { "oneOf": either } } });
        let Value::Object(schema) = schema else { unreachable!() };
        let schema = InputSchema::compile(schema);
        assert_eq!(schema.fit("x", &mut json!({ "id": "a" })), Ok(None));
        assert!(schema.fit("x", &mut json!({ "id": [] })).is_err());
    }

    #[test]
    fn keywords_next_to_an_invalid_pattern_still_apply() {
        let schema =
            json!({ "type": "object", "properties": { "pattern": { "type": "string", "pattern": "[" } } });
        let Value::Object(schema) = schema else { unreachable!() };
        let schema = InputSchema::compile(schema);
        assert!(schema.fit("x", &mut json!({ "pattern": "anything" })).is_ok());
        assert!(schema.fit("x", &mut json!({ "pattern": [] })).is_err());
    }

    /// Returns a schema with seven aliases of itself as alternatives, and an eighth alternative that accepts integers.
    fn alias_cycle() -> InputSchema {
        let alias = |at| json!({ "allOf": [{ "$ref": "#/$defs/A" }], "description": at });
        let parts: Vec<Value> = (0..7).map(alias).chain([json!({ "type": "integer" })]).collect();
        let schema = json!({
            "type": "object",
            "properties": { "n": { "type": "integer" }, "x": { "$ref": "#/$defs/A" } },
            "$defs": { "A": { "anyOf": parts } },
        });
        InputSchema::compile(schema.as_object().cloned().unwrap())
    }

    #[test]
    fn circular_aliases_are_coerced_in_few_steps() {
        let mut budget = Budget::of(2_000);
        let mut given = json!({ "n": "1", "x": "2" });
        let said = alias_cycle().fit_within(&mut budget, "x", &mut given);
        assert_eq!(given, json!({ "n": 1, "x": 2 }), "{said:?}");
        let said = alias_cycle()
            .fit_within(&mut budget, "x", &mut json!({ "n": "1", "x": {} }))
            .unwrap_err()
            .to_string();
        assert!(
            said.ends_with("sent.\n- /n: expected an integer, got \"1\"\n- /x: expected an integer, got {}"),
            "{said}"
        );
    }

    #[test]
    fn call_that_exhausts_the_validation_budget_is_refused() {
        let mut given = json!({ "n": 1, "x": 2 });
        let said = alias_cycle().fit_within(&mut Budget::of(3), "x", &mut given).unwrap_err().to_string();
        assert!(said.contains("too large or too deeply nested"), "{said}");
        assert!(said.contains("nothing was sent"), "{said}");
    }

    #[test]
    fn error_about_arguments_lists_only_the_invalid_values() {
        let schema = json!({
            "type": "object",
            "properties": { "name": { "type": "string" }, "limit": { "type": "integer", "maximum": 5 } },
            "minProperties": 3,
        });
        let schema = InputSchema::compile(schema.as_object().cloned().unwrap());
        let said = schema.fit("x", &mut json!({ "name": "rightful", "limit": 7 })).unwrap_err().to_string();
        assert!(said.contains("/limit: expected at most 5, got 7"), "{said}");
        assert!(!said.contains("rightful") && !said.contains("name"), "{said}");
    }

    #[test]
    fn error_about_arguments_lists_at_most_ten_problems() {
        let schema = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        let schema = InputSchema::compile(schema.as_object().cloned().unwrap());
        let given: Map<String, Value> = (0..1_000).map(|at| (format!("p{at}"), json!([]))).collect();
        let said = schema.fit("x", &mut given.into()).unwrap_err().to_string();
        assert_eq!(said.lines().count(), 12);
        assert!(said.ends_with("\n- and more"), "{said}");
    }

    #[test]
    fn validation_cost_estimate_grows_with_the_arguments() {
        let schema = alias_cycle();
        let estimate = |given: Value| schema.cost_estimate(given.as_object().unwrap());
        let [small, large] = [json!({ "x": 1 }), json!({ "x": vec![1; 1_000] })].map(estimate);
        assert!(large > 300 * small, "{small}, {large}");
        assert!(estimate(json!({ "x": "x".repeat(16_000) })) > 300 * small);
    }
}
