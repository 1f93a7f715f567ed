//! The header, query and cookie parameters of an operation, in a form that can be compared between
//! operations.

use std::collections::BTreeMap;

use jackfield_model::{Defs, Input, Location, Operation, Schema, Step, Style};
use serde_json::{Map, Value};

use super::words::is_secret;

/// The maximum size of a schema that is compared, in bytes.
const LONGEST: usize = 4096;

/// The maximum number of values in an `enum` that is compared.
const MOST_VALUES: usize = 64;

/// The maximum number of consecutive references to follow to the schema of a parameter.
const DEEPEST: usize = 8;

/// The location and name of a parameter. Header names are in lower case.
pub(super) type ParameterName = (Location, String);

/// Returns the spelling of the name for comparisons in that location.
pub(super) fn parameter_name(location: Location, wire: &str) -> ParameterName {
    match location {
        Location::Header => (location, wire.to_ascii_lowercase()),
        _ => (location, wire.to_owned()),
    }
}

/// A parameter and its schema, compared without texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ParameterKey {
    pub(super) name: ParameterName,
    schema: String,
}

/// A parameter of an operation that is an argument.
pub(super) struct Parameter<'o> {
    pub(super) location: Location,
    pub(super) wire: &'o str,
    pub(super) is_required: bool,
    pub(super) schema: &'o Schema,
    /// Whether the parameter is sent as plain text, whatever its schema.
    is_plain: bool,
}

/// Returns the parameters of an operation that are arguments, in the order of its steps.
pub(super) fn parameters(operation: &Operation) -> impl Iterator<Item = Parameter<'_>> {
    let schemas: BTreeMap<&str, &Schema> =
        operation.args.iter().map(|arg| (arg.name.as_str(), &arg.schema)).collect();
    operation.recipe.iter().filter_map(move |step| {
        let (location, wire, input, encoding) = match step {
            Step::Query { wire, input, encoding } => (Location::Query, wire, input, encoding),
            Step::Header { wire, input, encoding } => (Location::Header, wire, input, encoding),
            Step::Cookie { wire, input, encoding } => (Location::Cookie, wire, input, encoding),
            _ => return None,
        };
        let Input::Arg { arg, required } = input else { return None };
        let schema = schemas.get(arg.as_str())?;
        let is_plain = matches!(encoding.style, Style::Simple | Style::Form) && !encoding.reserved;
        Some(Parameter { location, wire, is_required: *required, schema, is_plain })
    })
}

impl Parameter<'_> {
    pub(super) fn name(&self) -> ParameterName {
        parameter_name(self.location, self.wire)
    }

    /// Whether the parameter has the name and the schema of a secret.
    pub(super) fn looks_secret(&self, pool: &Defs) -> bool {
        is_secret(self.wire) && is_free_text(&layers(self.schema, pool))
    }

    /// Returns the key by which equal parameters of operations are found, and the schema. Returns `None` if the parameter cannot be a
    /// setting, because only scalars in a header or in the query can be settings.
    pub(super) fn key(&self, pool: &Defs) -> Option<(ParameterKey, Map<String, Value>)> {
        if !self.is_plain || self.location == Location::Cookie {
            return None;
        }
        let schema = scalar(&layers(self.schema, pool))?;
        let sorted: BTreeMap<&String, &Value> = schema.iter().collect();
        let text = serde_json::to_string(&sorted).ok().filter(|text| text.len() <= LONGEST)?;
        Some((ParameterKey { name: self.name(), schema: text }, schema))
    }
}

/// Returns the keywords of a schema and of the schemas to which it refers, nearest first.
fn layers<'s>(schema: &'s Schema, pool: &'s Defs) -> Vec<&'s Map<String, Value>> {
    let mut found = Vec::new();
    let mut next = Some(schema);
    while let Some(map) = next.and_then(|schema| schema.as_value().as_object()) {
        found.push(map);
        let target = map.get("$ref").and_then(Value::as_str).filter(|_| found.len() < DEEPEST);
        next = target.and_then(|target| pool.get(target.strip_prefix("#/$defs/")?));
    }
    found
}

fn keyword<'s>(layers: &[&'s Map<String, Value>], name: &str) -> Option<&'s Value> {
    layers.iter().find_map(|map| map.get(name)).filter(|value| !value.is_null())
}

/// Returns the keywords of a schema that accepts only strings, numbers and booleans, without texts and examples.
fn scalar(layers: &[&Map<String, Value>]) -> Option<Map<String, Value>> {
    let is_kind =
        |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "number" | "boolean" | "null"));
    let is_scalar = match keyword(layers, "type") {
        Some(Value::Array(kinds)) => kinds.iter().take(MOST_VALUES).all(is_kind),
        Some(kind) => is_kind(kind),
        None => keyword(layers, "enum").is_some(),
    };
    let is_short = |value: &Value| match value {
        Value::String(text) => text.len() <= LONGEST,
        value => !value.is_object() && !value.is_array(),
    };
    let mut schema = Map::new();
    for (name, value) in layers.iter().flat_map(|map| map.iter()).filter(|_| is_scalar) {
        if matches!(name.as_str(), "$ref" | "title" | "description" | "examples" | "deprecated") {
            continue;
        }
        let fits = match value {
            Value::Array(values) => values.len() <= MOST_VALUES && values.iter().all(is_short),
            value => is_short(value),
        };
        if !fits {
            return None;
        }
        schema.entry(name.clone()).or_insert_with(|| value.clone());
    }
    is_scalar.then_some(schema)
}

/// Whether the schema accepts any string.
fn is_free_text(layers: &[&Map<String, Value>]) -> bool {
    let is_text = match keyword(layers, "type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
        Some(kind) => kind == "string",
    };
    is_text && !["enum", "const", "default"].iter().any(|name| keyword(layers, name).is_some())
}
