//! Compares validation results with the results of the crate `jsonschema` for random schemas and values.
//!
//! The strategies exclude the intended differences: references that are circular for one value (`jsonschema` accepts a pair
//! that is still being compared), numbers that do not fit into 64 bits (`jsonschema` compares floats with an epsilon for
//! `multipleOf`), and patterns that are not ECMAScript.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        prop::sample::select(vec![1.0, 0.5, -1.5, 2.0, 1e20]).prop_map(Value::from),
        prop::sample::select(vec!["", "a", "b", "ab", "é"]).prop_map(Value::from),
    ]
}

fn names() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "ab", "c"]).prop_map(str::to_owned)
}

fn values() -> impl Strategy<Value = Value> {
    scalars().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn types() -> impl Strategy<Value = Value> {
    let name =
        prop::sample::select(vec!["null", "boolean", "integer", "number", "string", "array", "object"]);
    prop_oneof![
        name.clone().prop_map(Value::from),
        prop::collection::hash_set(name, 1..3).prop_map(|names| names.into_iter().collect()),
    ]
}

/// Generates keywords with their operands.
fn assertions() -> impl Strategy<Value = (String, Value)> {
    let number = || prop_oneof![(-2_i64..3).prop_map(Value::from), Just(json!(0.5)), Just(json!(-1.5))];
    let count = || (0_u64..3).prop_map(Value::from);
    let list =
        || prop::collection::hash_set(names(), 0..3).prop_map(|names| names.into_iter().collect::<Value>());
    let keyed = |key: &'static str| move |operand: Value| (key.to_owned(), operand);
    prop_oneof![
        types().prop_map(keyed("type")),
        types().prop_map(keyed("type")),
        prop::collection::vec(values(), 1..4).prop_map(Value::from).prop_map(keyed("enum")),
        values().prop_map(keyed("const")),
        (prop::sample::select(vec!["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), number())
            .prop_map(|(key, operand)| (key.to_owned(), operand)),
        prop::sample::select(vec![json!(1), json!(2), json!(0.5)]).prop_map(keyed("multipleOf")),
        (
            prop::sample::select(vec![
                "minLength",
                "maxLength",
                "minItems",
                "maxItems",
                "minProperties",
                "maxProperties",
                "minContains",
                "maxContains",
            ]),
            count()
        )
            .prop_map(|(key, operand)| (key.to_owned(), operand)),
        prop::sample::select(vec!["^a", "b$", "^[a-c]{1,2}$", "é"])
            .prop_map(Value::from)
            .prop_map(keyed("pattern")),
        any::<bool>().prop_map(Value::from).prop_map(keyed("uniqueItems")),
        list().prop_map(keyed("required")),
        (names(), list()).prop_map(|(name, list)| ("dependentRequired".to_owned(), json!({ name: list }))),
    ]
}

/// Generates schemas that may refer to the first `below` definitions.
fn schemas(below: usize) -> impl Strategy<Value = Value> {
    let simple = prop::collection::vec(assertions(), 0..3).prop_map(object);
    let references = (0..below.max(1)).prop_map(move |at| match below {
        0 => json!({}),
        _ => json!({ "$ref": format!("#/$defs/D{at}") }),
    });
    let leaf = prop_oneof![4 => simple, 1 => any::<bool>().prop_map(Value::from), 2 => references];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let one = prop::sample::select(vec![
            "additionalProperties",
            "propertyNames",
            "items",
            "contains",
            "not",
            "if",
            "then",
            "else",
            "unevaluatedProperties",
            "unevaluatedItems",
        ]);
        let many = prop::sample::select(vec!["allOf", "anyOf", "oneOf", "prefixItems"]);
        let named = prop::sample::select(vec!["properties", "dependentSchemas"]);
        let patterns = prop::sample::select(vec!["^a", "b", "^c$"]).prop_map(str::to_owned);
        let map = |names: BoxedStrategy<String>, inner: BoxedStrategy<Value>| {
            prop::collection::hash_map(names, inner, 1..3)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        };
        let keyword = prop_oneof![
            assertions(),
            (one, inner.clone()).prop_map(|(key, schema)| (key.to_owned(), schema)),
            (many, prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|(key, all)| (key.to_owned(), all.into())),
            (named, map(names().boxed(), inner.clone().boxed())).prop_map(|(key, all)| (key.to_owned(), all)),
            map(patterns.boxed(), inner.boxed()).prop_map(|all| ("patternProperties".to_owned(), all)),
        ];
        prop::collection::vec(keyword, 1..5).prop_map(object)
    })
}

fn object(keywords: Vec<(String, Value)>) -> Value {
    Value::Object(keywords.into_iter().collect())
}

/// Generates schemas whose definitions refer to earlier definitions, and to themselves inside a property.
fn documents() -> impl Strategy<Value = Value> {
    (schemas(3), schemas(2), schemas(1), schemas(0)).prop_map(|(root, two, one, zero)| {
        let Value::Object(mut root) = root else { return root };
        let zero = json!({ "allOf": [zero], "properties": { "a": { "$ref": "#/$defs/D0" } } });
        root.insert(
            "$defs".to_owned(),
            Map::from_iter([("D0".to_owned(), zero), ("D1".to_owned(), one), ("D2".to_owned(), two)]).into(),
        );
        Value::Object(root)
    })
}

fn compare(document: &Value, value: &Value) -> Result<(), TestCaseError> {
    let theirs = jsonschema::draft202012::new(document).unwrap();
    let ours = Schema::new(document.clone(), OneOf::Exactly);
    prop_assert_eq!(ours.fault(), None);
    let mut budget = Budget::of(10_000_000);
    let fits = ours.fits(value, &mut budget);
    prop_assert_eq!(fits, Ok(theirs.is_valid(value)), "{} {}", document, value);
    // Problems are reported if and only if the value does not match the schema.
    let mut told = 0;
    let explained = ours.explain(value, &mut budget, &mut |problem| {
        told += 1;
        !describe(&ours, problem).is_empty()
    });
    prop_assert_eq!(explained, Ok(()));
    prop_assert_eq!(told == 0, fits == Ok(true), "{} {}", document, value);
    Ok(())
}

/// Returns the number of cases. `$JACKFIELD_CASES` overrides it for a long manual run.
fn cases() -> u32 {
    std::env::var("JACKFIELD_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_arguments_are_sent_as_their_schema_requires_or_refused(document in documents(), value in values()) {
        if let (Value::Object(schema), Value::Object(arguments)) = (document, value) {
            let _ = crate::fuzzing::try_arguments(schema, arguments);
        }
    }

    #[test]
    fn validation_results_equal_those_of_jsonschema(document in documents(), values in prop::collection::vec(values(), 1..6)) {
        for value in &values {
            compare(&document, value)?;
        }
    }
}
