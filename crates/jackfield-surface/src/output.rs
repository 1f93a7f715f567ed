//! Output schemas describe the structured content of tools.
//!
//! Clients validate results with different validators, and discard a result that does not fit, although the
//! service has done the work. So an output schema contains only types and properties: nothing is required,
//! nothing else is forbidden, and it has no pattern or format that two validators could interpret
//! differently.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::text::json_length;
use jackfield_model::{Connector, Defs, Reply, Schema, Status};
use serde_json::{Map, Value, json};

/// The maximum number of references and nested schemas between a root and its properties.
const DEPTH: usize = 32;
/// The maximum number of shared schemas that a root may combine.
const MOST_SCHEMAS: usize = 1_000;
/// The maximum number of schemas of one property. A property with more schemas accepts any value.
const MOST_LOOKS: usize = 100;
/// The maximum number of bytes of the output schemas of all tools, as a base and as a multiple of the bytes
/// of the response schemas. Every root repeats the properties of the schemas to which it refers.
const BASE: usize = 64 << 20;
const PER_BYTE: usize = 16;

/// Properties that every JavaScript object inherits. Some validators would find a function there, and the
/// client would discard the result.
const INHERITED: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// Sets the output schema of each operation whose successful responses all have one structure.
pub fn promise_outputs(connector: &mut Connector) {
    let receive = &connector.pool.receive;
    let own = connector.groups.iter().flat_map(|group| &group.operations).flat_map(|it| &it.replies);
    let own: usize = own.filter_map(|reply| reply.schema.as_ref()).map(|it| json_length(it.as_value())).sum();
    let all = own + receive.values().map(|schema| json_length(schema.as_value())).sum::<usize>();
    let mut room = BASE.saturating_add(PER_BYTE.saturating_mul(all));
    let mut frontier = Vec::new();
    for operation in connector.groups.iter_mut().flat_map(|group| &mut group.operations) {
        // If the limit is reached, the tool gets no output schema, and its results are only text.
        if room == 0 {
            break;
        }
        // The result of a job is not the reply that the document declares.
        if operation.job.is_some() {
            continue;
        }
        operation.output = promise(&operation.replies, receive);
        room = room.saturating_sub(operation.output.as_ref().map_or(0, |it| json_length(it.as_value())));
        frontier.extend(refs(operation.output.as_ref()));
    }
    while let Some(name) = frontier.pop() {
        if connector.pool.output.contains_key(&name) {
            continue;
        }
        if let Some(schema) = receive.get(&name) {
            let schema = Schema::new(shape(schema.as_value()));
            frontier.extend(refs(Some(&schema)));
            connector.pool.output.insert(name, schema);
        }
    }
}

fn refs(schema: Option<&Schema>) -> Vec<String> {
    schema.into_iter().flat_map(Schema::refs).map(str::to_owned).collect()
}

/// Returns the output schema for these responses.
fn promise(replies: &[Reply], defs: &Defs) -> Option<Schema> {
    let is_success = |status| matches!(status, Status::Code(200..=299) | Status::Range(2));
    let has_success = replies.iter().any(|reply| is_success(reply.status));
    let mut bodies = replies
        .iter()
        .filter(|reply| is_success(reply.status) || !has_success && reply.status == Status::Default)
        .filter_map(|reply| Some((reply.media_type.as_deref()?, reply.schema.as_ref())));
    let (media_type, schema) = bodies.next()?;
    // A schema for only one of two success responses would be wrong for the other.
    if bodies.any(|(_, other)| other != schema) {
        return None;
    }
    let properties = if comes_in_parts(media_type) {
        Map::from_iter([("events".to_owned(), json!({ "type": "array" }))])
    } else if media_type.contains("json") || media_type == "*/*" {
        wrapped(schema?.as_value(), defs)?
    } else {
        return None;
    };
    Some(Schema::new(json!({ "type": "object", "properties": properties })))
}

/// Whether the runtime parses the media type as a stream of events.
fn comes_in_parts(media_type: &str) -> bool {
    ["event-stream", "ndjson", "jsonl", "json-lines", "json-seq", "stream+json"]
        .iter()
        .any(|stream| media_type.contains(stream))
}

/// Returns the properties of the structured content for a value. Clients accept only objects, so any other value is wrapped in an object
/// with one property.
fn wrapped(schema: &Value, defs: &Defs) -> Option<Map<String, Value>> {
    let wrap = |name: &str| Map::from_iter([(name.to_owned(), shape(schema))]);
    match (Kinds { defs, known: BTreeMap::new() }).of(schema, DEPTH)? {
        Kind::Object => {
            let mut properties = Properties::default();
            properties.gather(schema, defs, &mut BTreeSet::new(), DEPTH);
            let properties = properties.into_schemas();
            (!properties.is_empty()).then_some(properties)
        }
        Kind::Array => Some(wrap("items")),
        Kind::Scalar => Some(wrap("value")),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Scalar,
}

/// The kinds of values that schemas accept. Each shared schema is visited once.
struct Kinds<'s> {
    defs: &'s Defs,
    known: BTreeMap<&'s str, Option<Kind>>,
}

impl<'s> Kinds<'s> {
    /// Returns the kind of values that a schema accepts, or `None` if it may accept several kinds.
    fn of(&mut self, schema: &'s Value, depth: usize) -> Option<Kind> {
        let depth = depth.checked_sub(1)?;
        if let Some((name, target)) = target(schema, self.defs) {
            if let Some(known) = self.known.get(name) {
                return *known;
            }
            // A schema that refers to itself does not determine its kind.
            self.known.insert(name, None);
            let kind = self.of(target, depth);
            self.known.insert(name, kind);
            return kind;
        }
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(some)) => some.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut kinds: Vec<Kind> =
            types.iter().filter(|name| **name != "null").map(|name| kind_of(name)).collect();
        if types.is_empty() {
            let of = |keyword| schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
            let is_null = |member: &&Value| member.get("type").is_some_and(|name| name == "null");
            if schema.get("properties").is_some() {
                kinds.push(Kind::Object);
            } else if schema.get("items").is_some() {
                kinds.push(Kind::Array);
            } else if let Some(kind) = of("allOf").find_map(|member| self.of(member, depth)) {
                kinds.push(kind);
            } else {
                let variants = of("oneOf").chain(of("anyOf")).filter(|member| !is_null(member));
                kinds = variants.map(|member| self.of(member, depth)).collect::<Option<_>>()?;
            }
        }
        let first = *kinds.first()?;
        kinds.iter().all(|kind| *kind == first).then_some(first)
    }
}

fn kind_of(name: &str) -> Kind {
    match name {
        "object" => Kind::Object,
        "array" => Kind::Array,
        _ => Kind::Scalar,
    }
}

fn target<'s>(schema: &'s Value, defs: &'s Defs) -> Option<(&'s str, &'s Value)> {
    let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    defs.get(name).map(|target| (name, target.as_value()))
}

/// The properties that an object may have, each with all its schemas.
#[derive(Default)]
struct Properties(Map<String, Value>);

impl Properties {
    /// Adds the properties of the schema, and of the schemas of which it is composed.
    fn gather<'s>(&mut self, schema: &'s Value, defs: &'s Defs, seen: &mut BTreeSet<&'s str>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        // A shared schema that has been visited before adds nothing.
        if let Some((name, target)) = target(schema, defs)
            && seen.len() < MOST_SCHEMAS
            && seen.insert(name)
        {
            self.gather(target, defs, seen, depth);
        }
        let own = schema.get("properties").and_then(Value::as_object);
        for (name, property) in own.into_iter().flatten().filter(|(name, _)| is_own(name)) {
            self.add(name, &shape(property));
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for member in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.gather(member, defs, seen, depth);
            }
        }
    }

    fn add(&mut self, name: &str, property: &Value) {
        let looks = self.0.entry(name).or_insert_with(|| json!([])).as_array_mut();
        let looks = looks.expect("every value in this map is a list");
        if looks.len() <= MOST_LOOKS && !looks.contains(property) {
            looks.push(property.clone());
        }
    }

    fn into_schemas(self) -> Map<String, Value> {
        let schema = |looks: Value| match looks {
            Value::Array(mut looks) if looks.len() == 1 => looks.remove(0),
            Value::Array(looks) if looks.len() > MOST_LOOKS => json!({}),
            looks => json!({ "anyOf": looks }),
        };
        self.0.into_iter().map(|(name, looks)| (name, schema(looks))).collect()
    }
}

/// Reduces a schema to types and properties, without assertions about values.
fn shape(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return json!({}) };
    let mut kept = Map::new();
    for (key, value) in schema {
        let (key, value) = match (key.as_str(), value) {
            ("$ref" | "description" | "deprecated" | "const", value) => (key.as_str(), value.clone()),
            ("enum", Value::Array(values)) if !values.is_empty() => ("enum", value.clone()),
            ("type", value) if is_type(value) => ("type", value.clone()),
            ("properties", Value::Object(properties)) => {
                let own = properties.iter().filter(|(name, _)| is_own(name));
                let shapes = own.map(|(name, property)| (name.clone(), shape(property)));
                ("properties", Value::Object(shapes.collect()))
            }
            // `items` is omitted beside `prefixItems`, and `additionalProperties` beside properties that are removed. Otherwise, they would
            // apply to more items and properties than in the document.
            ("items", Value::Object(_)) if !schema.contains_key("prefixItems") => ("items", shape(value)),
            ("additionalProperties", Value::Object(_)) if !names_others(schema) => {
                ("additionalProperties", shape(value))
            }
            ("allOf", Value::Array(members)) if !members.is_empty() => ("allOf", shapes(members)),
            // Without assertions, more than one alternative may match.
            ("anyOf" | "oneOf", Value::Array(members)) if !members.is_empty() => ("anyOf", shapes(members)),
            _ => continue,
        };
        kept.entry(key).or_insert(value);
    }
    Value::Object(kept)
}

fn is_own(name: &str) -> bool {
    !INHERITED.contains(&name)
}

/// Whether a schema declares properties that its reduced form does not.
fn names_others(schema: &Map<String, Value>) -> bool {
    let named = schema.get("properties").and_then(Value::as_object);
    schema.contains_key("patternProperties") || !named.into_iter().flatten().all(|(name, _)| is_own(name))
}

fn shapes(members: &[Value]) -> Value {
    members.iter().map(shape).collect()
}

fn is_type(value: &Value) -> bool {
    let known = |value: &Value| {
        let known = ["object", "array", "string", "number", "integer", "boolean", "null"];
        value.as_str().is_some_and(|name| known.contains(&name))
    };
    known(value) || value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, media_type: Option<&str>, schema: Option<Value>) -> Reply {
        Reply {
            status: Status::Code(code),
            media_type: media_type.map(str::to_owned),
            schema: schema.map(Schema::new),
            example: None,
        }
    }

    /// Returns the properties in the output schema for a response with that schema.
    fn promised(schema: Value) -> Value {
        let defs = Defs::from([
            ("Loop".to_owned(), Schema::new(json!({ "$ref": "#/$defs/Loop" }))),
            (
                "Book".to_owned(),
                Schema::new(json!({
                    "type": "object",
                    "required": ["id"],
                    "additionalProperties": false,
                    "properties": { "id": { "type": "integer", "minimum": 1 }, "sequel": { "$ref": "#/$defs/Book" } },
                })),
            ),
        ]);
        match promise(&[reply(200, Some("application/json"), Some(schema))], &defs) {
            None => Value::Null,
            Some(schema) => {
                assert_eq!(schema.as_value()["type"], "object");
                assert_eq!(schema.as_value().as_object().map(Map::len), Some(2));
                schema.as_value()["properties"].clone()
            }
        }
    }

    #[test]
    fn root_of_an_output_schema_is_an_object() {
        let book = json!({ "$ref": "#/$defs/Book" });
        let of_book = json!({ "id": { "type": "integer" }, "sequel": book });
        assert_eq!(promised(book.clone()), of_book);
        assert_eq!(promised(json!({ "oneOf": [book, { "type": "null" }] })), of_book);
        assert_eq!(
            promised(json!({ "type": ["array", "null"], "minItems": 1, "items": book })),
            json!({ "items": { "type": ["array", "null"], "items": book } })
        );
        assert_eq!(
            promised(json!({ "type": "string", "format": "uuid" })),
            json!({ "value": { "type": "string" } })
        );
        assert_eq!(
            promised(json!({ "allOf": [book, { "properties": { "id": { "type": "string" }, "x": true } }] })),
            json!({
                "id": { "anyOf": [{ "type": "integer" }, { "type": "string" }] },
                "sequel": book,
                "x": {},
            })
        );
    }

    #[test]
    fn output_schema_exists_only_if_all_success_replies_have_one_json_structure() {
        for schema in [
            json!({}),
            json!({ "type": "object" }),
            json!({ "type": ["object", "array"] }),
            json!({ "anyOf": [{ "type": "object" }, { "type": "array" }] }),
            json!({ "$ref": "#/$defs/Loop" }),
            json!({ "$ref": "#/$defs/Nowhere" }),
        ] {
            assert_eq!(promised(schema.clone()), Value::Null, "{schema}");
        }
        let text = || Some(json!({ "type": "string" }));
        let none = Defs::new();
        assert_eq!(promise(&[], &none), None);
        assert_eq!(promise(&[reply(200, Some("text/csv"), text())], &none), None);
        assert_eq!(promise(&[reply(404, Some("application/json"), text())], &none), None);
        let other = Some(json!({ "type": "integer" }));
        let two = [reply(200, Some("application/json"), text()), reply(201, Some("application/json"), other)];
        assert_eq!(promise(&two, &none), None);
        let empty = [reply(200, Some("application/json"), text()), reply(204, None, None)];
        assert!(promise(&empty, &none).is_some());
        let stream = promise(&[reply(200, Some("text/event-stream"), text())], &none);
        assert_eq!(
            stream.map(Schema::into_value),
            Some(json!({ "type": "object", "properties": { "events": { "type": "array" } } }))
        );
    }

    #[test]
    fn output_schema_keeps_types_and_properties_but_drops_assertions() {
        let schema = json!({
            "type": "object",
            "required": ["a"],
            "properties": { "pattern": { "type": "string", "pattern": "(?<=x)", "format": "date-time" } },
            "additionalProperties": false,
            "patternProperties": { "^x": {} },
            "not": { "required": ["b"] },
            "oneOf": [{ "const": 1 }, { "type": "file", "enum": [] }],
            "description": "Words.",
        });
        let kept = json!({
            "type": "object",
            "properties": { "pattern": { "type": "string" } },
            "anyOf": [{ "const": 1 }, {}],
            "description": "Words.",
        });
        assert_eq!(shape(&schema), kept);
        let inherited = json!({
            "properties": { "constructor": { "type": "string" }, "valueOf": {}, "id": {} },
            "additionalProperties": { "type": "integer" },
        });
        assert_eq!(shape(&inherited), json!({ "properties": { "id": {} } }));
        assert_eq!(promised(inherited), json!({ "id": {} }));
        let tuple = json!({ "type": "array", "prefixItems": [{}, {}], "items": { "type": "string" } });
        assert_eq!(shape(&tuple), json!({ "type": "array" }));
    }
}
