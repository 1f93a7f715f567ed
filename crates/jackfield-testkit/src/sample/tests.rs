use jackfield_model::{Arg, ArgName, Defs, Method, Operation, Place, Pointer, Schema};
use serde_json::{Value, json};

use super::{Fill, Limits, arguments, fits, sample};

fn defs(of: Value) -> Defs {
    let Value::Object(map) = of else { panic!("defs are an object") };
    map.into_iter().map(|(name, schema)| (name, Schema::new(schema))).collect()
}

/// Samples a value with both fills, and checks the values with this crate and with an independent validator.
fn check(schema: &Value, defs: &Defs) -> (Value, Value) {
    let [minimal, full] = [Limits::MINIMAL, Limits::FULL].map(|limits| {
        let value = sample(schema, defs, limits);
        assert!(fits(&value, schema, defs), "{value} does not fit {schema}");
        assert!(oracle(schema, defs).is_valid(&value), "{value} is not valid for {schema}");
        assert_eq!(value, sample(schema, defs, limits), "a second sample is different");
        value
    });
    (minimal, full)
}

fn oracle(schema: &Value, defs: &Defs) -> jsonschema::Validator {
    let pool: serde_json::Map<_, _> =
        defs.iter().map(|(name, schema)| (name.clone(), schema.as_value().clone())).collect();
    let root = json!({ "$defs": pool, "allOf": [schema] });
    jsonschema::draft202012::options().should_validate_formats(true).build(&root).unwrap()
}

#[test]
fn sample_of_each_type_fits_its_schema() {
    let none = Defs::new();
    for schema in [
        json!({}),
        json!({"type": "null"}),
        json!({"type": "boolean", "const": false}),
        json!({"type": ["null", "integer"]}),
        json!({"enum": [null, "a", 3]}),
        json!({"type": "string", "enum": [1, "b"]}),
        json!({"type": "string", "default": 7}),
        json!({"type": "string", "examples": [3, "x"], "minLength": 1}),
        json!({"type": "integer", "minimum": 5, "maximum": 5}),
        json!({"type": "integer", "exclusiveMinimum": -3, "exclusiveMaximum": -1}),
        json!({"type": "integer", "multipleOf": 7, "minimum": 8}),
        json!({"type": "integer", "multipleOf": 0.5, "minimum": 3}),
        json!({"type": "integer", "minimum": 9_223_372_036_854_775_807_u64}),
        json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001}),
        json!({"type": "number", "multipleOf": 0.01, "minimum": 9.999}),
        json!({"type": "number", "maximum": -1e30}),
        json!({"type": "string", "minLength": 40, "maxLength": 41}),
        json!({"type": "string", "maxLength": 0}),
        json!({"type": "array", "items": {"type": "integer"}, "minItems": 5}),
        json!({"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": true, "maxItems": 4}),
        json!({"type": "array", "items": {"type": "string", "maxLength": 2}, "uniqueItems": true, "minItems": 4}),
        json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}),
        json!({"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}}),
        json!({"type": "object", "maxProperties": 1, "properties": {"a": {}, "b": {}, "c": {}}, "required": ["b"]}),
        json!({"required": ["undeclared"], "properties": {"a": {"type": "integer"}}}),
        json!({"properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["c"]}}),
        json!({"properties": {"a": {"not": {}}, "b": {"type": "integer"}}}),
        json!({"type": "object", "not": {"required": ["a"]}, "properties": {"a": {}}}),
        json!({"type": "object", "propertyNames": {"pattern": "^key"}, "minProperties": 1}),
    ] {
        check(&schema, &none);
    }
    for format in [
        "date-time",
        "date",
        "time",
        "duration",
        "uuid",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "json-pointer",
        "regex",
        "byte",
        "int64",
        "password",
    ] {
        check(
            &json!({"type": "array", "minItems": 30, "items": {"type": "string", "format": format}}),
            &none,
        );
    }
}

#[test]
fn sampled_length_takes_precedence_over_format() {
    // This schema contradicts itself. Validators that do not assert formats still check the length.
    let schema = json!({"type": "string", "format": "uuid", "maxLength": 3});
    assert_eq!(sample(&schema, &Defs::new(), Limits::FULL), "ext");
}

#[test]
fn sampled_text_matches_its_pattern() {
    for pattern in [
        "^[a-z0-9-]+$",
        r"^\d{4}-\d{2}-\d{2}$",
        "^(foo|ba[rz])(?:_x)?$",
        "^[^/\\s]{3,}$",
        r"^[\w.+-]+@[\w-]+\.[\w.-]+$",
        "^sk_(test|live)_[0-9a-zA-Z]{24}$",
        r"^\+[1-9]\d{1,14}$",
        "unanchored",
        "^$|^a{2,3}?$",
        "^[A-Z]{2}$",
        r"^[-\]x]$",
        r"^\u0041[^\W\d]$",
    ] {
        check(&json!({"type": "string", "pattern": pattern}), &Defs::new());
    }
    let long = json!({"type": "string", "pattern": "^[a-f]+$", "minLength": 300, "maxLength": 300});
    check(&long, &Defs::new());
    // A pattern that is not supported is ignored.
    let beyond = json!({"type": "string", "pattern": "^(?!x)text$"});
    assert_eq!(sample(&beyond, &Defs::new(), Limits::FULL), "text");
}

#[test]
fn sample_merges_all_of_branches_and_chooses_a_one_of_branch() {
    let defs = defs(json!({
        "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
        "Cat": {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"meow": {"type": "boolean"}}, "required": ["meow"]}]},
        "Dog": {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"bark": {"type": "string"}}}]},
    }));
    let (minimal, full) = check(&json!({"$ref": "#/$defs/Cat"}), &defs);
    assert_eq!(minimal, json!({"id": 1, "meow": true}));
    assert_eq!(full, minimal);
    // Every cat is also a dog, so a cat matches both branches. Only a dog that is not a cat matches exactly one branch.
    let (minimal, _) = check(&json!({"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}), &defs);
    assert_eq!(minimal, json!({"id": 1}));
    for schema in [
        json!({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Dog"}]}),
        json!({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}, "required": ["b"]}], "type": "object"}),
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
               "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        json!({"allOf": [{"type": "integer", "minimum": 3}, {"type": "number", "maximum": 4}]}),
        json!({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}),
        json!({"allOf": [{"anyOf": [{"const": 1}, {"const": 2}]}, {"not": {"const": 1}}]}),
        json!({"$ref": "#/$defs/Base", "required": ["name"], "description": "beside a reference"}),
        json!({"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["x", "y", "z"]}}, "allOf": [
            {"if": {"properties": {"kind": {"const": "y"}}}, "then": {"required": ["y"]}},
            {"if": {"properties": {"kind": {"const": "z"}}}, "then": {"not": {}}, "else": {"required": ["no-z"]}},
        ]}),
        json!({"if": {"properties": {"a": {"const": "a"}}}, "then": {"required": ["b"]}, "properties": {"a": {}}}),
    ] {
        check(&schema, &defs);
    }
}

#[test]
fn sample_of_a_recursive_schema_is_finite() {
    let defs = defs(json!({
        "Node": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            "parent": {"$ref": "#/$defs/Node"},
        }},
        "Either": {"oneOf": [{"$ref": "#/$defs/Pair"}, {"type": "string"}]},
        "Pair": {"type": "object", "required": ["left", "right"], "properties": {
            "left": {"$ref": "#/$defs/Either"}, "right": {"$ref": "#/$defs/Either"},
        }},
        "Endless": {"type": "object", "required": ["self"], "properties": {"self": {"$ref": "#/$defs/Endless"}}},
        "Circle": {"$ref": "#/$defs/Circle"},
    }));
    let (_, full) = check(&json!({"$ref": "#/$defs/Node"}), &defs);
    assert_eq!(
        full,
        json!({
            "name": "name",
            "children": [{"name": "name"}, {"name": "name-2"}],
            "parent": {"name": "name"},
        })
    );
    check(&json!({"$ref": "#/$defs/Either"}), &defs);
    let huge =
        json!({"type": "array", "minItems": u64::MAX, "items": {"type": "array", "minItems": u64::MAX}});
    assert_eq!(sample(&huge, &defs, Limits::FULL), Value::Null);
    let huge = json!({"type": "object", "minProperties": u64::MAX, "properties": {"a": {}}});
    assert_eq!(sample(&huge, &defs, Limits::FULL), Value::Null);
    for name in ["Endless", "Circle", "Nowhere"] {
        assert_eq!(sample(&json!({"$ref": format!("#/$defs/{name}")}), &defs, Limits::FULL), Value::Null);
    }
}

#[test]
fn sample_of_an_unsatisfiable_one_of_follows_its_first_branch() {
    // Each branch also accepts the values that are sampled for the other branch.
    let schema = json!({"type": "object", "oneOf": [
        {"properties": {"before": {"type": "string"}}},
        {"properties": {"after": {"type": "string"}}},
    ]});
    let value = sample(&schema, &Defs::new(), Limits::FULL);
    assert_eq!(value, json!({"before": "before"}));
    assert!(!fits(&value, &schema, &Defs::new()));
}

#[test]
fn sample_of_a_schema_with_many_properties_is_small() {
    let properties: serde_json::Map<_, _> = (0..40)
        .map(|i| (format!("p{i}"), json!({"$ref": format!("#/$defs/D{}", (i * 7 + 1) % 40)})))
        .collect();
    let wide =
        |_: usize| json!({"type": "object", "properties": properties, "required": ["p0"], "anyOf": [{}, {}]});
    let defs: Defs = (0..40).map(|i| (format!("D{i}"), Schema::new(wide(i)))).collect();
    let value = sample(&json!({"$ref": "#/$defs/D0"}), &defs, Limits::FULL);
    assert!(value.to_string().len() < 100_000);
}

#[test]
fn sampled_argument_values_contain_their_names() {
    let arg = |name: &str, required, schema| Arg {
        name: ArgName::new(name).unwrap(),
        required,
        schema: Schema::new(schema),
    };
    let place = Place { file: "api.yaml".into(), pointer: Pointer::root() };
    let operation = Operation {
        args: vec![
            arg("owner", true, json!({"type": "string"})),
            arg("repo", true, json!({"type": "string"})),
            arg("page", false, json!({"type": "integer", "minimum": 3})),
            arg("impossible", false, json!({"not": {}})),
        ],
        ..Operation::new(Method::new("GET").unwrap(), "/{owner}/{repo}", place)
    };
    let call = |fill| Value::Object(arguments(&operation, &Defs::new(), fill));
    assert_eq!(call(Fill::Minimal), json!({"owner": "owner", "repo": "repo"}));
    assert_eq!(call(Fill::Full), json!({"owner": "owner", "repo": "repo", "page": 3}));
}
