//! Comparisons of small schemas, both hand-written and random.

use jackfield_model::{Defs, Schema};
use serde_json::{Map, Value, json};

use super::{SchemaComparer, Shift};

fn defs(list: &[(&str, Value)]) -> Defs {
    list.iter().map(|(name, schema)| ((*name).to_owned(), Schema::new(schema.clone()))).collect()
}

fn compare(old: &Value, new: &Value) -> Vec<Shift> {
    let (before, after) = (Defs::new(), Defs::new());
    let comparer = SchemaComparer::new(&before, &after);
    comparer.compare(old, new, true, false).iter().map(|found| found.shift).collect()
}

#[test]
fn comparison_that_runs_out_of_steps_reports_a_change() {
    let (before, after) = (Defs::new(), Defs::new());
    let comparer = SchemaComparer::new(&before, &after);
    comparer.steps.set(3);
    let (old, new) = (json!({ "type": "string" }), json!({ "type": "string", "title": "a" }));
    let found = comparer.compare(&old, &new, false, false);
    assert_eq!(found.iter().map(|found| found.shift).collect::<Vec<_>>(), [Shift::Changed]);
    assert_eq!(found[0].detail().to_string(), "too large to be compared in full");
}

#[test]
fn schema_graph_with_exponentially_many_paths_is_compared_in_few_steps() {
    let levels = |leaf: &str| -> Defs {
        let mut all = Defs::new();
        for level in 0..60 {
            let next = json!({ "$ref": format!("#/$defs/S{}", level + 1) });
            let schema = json!({ "properties": { "a": next, "b": next }, "allOf": [next, next] });
            all.insert(format!("S{level}"), Schema::new(schema));
        }
        all.insert("S60".to_owned(), Schema::new(json!({ "type": leaf })));
        all
    };
    let (before, after) = (levels("string"), levels("integer"));
    let comparer = SchemaComparer::new(&before, &after);
    let root = json!({ "$ref": "#/$defs/S0" });
    let other = json!({ "$ref": "#/$defs/S0", "title": "other" });
    let found = comparer.compare(&root, &other, false, false);
    assert!(!found.is_empty() && found.len() < 10_000, "{}", found.len());
    assert!(comparer.steps.get() > 0);
}

#[test]
fn change_deep_in_a_recursive_schema_is_found_from_every_root() {
    let pool = |word: &str| {
        defs(&[
            ("A", json!({ "properties": { "b": { "$ref": "#/$defs/B" } } })),
            ("B", json!({ "properties": { "a": { "$ref": "#/$defs/A" }, "c": { "$ref": "#/$defs/C" } } })),
            ("C", json!({ "type": word })),
        ])
    };
    let (before, after) = (pool("string"), pool("integer"));
    let comparer = SchemaComparer::new(&before, &after);
    for (name, path) in [("A", ".b.c"), ("B", ".c"), ("C", "")] {
        let root = json!({ "$ref": format!("#/$defs/{name}") });
        let found = comparer.compare(&root, &root, true, false);
        assert_eq!(found.iter().map(|found| found.path.as_str()).collect::<Vec<_>>(), [path], "{name}");
    }
}

#[test]
fn comparison_terminates_if_alternatives_replace_a_recursive_schema() {
    let before = defs(&[("A", json!({ "type": "object", "properties": { "a": { "$ref": "#/$defs/A" } } }))]);
    let form = |leaf: &str| {
        json!({
            "type": "object",
            "properties": { "a": { "$ref": "#/$defs/A" }, "b": { "type": leaf } }
        })
    };
    let after = defs(&[("A", json!({ "oneOf": [form("string"), form("integer"), { "type": "null" }] }))]);
    let root = json!({ "$ref": "#/$defs/A" });
    let shifts = |old: &Defs, new: &Defs| -> Vec<Shift> {
        let comparer = SchemaComparer::new(old, new);
        let found = comparer.compare(&root, &root, false, false).iter().map(|found| found.shift).collect();
        assert!(comparer.steps.get() > 0);
        found
    };
    assert!(shifts(&before, &after).contains(&Shift::Widened));
    assert_eq!(shifts(&after, &before), [Shift::Changed]);
}

#[test]
fn changed_target_of_a_reference_is_found_in_every_keyword() {
    let pool = |word: &str| defs(&[("A", json!({ "type": word }))]);
    let (before, after) = (pool("string"), pool("integer"));
    let comparer = SchemaComparer::new(&before, &after);
    let reference = json!({ "$ref": "#/$defs/A" });
    for schema in [
        json!({ "not": reference }),
        json!({ "if": reference, "then": {} }),
        json!({ "contains": reference }),
        json!({ "dependentSchemas": { "a": reference } }),
        json!({ "allOf": [{ "not": reference }, { "not": {} }] }),
        json!({ "patternProperties": { "^x": reference } }),
        json!({ "additionalProperties": reference }),
        json!({ "propertyNames": reference }),
        json!({ "prefixItems": [reference] }),
        json!({ "anyOf": [{ "items": reference }, { "type": "null" }] }),
        json!({ "unevaluatedProperties": reference }),
    ] {
        assert!(!comparer.compare(&schema, &schema, true, false).is_empty(), "{schema}");
    }
}

#[test]
fn equivalent_schemas_differ_only_in_wording() {
    for (old, new) in [
        (json!({ "const": 1 }), json!({ "enum": [1] })),
        (
            json!({ "type": ["string", "null"] }),
            json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] }),
        ),
        (json!({ "minLength": 0 }), json!({})),
        (json!({ "additionalProperties": true }), json!({ "additionalProperties": {} })),
        (
            json!({ "allOf": [{ "type": "string" }, { "maxLength": 3 }] }),
            json!({ "type": "string", "maxLength": 3 }),
        ),
        (json!({ "maximum": 10 }), json!({ "maximum": 10.0 })),
        (json!({ "type": ["integer", "number"] }), json!({ "type": "number" })),
    ] {
        assert_eq!(compare(&old, &new), [Shift::Wording], "{old} {new}");
        assert_eq!(compare(&new, &old), [Shift::Wording], "{new} {old}");
    }
}

/// A sequence of pseudo-random numbers that is the same in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Creates a random schema.
pub(crate) fn schema(numbers: &mut Numbers, depth: usize) -> Value {
    let mut map = Map::new();
    match numbers.below(if depth == 0 { 5 } else { 11 }) {
        0 => {
            map.insert("type".into(), json!("string"));
            if numbers.one_in(2) {
                map.insert("maxLength".into(), json!(numbers.below(4)));
            }
            if numbers.one_in(3) {
                map.insert("minLength".into(), json!(numbers.below(3)));
            }
        }
        1 => {
            map.insert("type".into(), json!(if numbers.one_in(2) { "integer" } else { "number" }));
            for (keyword, high) in
                [("minimum", 3), ("maximum", 6), ("exclusiveMinimum", 3), ("exclusiveMaximum", 6)]
            {
                if numbers.one_in(3) {
                    map.insert(keyword.into(), json!(numbers.below(high)));
                }
            }
        }
        2 => {
            let all = [json!("a"), json!("bb"), json!(1), json!(2.5), json!(null), json!(true)];
            let values: Vec<Value> = all.into_iter().filter(|_| numbers.one_in(2)).collect();
            map.insert("enum".into(), json!(values));
        }
        3 => {
            let all = ["string", "integer", "number", "null", "boolean", "array", "object"];
            let types: Vec<&str> = all.into_iter().filter(|_| numbers.one_in(2)).collect();
            map.insert("type".into(), json!(types));
        }
        4 => _ = map.insert("const".into(), json!(numbers.below(3))),
        5 | 6 => {
            map.insert("type".into(), json!("object"));
            let mut properties = Map::new();
            for name in ["a", "b", "c"] {
                if numbers.one_in(2) {
                    properties.insert(name.into(), schema(numbers, depth - 1));
                }
            }
            let required: Vec<&String> = properties.keys().filter(|_| numbers.one_in(3)).collect();
            if !required.is_empty() {
                map.insert("required".into(), json!(required));
            }
            map.insert("properties".into(), Value::Object(properties));
            if numbers.one_in(3) {
                map.insert("additionalProperties".into(), json!(false));
            }
        }
        7 => {
            map.insert("type".into(), json!("array"));
            map.insert("items".into(), schema(numbers, depth - 1));
            if numbers.one_in(3) {
                map.insert("maxItems".into(), json!(numbers.below(3)));
            }
        }
        8 => {
            let keyword = if numbers.one_in(2) { "anyOf" } else { "oneOf" };
            let list: Vec<Value> = (0..=numbers.below(3)).map(|_| schema(numbers, depth - 1)).collect();
            map.insert(keyword.into(), json!(list));
        }
        9 => {
            let list: Vec<Value> = (0..=numbers.below(2)).map(|_| schema(numbers, depth - 1)).collect();
            map.insert("allOf".into(), json!(list));
        }
        _ => _ = map.insert("not".into(), schema(numbers, depth - 1)),
    }
    Value::Object(map)
}

/// Returns a copy of the schema in which one subschema is replaced by a random schema.
pub(crate) fn mutated(value: &Value, numbers: &mut Numbers) -> Value {
    match value {
        Value::Object(map) if !map.is_empty() && !numbers.one_in(4) => {
            let mut map = map.clone();
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = &keys[numbers.below(keys.len())];
            if numbers.one_in(4) {
                map.remove(key);
            } else if let Some(inner) = map.get(key).cloned() {
                map.insert(key.clone(), mutated_keyword(key, &inner, numbers));
            }
            Value::Object(map)
        }
        _ => schema(numbers, 2),
    }
}

fn mutated_keyword(keyword: &str, value: &Value, numbers: &mut Numbers) -> Value {
    match value {
        Value::Object(map) if keyword == "properties" => {
            let mut map = map.clone();
            let name = ["a", "b", "c"][numbers.below(3)];
            let inner = match map.get(name) {
                Some(inner) => mutated(inner, numbers),
                None => schema(numbers, 1),
            };
            map.insert(name.into(), inner);
            Value::Object(map)
        }
        Value::Object(_) => mutated(value, numbers),
        Value::Array(list) if matches!(keyword, "anyOf" | "oneOf" | "allOf") => {
            let mut list = list.clone();
            let at = numbers.below(list.len());
            list[at] = mutated(&list[at], numbers);
            json!(list)
        }
        Value::Array(list) => json!(list.iter().filter(|_| !numbers.one_in(3)).collect::<Vec<_>>()),
        Value::Number(_) => json!(numbers.below(5)),
        other => other.clone(),
    }
}

/// Creates a random value. Objects have property names that the random schemas use.
fn value(numbers: &mut Numbers, depth: usize) -> Value {
    match numbers.below(if depth == 0 { 6 } else { 9 }) {
        0 => json!(["", "a", "bb", "ccc"][numbers.below(4)]),
        1 => json!(numbers.below(7)),
        2 => json!(numbers.below(7) as f64 + 0.5),
        3 => json!(null),
        4 => json!(true),
        5 => json!(2.5),
        6 => json!((0..numbers.below(3)).map(|_| value(numbers, depth - 1)).collect::<Vec<_>>()),
        _ => {
            let names = ["a", "b", "c"].into_iter().filter(|_| numbers.one_in(2)).collect::<Vec<_>>();
            let members = names.into_iter().map(|name| (name.to_owned(), value(numbers, depth - 1)));
            Value::Object(members.collect())
        }
    }
}

/// Whether a value fits a schema. The implementation is as simple as possible.
fn fits(value: &Value, schema: &Value) -> bool {
    let Value::Object(map) = schema else { return *schema != json!(false) };
    map.iter().all(|(keyword, limit)| {
        let number = value.as_f64();
        let bound = limit.as_f64().unwrap_or_default();
        let list = || limit.as_array().into_iter().flatten();
        let count = |count: Option<usize>| count.map(|count| count as f64);
        let length = count(value.as_str().map(|text| text.chars().count()));
        match keyword.as_str() {
            "type" => {
                let is = |name: &Value| match name.as_str().unwrap_or_default() {
                    "integer" => number.is_some_and(|it| it.fract() == 0.0),
                    "number" => value.is_number(),
                    "string" => value.is_string(),
                    "null" => value.is_null(),
                    "boolean" => value.is_boolean(),
                    "array" => value.is_array(),
                    _ => value.is_object(),
                };
                if limit.is_array() { list().any(is) } else { is(limit) }
            }
            "enum" => list().any(|one| one == value),
            "const" => limit == value,
            "minimum" => number.is_none_or(|it| it >= bound),
            "maximum" => number.is_none_or(|it| it <= bound),
            "exclusiveMinimum" => number.is_none_or(|it| it > bound),
            "exclusiveMaximum" => number.is_none_or(|it| it < bound),
            "minLength" => length.is_none_or(|it| it >= bound),
            "maxLength" => length.is_none_or(|it| it <= bound),
            "maxItems" => count(value.as_array().map(Vec::len)).is_none_or(|it| it <= bound),
            "items" => value.as_array().into_iter().flatten().all(|item| fits(item, limit)),
            "required" => value
                .as_object()
                .is_none_or(|map| list().all(|name| map.contains_key(name.as_str().unwrap_or_default()))),
            "properties" => value.as_object().is_none_or(|map| {
                map.iter().all(|(name, member)| limit.get(name).is_none_or(|schema| fits(member, schema)))
            }),
            "additionalProperties" => value.as_object().is_none_or(|members| {
                members.keys().all(|name| {
                    *limit != json!(false) || map.get("properties").is_some_and(|it| it.get(name).is_some())
                })
            }),
            // Documents use `oneOf` for alternatives that exclude each other, so an additional alternative counts as wider (docs/diff.md).
            "anyOf" | "oneOf" => list().any(|one| fits(value, one)),
            "allOf" => list().all(|one| fits(value, one)),
            "not" => !fits(value, limit),
            _ => true,
        }
    })
}

/// Whether the shift means that a value accepted before may be refused.
fn may_refuse(shift: Shift) -> bool {
    match shift {
        Shift::AddedRequired | Shift::Removed | Shift::Required | Shift::Narrowed | Shift::Changed => true,
        // The old schema did not declare the property and accepted any value for it, so the added schema may refuse some.
        Shift::Added => true,
        Shift::Optional | Shift::Widened | Shift::Unknown | Shift::Default | Shift::Wording => false,
    }
}

#[test]
fn random_change_that_makes_a_schema_refuse_a_valid_value_is_reported() {
    let mut numbers = Numbers(7);
    let (mut refused, mut kept) = (0, 0);
    for round in 0..4_000 {
        let old = schema(&mut numbers, 3);
        let new = if round % 5 == 0 { schema(&mut numbers, 3) } else { mutated(&old, &mut numbers) };
        let shifts = compare(&old, &new);
        assert_eq!(shifts.is_empty(), old == new, "{old} {new}");
        let values: Vec<Value> = (0..60).map(|_| value(&mut numbers, 3)).collect();
        let lost = values.iter().find(|value| fits(value, &old) && !fits(value, &new));
        if shifts.iter().any(|shift| may_refuse(*shift)) {
            refused += 1;
            continue;
        }
        kept += 1;
        assert!(lost.is_none(), "{lost:?} fitted\n{old}\nand does not fit\n{new}\nbut: {shifts:?}");
    }
    assert!(refused > 500 && kept > 300, "{refused} {kept}");
}

#[test]
fn random_schemas_without_a_reported_difference_accept_the_same_values() {
    let mut numbers = Numbers(11);
    for _ in 0..1_000 {
        let (old, new) = (schema(&mut numbers, 3), schema(&mut numbers, 3));
        assert!(compare(&old, &old.clone()).is_empty());
        assert_eq!(compare(&old, &new).is_empty(), old == new, "{old} {new}");
    }
}
