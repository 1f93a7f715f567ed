//! Tests of shared schemas: inlined, and in the pool.

use jackfield_model::{
    Arg, ArgName, Connector, ConnectorName, Defs, Effect, Group, Method, Operation, Place, Pointer, Pool,
    Schema, WireName,
};
use serde_json::{Map, Value, json};

use super::{inline::inline, outline::outline};

/// Returns a connector with one tool.
pub(crate) fn connector(args: Value, defs: Value) -> Connector {
    let map = |value: Value| -> Map<String, Value> { value.as_object().cloned().unwrap_or_default() };
    let args = map(args).into_iter().map(|(name, schema)| Arg {
        name: ArgName::new(&name).unwrap(),
        required: false,
        schema: Schema::new(schema),
    });
    let place = Place { file: "api.yaml".into(), pointer: Pointer::root() };
    let operation = Operation::new(Method::new("GET").unwrap(), "/", place);
    let operation = Operation { effect: Effect::Read, args: args.collect(), ..operation };
    let group =
        Group { tag: WireName::new("all").unwrap(), description: String::new(), operations: vec![operation] };
    let send: Defs = map(defs).into_iter().map(|(name, schema)| (name, Schema::new(schema))).collect();
    Connector {
        groups: vec![group],
        pool: Pool { send, ..Pool::default() },
        ..Connector::new(ConnectorName::new("api").unwrap())
    }
}

/// Returns the schemas of the tool's arguments.
fn args(connector: &Connector) -> Vec<&Value> {
    connector.operations().flat_map(|it| &it.args).map(|arg| arg.schema.as_value()).collect()
}

/// Returns a schema that is large enough for the pool.
fn long() -> Value {
    let kinds: Vec<String> = (100..140).map(|number| format!("kind-{number}")).collect();
    json!({ "type": "object", "properties": { "kind": { "enum": kinds } } })
}

#[test]
fn shared_schema_smaller_than_a_reference_is_inlined() {
    let schemas = json!({
        "a": { "$ref": "#/$defs/Id", "description": "One" },
        "b": { "$ref": "#/$defs/Id", "maxLength": 3 },
        "c": { "type": "array", "items": { "$ref": "#/$defs/Id" } },
        "d": { "$ref": "#/$defs/Id", "minLength": 1 },
    });
    let mut made = connector(schemas, json!({ "Id": { "type": "string", "description": "Any" } }));
    inline(&mut made);
    assert_eq!(
        args(&made),
        [
            &json!({ "type": "string", "description": "One" }),
            // The keywords beside the reference still apply.
            &json!({ "$ref": "#/$defs/Id", "maxLength": 3 }),
            &json!({ "type": "array", "items": { "type": "string", "description": "Any" } }),
            // The result accepts no value that the schema in the pool did not accept.
            &json!({ "type": "string", "description": "Any", "minLength": 1 }),
        ]
    );
}

#[test]
fn reference_is_inlined_only_beside_stricter_keywords() {
    let defs = json!({ "Id": { "type": ["string", "null"], "minLength": 3 } });
    let of = |beside: Value| {
        let mut schema = json!({ "$ref": "#/$defs/Id" });
        schema.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
        let mut made = connector(json!({ "a": schema }), defs.clone());
        inline(&mut made);
        args(&made)[0].clone()
    };
    assert_eq!(of(json!({ "type": "string" })), json!({ "type": "string", "minLength": 3 }));
    assert_eq!(of(json!({ "minLength": 4 })), json!({ "type": ["string", "null"], "minLength": 4 }));
    for beside in [json!({ "minLength": 2 }), json!({ "type": "integer" })] {
        assert!(of(beside.clone()).get("$ref").is_some(), "{beside}");
    }
}

#[test]
fn page_size_description_is_reduced_to_its_limit() {
    for (name, said, expected) in [
        ("limit", "Limit on the number of objects to be returned. At most 100.", "At most 100"),
        ("page_size", "The maximum number of items to return. Must be up to 50.", "Must be up to 50"),
        ("limit", "The number of books to lend. At most 100.", "Number of books to lend. At most 100"),
        ("limit", "The maximum number of items to return.", "Maximum number of items to return"),
        ("shelf", "The number of items. At most 100.", "Number of items. At most 100"),
    ] {
        let mut made = connector(json!({ name: { "type": "integer", "description": said } }), json!({}));
        super::lean(&mut made, &[]);
        assert_eq!(args(&made)[0]["description"], expected, "{said}");
    }
}

#[test]
fn argument_keeps_the_description_of_its_shared_schema() {
    let said = "What the reader who came for a book that was not there wants instead. One of `a` or `b`.";
    let defs = json!({ "Wish": { "type": "string", "description": said } });
    let mut made = connector(json!({ "a": { "$ref": "#/$defs/Wish" } }), defs);
    super::lean(&mut made, &[]);
    let first = "What the reader who came for a book that was not there wants instead";
    assert_eq!(args(&made)[0]["description"], format!("{first}. One of a or b"));
}

#[test]
fn schema_used_once_is_inlined() {
    let schemas = json!({ "a": { "$ref": "#/$defs/Once" }, "b": { "$ref": "#/$defs/Twice" }, "c": { "$ref": "#/$defs/Twice" } });
    let mut made = connector(schemas, json!({ "Once": long(), "Twice": long() }));
    inline(&mut made);
    assert_eq!(
        args(&made),
        [&long(), &json!({ "$ref": "#/$defs/Twice" }), &json!({ "$ref": "#/$defs/Twice" })]
    );
}

/// Returns a schema with a list of this many values, which takes many tokens.
fn large(values: u32) -> Value {
    let kinds: Vec<String> = (0..values).map(|number| format!("kind-{}", 1_000 + number)).collect();
    json!({ "type": "object", "properties": { "kind": { "enum": kinds } } })
}

#[test]
fn large_schema_used_once_is_inlined() {
    let schemas = json!({ "a": { "$ref": "#/$defs/Large" }, "b": { "$ref": "#/$defs/Outer" } });
    let outer = json!({ "type": "object", "properties": { "one": { "$ref": "#/$defs/Inner" } } });
    let mut made = connector(schemas, json!({ "Large": large(900), "Outer": outer, "Inner": large(300) }));
    inline(&mut made);
    let inner = json!({ "type": "object", "properties": { "one": large(300) } });
    assert_eq!(args(&made), [&large(900), &inner]);
}

#[test]
fn large_schema_used_once_by_many_tools_stays_in_the_pool() {
    let reference = json!({ "$ref": "#/$defs/Large" });
    let of_two = |values: u32| {
        let mut made = connector(json!({ "a": reference }), json!({ "Large": large(values) }));
        let again = made.groups[0].operations[0].clone();
        made.groups[0].operations.push(again);
        inline(&mut made);
        args(&made).into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_two(300), [large(300), large(300)]);
    assert_eq!(of_two(900), [reference.clone(), reference.clone()]);
}

#[test]
fn argument_keeps_the_description_found_through_two_references() {
    let defs = json!({
        "Flag": { "allOf": [{ "$ref": "#/$defs/Wish" }], "default": true },
        "Wish": { "type": "boolean", "enum": [true], "description": "Whether the reader waits." },
    });
    let mut made = connector(json!({ "a": { "$ref": "#/$defs/Flag" } }), defs);
    super::lean(&mut made, &[]);
    assert_eq!(args(&made)[0]["description"], "Whether the reader waits");
}

#[test]
fn argument_text_that_only_repeats_its_name_is_removed() {
    for (said, expected) in [
        ("The ID of the shelf.", None),
        ("Output only.", None),
        ("Optional. See below.", None),
        ("Required. The name of the reader.", Some("Name of the reader")),
        ("The ID of the shelf. It is printed on its side.", Some("ID of the shelf")),
        ("The ID of the shelf. Defaults to the first.", Some("ID of the shelf. Defaults to the first")),
    ] {
        let schema = json!({ "type": "string", "description": said });
        let mut made = connector(json!({ "shelf_id": schema }), json!({}));
        super::lean(&mut made, &[]);
        assert_eq!(args(&made)[0].get("description").and_then(Value::as_str), expected, "{said}");
    }
}

#[test]
fn format_in_a_nested_description_is_kept() {
    for (said, expected) in [
        ("When it was lent. A time of ISO 8601.", Some("When it was lent. Time of ISO 8601")),
        ("How long it is lent. In seconds.", Some("How long it is lent. In seconds")),
        ("The shelf. Format: shelves/{shelf}.", Some("Shelf. Format: shelves/{shelf}")),
        ("(output only) whether it is lent", Some("Whether it is lent")),
        ("Deprecated.", Some("Deprecated")),
    ] {
        let nested = json!({ "type": "string", "description": said });
        let schema = json!({ "type": "object", "properties": { "at": nested } });
        let mut made = connector(json!({ "loan": schema }), json!({}));
        super::lean(&mut made, &[]);
        let found = args(&made)[0]["properties"]["at"].get("description").and_then(Value::as_str);
        assert_eq!(found, expected, "{said}");
    }
}

#[test]
fn schema_used_by_only_one_pool_entry_is_inlined_into_that_entry() {
    let schemas = json!({ "a": { "$ref": "#/$defs/Outer" }, "b": { "$ref": "#/$defs/Outer" } });
    let mut outer = json!({ "type": "object", "properties": { "inner": { "$ref": "#/$defs/Inner" } } });
    let mut made = connector(schemas.clone(), json!({ "Outer": outer, "Inner": long() }));
    inline(&mut made);
    outer["properties"]["inner"] = long();
    assert_eq!(made.pool.send["Outer"], Schema::new(outer));
    assert_eq!(args(&made), [&schemas["a"], &schemas["b"]]);
}

#[test]
fn nullable_inlined_ref_becomes_type_array() {
    let choice = json!({ "a": { "oneOf": [{ "type": "null" }, { "$ref": "#/$defs/Once" }] } });
    let mut made = connector(choice, json!({ "Once": long() }));
    inline(&mut made);
    let mut either = long();
    either["type"] = json!(["object", "null"]);
    assert_eq!(args(&made), [&either]);
}

#[test]
fn recursive_schema_stays_in_the_pool() {
    let node = json!({ "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } } });
    let mut made = connector(json!({ "a": { "$ref": "#/$defs/Node" } }), json!({ "Node": node }));
    inline(&mut made);
    assert_eq!(args(&made), [&json!({ "$ref": "#/$defs/Node" })]);
}

#[test]
fn reference_to_a_wider_enum_is_removed_beside_a_narrower_enum() {
    let defs = json!({ "Wide": { "type": "string", "enum": ["a", "b", "c"] } });
    let narrow = json!({ "enum": ["a"], "allOf": [{ "$ref": "#/$defs/Wide" }] });
    let other = json!({ "enum": ["a", 1], "allOf": [{ "$ref": "#/$defs/Wide" }] });
    let mut made = connector(json!({ "a": narrow, "b": other }), defs);
    inline(&mut made);
    let found = args(&made);
    assert_eq!(found[0], &json!({ "enum": ["a"] }));
    assert!(found[1].get("allOf").is_some(), "{}", found[1]);
}

#[test]
fn schema_repeated_in_a_tool_becomes_a_pool_entry() {
    let mut outer = json!({ "type": "object", "properties": { "part": long() } });
    let mut made = connector(json!({ "first": outer, "second": { "items": long() } }), json!({ "part": {} }));
    outline(&mut made);
    outer["properties"]["part"] = json!({ "$ref": "#/$defs/part_2" });
    assert_eq!(args(&made), [&outer, &json!({ "items": { "$ref": "#/$defs/part_2" } })]);
    assert_eq!(made.pool.send["part_2"], Schema::new(long()));
}

#[test]
fn schema_repeated_within_the_pool_becomes_a_pool_entry() {
    let (schemas, mut node) = (json!({ "a": { "$ref": "#/$defs/Node" } }), json!({ "properties": {} }));
    node["properties"] = json!({ "first": long(), "second": long(), "next": { "$ref": "#/$defs/Node" } });
    let mut made = connector(schemas, json!({ "Node": node }));
    outline(&mut made);
    let reference = json!({ "$ref": "#/$defs/first" });
    node["properties"]["first"] = reference.clone();
    node["properties"]["second"] = reference;
    assert_eq!(made.pool.send["Node"], Schema::new(node));
    assert_eq!(made.pool.send["first"], Schema::new(long()));
}

#[test]
fn schema_moved_to_the_pool_gets_an_unused_name() {
    let schemas = json!({ "a": { "$ref": "#/$defs/Either" } });
    // The alternatives get their name from the schema that contains them.
    let mut made =
        connector(schemas, json!({ "Either": { "oneOf": [long(), long(), { "items": long() }] } }));
    outline(&mut made);
    let reference = json!({ "$ref": "#/$defs/Either_2" });
    let either = json!({ "oneOf": [reference, reference, { "items": reference }] });
    assert_eq!(made.pool.send["Either"], Schema::new(either));
    assert_eq!(made.pool.send["Either_2"], Schema::new(long()));
}

#[test]
fn default_examples_and_enum_values_are_not_moved_to_the_pool() {
    let schema =
        json!({ "default": long(), "examples": [long(), long()], "enum": [{ "properties": long() }] });
    let mut made = connector(json!({ "a": schema, "b": schema }), json!({}));
    outline(&mut made);
    assert_eq!(args(&made), [&schema, &schema]);
}
