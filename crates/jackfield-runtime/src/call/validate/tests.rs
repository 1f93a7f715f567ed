use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::*;

fn steps(schema: &Schema, value: &Value) -> usize {
    let mut budget = Budget::of(50_000_000);
    schema.fits(value, &mut budget).unwrap();
    50_000_000 - budget.left()
}

/// Returns the problems of a value, at most ten, and the number of steps that it took to find them.
fn explained(schema: &Schema, value: &Value) -> (Vec<String>, usize) {
    let mut budget = Budget::of(50_000_000);
    let mut problems = Vec::new();
    schema
        .explain(value, &mut budget, &mut |problem| {
            problems.push(describe(schema, problem));
            problems.len() < 10
        })
        .unwrap();
    (problems, 50_000_000 - budget.left())
}

fn problems(schema: &Value, value: &Value) -> Vec<String> {
    explained(&Schema::new(schema.clone(), OneOf::AtLeast), value).0
}

/// Returns a filter schema in which every level has several alternatives.
fn recursive_filter(union: &str) -> Schema {
    let and = |other: &str| {
        json!({
            "type": "object",
            "required": ["and"],
            "properties": { "and": { "$ref": "#/$defs/F" }, other: { "type": "string" } },
        })
    };
    let schema = json!({
        "type": "object",
        "properties": { "body": { "$ref": "#/$defs/F" } },
        "$defs": { "F": { union: [and("v"), and("w"), { "type": "integer" }] } },
    });
    Schema::new(schema, OneOf::Exactly)
}

fn nested(depth: usize, leaf: Value) -> Value {
    let filter = (0..depth).fold(leaf, |inner, _| json!({ "and": inner }));
    json!({ "body": filter })
}

#[test]
fn recursive_alternatives_take_linear_steps() {
    for union in ["anyOf", "oneOf"] {
        let schema = recursive_filter(union);
        let [eight, eighty] = [8, 80].map(|depth| steps(&schema, &nested(depth, json!("x"))));
        assert!(eighty <= 11 * eight, "{union}: {eight}, {eighty}");
        let [eight, eighty] = [8, 80].map(|depth| explained(&schema, &nested(depth, json!("x"))).1);
        assert!(eighty <= 11 * eight, "{union}, explained: {eight}, {eighty}");
        assert!(steps(&schema, &nested(8, json!("x"))) < 1_000, "{union}");
        assert!(steps(&schema, &nested(30, json!("x"))) < 3_000, "{union}");
    }
}

#[test]
fn error_in_a_recursive_filter_names_the_invalid_value() {
    let (problems, _) = explained(&recursive_filter("anyOf"), &nested(3, json!("x")));
    assert_eq!(problems, ["/body/and/and/and: expected an object or an integer, got \"x\""]);
}

#[test]
fn shared_subschema_is_validated_once() {
    // Each schema refers to the next schema twice, so 2^40 paths lead to the last schema.
    for union in ["allOf", "anyOf", "oneOf"] {
        let mut defs = Map::new();
        for at in 0..40 {
            let next = json!({ "$ref": format!("#/$defs/S{}", at + 1) });
            defs.insert(format!("S{at}"), json!({ union: [next, next] }));
        }
        defs.insert("S40".to_owned(), json!({ "type": "integer" }));
        let schema = Schema::new(json!({ "$ref": "#/$defs/S0", "$defs": defs }), OneOf::AtLeast);
        assert!(steps(&schema, &json!("x")) < 2_000, "{union}");
        let (problems, steps) = explained(&schema, &json!("x"));
        assert_eq!(problems, ["arguments: expected an integer, got \"x\""], "{union}");
        assert!(steps < 20_000, "{union}: {steps}");
    }
}

#[test]
fn circular_reference_that_returns_to_the_same_value_is_ignored() {
    let schema = |defs: &Value| Schema::new(json!({ "$ref": "#/$defs/A", "$defs": defs }), OneOf::AtLeast);
    let fits = |schema: &Schema, value: &Value| schema.fits(value, &mut Budget::of(10_000)).unwrap();
    for (defs, fitting, misfitting) in [
        (
            json!({ "A": { "allOf": vec![json!({ "$ref": "#/$defs/A" }); 9], "type": "integer" } }),
            json!(1),
            json!("x"),
        ),
        (json!({ "A": { "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "integer" }] } }), json!(1), json!("x")),
        (
            json!({ "A": { "anyOf": [{ "allOf": [{ "$ref": "#/$defs/A" }] }, { "type": "integer" }] } }),
            json!(1),
            json!("x"),
        ),
        (
            json!({
                "A": { "anyOf": [{ "$ref": "#/$defs/B" }, { "type": "integer" }] },
                "B": { "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "string" }] },
            }),
            json!("x"),
            json!([]),
        ),
    ] {
        let schema = schema(&defs);
        assert!(fits(&schema, &fitting), "{defs} {fitting}");
        assert!(!fits(&schema, &misfitting), "{defs} {misfitting}");
        assert!(!explained(&schema, &misfitting).0.is_empty(), "{defs}");
    }
    assert!(
        fits(&schema(&json!({ "A": { "$ref": "#/$defs/A" } })), &json!("x")),
        "a reference cycle alone accepts any value"
    );
    // Whether a number matches B depends on A, and the comparison with A is still in progress.
    let both = json!({
        "allOf": [{ "$ref": "#/$defs/A" }, { "$ref": "#/$defs/B" }],
        "$defs": {
            "A": { "anyOf": [{ "$ref": "#/$defs/B" }, { "type": "integer" }] },
            "B": { "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "string" }] },
        },
    });
    assert!(fits(&Schema::new(both, OneOf::AtLeast), &json!(1)));
}

#[test]
fn validation_of_exponential_circular_references_stops_at_the_step_budget() {
    let names: Vec<String> = (0..12).map(|at| format!("A{at}")).collect();
    let all: Vec<Value> = names.iter().map(|name| json!({ "$ref": format!("#/$defs/{name}") })).collect();
    let defs: Map<String, Value> = names.iter().map(|name| (name.clone(), json!({ "anyOf": all }))).collect();
    let schema = Schema::new(json!({ "allOf": all, "$defs": defs }), OneOf::AtLeast);
    let mut budget = Budget::of(100_000);
    assert_eq!(schema.fits(&json!(1), &mut budget), Err(Exhausted));
    assert_eq!(budget.left(), 0);
}

#[test]
fn value_that_is_nested_too_deeply_is_refused_without_a_stack_overflow() {
    let mut defs = Map::new();
    for at in 0..100_000 {
        defs.insert(format!("A{at}"), json!({ "allOf": [{ "$ref": format!("#/$defs/A{}", at + 1) }] }));
    }
    let schema = Schema::new(json!({ "$ref": "#/$defs/A0", "$defs": defs }), OneOf::AtLeast);
    assert_eq!(schema.fits(&json!(1), &mut Budget::of(1_000_000)), Err(Exhausted));
    // The value has the maximum nesting of JSON text, with an alternative and a reference at each level.
    let schema = recursive_filter("anyOf");
    let deepest = nested(126, json!(1));
    assert_eq!(schema.fits(&deepest, &mut Budget::of(1_000_000)), Ok(true));
    assert_eq!(explained(&schema, &nested(126, json!("x"))).0.len(), 1);
}

#[test]
fn validation_at_the_nesting_limit_does_not_overflow_the_stack() {
    // One case is just below the nesting limit, the other just above it.
    for links in [340, 360] {
        for union in ["allOf", "anyOf"] {
            let mut defs = Map::new();
            for at in 0..links {
                let next = json!({ "$ref": format!("#/$defs/A{}", at + 1) });
                defs.insert(format!("A{at}"), json!({ union: [next, { "type": "array" }] }));
            }
            defs.insert(format!("A{links}"), json!({ "properties": { "a": { "type": "integer" } } }));
            let schema = json!({ "$ref": "#/$defs/A0", "$defs": defs, "unevaluatedProperties": false });
            let schema = Schema::new(schema, OneOf::Exactly);
            let mut told = 0;
            let explained = schema.explain(&json!({ "a": "x" }), &mut Budget::of(10_000_000), &mut |_| {
                told += 1;
                true
            });
            assert_eq!(explained.is_ok(), links < 350, "{union}");
            assert!(told > 0 || links > 350, "{union}");
            let fits = schema.fits(&json!({ "a": 1 }), &mut Budget::of(10_000_000));
            assert!(fits.is_ok() == (links < 350) || union == "allOf", "{union} {links}: {fits:?}");
        }
    }
}

#[test]
fn nested_unevaluated_keywords_take_polynomial_steps() {
    let deep = |depth: usize| {
        let leaf = json!({ "properties": { "a": true } });
        (0..depth).fold(leaf, |inner, _| {
            json!({ "allOf": [inner], "anyOf": [{ "required": ["a"] }], "unevaluatedProperties": false })
        })
    };
    let [ten, thirty] =
        [10, 30].map(|depth| steps(&Schema::new(deep(depth), OneOf::Exactly), &json!({ "a": 1 })));
    assert!(thirty <= 10 * ten, "{ten}, {thirty}");
}

#[test]
fn validation_problem_names_the_position_the_expectation_and_the_value() {
    for (schema, value, expected) in [
        (json!({ "type": ["string", "null"] }), json!(7), "arguments: expected a string or null, got 7"),
        (
            json!({ "properties": { "a/b": { "items": { "enum": ["red", "green"] } } } }),
            json!({ "a/b": ["red", "gren"] }),
            "/a~1b/1: expected \"red\" or \"green\", got \"gren\"; did you mean \"green\"?",
        ),
        (json!({ "const": { "a": 1 } }), json!(1), "arguments: expected {\"a\":1}, got 1"),
        (json!({ "exclusiveMinimum": 0 }), json!(0), "arguments: expected more than 0, got 0"),
        (json!({ "multipleOf": 0.01 }), json!(0.005), "arguments: expected a multiple of 0.01, got 0.005"),
        (json!({ "minLength": 1 }), json!(""), "arguments: expected at least 1 character, got 0"),
        (json!({ "maxLength": 2 }), json!("ééé"), "arguments: expected at most 2 characters, got 3"),
        (json!({ "minProperties": 1 }), json!({}), "arguments: expected at least 1 property, got 0"),
        (
            json!({ "pattern": "^[a-z]+$" }),
            json!("A"),
            "arguments: expected a string that matches `^[a-z]+$`, got \"A\"",
        ),
        (json!({ "uniqueItems": true }), json!([1, 1.0]), "arguments: expected unique items"),
        (json!({ "properties": { "a": false } }), json!({ "a": 1 }), "/a: not allowed here"),
        (json!({ "required": ["a"] }), json!({}), "arguments: missing `a`"),
        (
            json!({ "dependentRequired": { "a": ["b"] } }),
            json!({ "a": 1 }),
            "arguments: missing `b`, which `a` requires",
        ),
        (
            json!({ "not": { "type": "null" } }),
            Value::Null,
            "arguments: null is one of the values that are not allowed",
        ),
        (
            json!({ "propertyNames": { "pattern": "^x-" } }),
            json!({ "y": 1 }),
            "arguments: the name `y` is not allowed, expected a string that matches `^x-`",
        ),
        (
            json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }),
            json!({ "a": 1 }),
            "arguments: missing `b`",
        ),
    ] {
        assert_eq!(problems(&schema, &value), [expected], "{schema}");
    }
}

#[test]
fn argument_error_explains_only_the_nearest_alternative() {
    let card = json!({
        "type": "object",
        "properties": { "kind": { "const": "card" }, "number": { "type": "string" } },
        "required": ["kind", "number"],
    });
    let cash =
        json!({ "type": "object", "properties": { "kind": { "const": "cash" } }, "required": ["kind"] });
    let schema = json!({ "properties": { "pay": { "anyOf": [{ "$ref": "#/$defs/Cash" }, card, { "type": "null" }] } },
        "$defs": { "Cash": cash } });
    let told = |pay: Value| problems(&schema, &json!({ "pay": pay }));
    assert_eq!(told(json!({ "kind": "card", "number": 1 })), ["/pay/number: expected a string, got 1"]);
    assert_eq!(told(json!({ "kind": "card" })), ["/pay: missing `number`"]);
    assert_eq!(
        told(json!({ "kind": "crad", "number": "1" })),
        ["/pay/kind: expected \"cash\" or \"card\", got \"crad\"; did you mean \"card\"?"]
    );
    assert_eq!(told(json!("card")), ["/pay: expected an object or null, got \"card\""]);
}

#[test]
fn misspelled_property_gets_a_suggestion_at_every_depth() {
    let book = json!({ "properties": { "title": {}, "price": {} }, "additionalProperties": false });
    let schema = json!({ "properties": { "books": { "items": book } } });
    let value = json!({ "books": [{ "title": 1 }, { "titel": 1, "price": 2 }, { "price": 1, "colour": 2 }] });
    assert_eq!(
        problems(&schema, &value),
        [
            "/books/1: unknown `titel`; did you mean `title`?",
            "/books/2: unknown `colour`; not given yet: `title`"
        ]
    );
}

#[test]
fn explanation_of_huge_values_is_bounded() {
    let schema = json!({ "items": { "type": "integer" } });
    let value: Vec<Value> = vec!["x".repeat(10_000_000).into(); 3];
    let told = problems(&schema, &value.into());
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|problem| problem.len() < 200), "{told:?}");
    let (told, steps) = explained(&Schema::new(schema, OneOf::AtLeast), &json!(vec!["x"; 1_000]));
    assert_eq!(told.len(), 10);
    assert!(steps < 20_000, "{steps}");
    let name = "\u{1b}[31m\u{202e}".to_owned() + &"n".repeat(1_000_000);
    let told =
        problems(&json!({ "additionalProperties": { "type": "null" } }), &json!({ name: "\u{7f}\u{200b}" }));
    assert!(
        told[0].len() < 200 && !told[0].contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{7f}']),
        "{told:?}"
    );
}

#[test]
fn unsupported_or_invalid_pattern_accepts_any_value() {
    let schema = json!({
        "properties": { "a": { "pattern": "(a)\\1" } },
        "patternProperties": { "[": { "type": "integer" } },
        "additionalProperties": false,
    });
    assert_eq!(
        problems(&schema, &json!({ "a": "b", "x": "what the pattern might allow" })),
        Vec::<String>::new()
    );
}

#[test]
fn malformed_keyword_is_reported_and_ignored() {
    for (schema, place) in [
        (json!({ "type": "text" }), "/type"),
        (json!({ "properties": { "a": { "minimum": "1" } } }), "/properties/a/minimum"),
        (json!({ "items": [{}] }), "/items"),
        (json!({ "anyOf": [1] }), "/anyOf/0"),
        (json!({ "$ref": "#/$defs/Nowhere" }), "#/$defs/Nowhere"),
        (json!({ "$ref": "https://elsewhere.example.com/schema" }), "elsewhere"),
    ] {
        let schema = Schema::new(schema, OneOf::Exactly);
        assert!(schema.fault().unwrap().contains(place), "{:?}", schema.fault());
        assert_eq!(schema.fits(&json!({ "a": 0 }), &mut Budget::of(1_000)), Ok(true));
    }
    let data = json!({ "enum": [{ "type": 1 }], "properties": { "type": {} }, "default": { "$ref": "no" } });
    assert_eq!(Schema::new(data, OneOf::Exactly).fault(), None);
}

#[test]
fn validation_steps_are_linear_in_the_arguments() {
    let schema = json!({
        "type": "array",
        "uniqueItems": true,
        "items": { "$ref": "#/$defs/Item" },
        "$defs": { "Item": { "type": "object", "properties": { "id": { "type": "integer", "minimum": 0 } },
            "additionalProperties": false, "required": ["id"] } },
    });
    let schema = Schema::new(schema, OneOf::Exactly);
    let value = |length: u32| Value::Array((0..length).map(|id| json!({ "id": id })).collect());
    let [short, long] = [1_000, 10_000].map(|length| steps(&schema, &value(length)));
    assert!(long <= 11 * short, "{short}, {long}");
    assert!(long <= 2 * schema.cost([&value(10_000)]), "the estimate bounds the steps: {long}");
}

#[test]
fn anchor_or_pointer_is_resolved_within_the_document() {
    let schema = json!({
        "properties": {
            "a": { "$ref": "#whole" },
            "b": { "$ref": "#/$defs/a~1b%25" },
            "c": { "$ref": "#/properties/a" },
            "d": { "$ref": "#" },
        },
        "$defs": { "W": { "$anchor": "whole", "type": "integer" }, "a/b%": { "type": "string" } },
    });
    assert_eq!(
        problems(&schema, &json!({ "a": 1, "b": "x", "c": 2, "d": { "d": {} } })),
        Vec::<String>::new()
    );
    let mut expected = String::new();
    for (place, kind) in
        [("/a", "an integer"), ("/b", "a string"), ("/c", "an integer"), ("/d/a", "an integer")]
    {
        let _ = writeln!(expected, "{place}: expected {kind}, got true");
    }
    let told = problems(&schema, &json!({ "a": true, "b": true, "c": true, "d": { "a": true } }));
    assert_eq!(told.join("\n") + "\n", expected);
}
