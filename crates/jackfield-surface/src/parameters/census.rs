//! Which parameters a document repeats on nearly all of its operations.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Connector, Defs, Effect, Input, Location, Operation, Schema, Step, Style};
use serde_json::{Map, Value};

use super::words::is_secret;
use crate::effect::judge_effects;

/// The minimum number of operations that repeat a parameter.
const FEWEST: usize = 10;

/// The maximum size of a schema that is compared, in bytes.
const LONGEST: usize = 4096;

/// How many references in a row are followed to the schema of a parameter.
const DEEPEST: usize = 8;

/// Parameters that stand on at least three quarters of the operations of a document.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Parameters that look constant: reads and writes of several resources have them, with one schema.
    pub(super) repeated: BTreeMap<ParameterKey, RepeatedParameter>,
    /// Headers named like a secret, in lower case, whatever their schemas.
    pub(super) secrets: BTreeSet<String>,
    /// Whether nearly all operations declare the header `Authorization` as a parameter.
    pub(super) has_authorization: bool,
}

/// A parameter with its schema, apart from its texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ParameterKey {
    pub(super) location: Location,
    /// In lower case for headers.
    name: String,
    schema: String,
}

/// A parameter that many operations repeat.
#[derive(Clone, Debug)]
pub(super) struct RepeatedParameter {
    /// The name as the first operation spells it.
    pub(super) wire: String,
    /// Its schema, references resolved, without texts and examples.
    pub(super) schema: Map<String, Value>,
    /// The description and the example of the first operation that has one.
    pub(super) description: String,
    pub(super) example: Option<Value>,
    /// Whether an operation requires it.
    pub(super) is_required: bool,
    operations: usize,
    reads: bool,
    writes: bool,
    resources: BTreeSet<String>,
}

impl Census {
    /// Counts the parameters of a whole document, of which only some operations become tools.
    pub fn of_document(mut connector: Connector) -> Self {
        judge_effects(&mut connector);
        Self::of(&connector)
    }

    /// Counts the parameters of a connector whose effects are judged.
    pub(super) fn of(connector: &Connector) -> Self {
        let mut repeated: BTreeMap<ParameterKey, RepeatedParameter> = BTreeMap::new();
        let mut secrets: BTreeMap<String, usize> = BTreeMap::new();
        let all = connector.operations().count();
        let resources = resources(connector);
        for (operation, resource) in connector.operations().zip(resources) {
            let mut seen = BTreeSet::new();
            for step in &operation.recipe {
                let Some(found) = Parameter::of(step, operation) else { continue };
                if found.location == Location::Header && found.looks_secret(&connector.pool.send) {
                    let name = found.wire.to_ascii_lowercase();
                    if seen.insert(name.clone()) {
                        *secrets.entry(name).or_default() += 1;
                    }
                }
                let Some((key, schema)) = found.key(&connector.pool.send) else { continue };
                let entry = repeated.entry(key).or_insert_with(|| RepeatedParameter::new(found.wire, schema));
                entry.add(&found, operation.effect, &resource);
            }
        }
        let is_nearly_all = |operations: usize| operations * 4 >= all * 3;
        repeated.retain(|_, it| {
            let is_varied = it.reads && it.writes && it.resources.len() > 1;
            it.operations >= FEWEST && is_nearly_all(it.operations) && is_varied
        });
        let secrets = secrets.into_iter().filter(|(_, operations)| is_nearly_all(*operations));
        let authorized = connector.operations().filter(|it| it.stated.authorization.is_some()).count();
        Self {
            repeated,
            secrets: secrets.map(|(name, _)| name).collect(),
            has_authorization: authorized > 0 && is_nearly_all(authorized),
        }
    }
}

impl RepeatedParameter {
    fn new(wire: &str, schema: Map<String, Value>) -> Self {
        Self {
            wire: wire.to_owned(),
            schema,
            description: String::new(),
            example: None,
            is_required: false,
            operations: 0,
            reads: false,
            writes: false,
            resources: BTreeSet::new(),
        }
    }

    fn add(&mut self, found: &Parameter<'_>, effect: Effect, resource: &str) {
        self.operations += 1;
        self.is_required |= found.is_required;
        self.reads |= effect == Effect::Read;
        self.writes |= effect != Effect::Read;
        if self.resources.len() < 2 {
            self.resources.insert(resource.to_owned());
        }
        let Some(schema) = found.schema.as_value().as_object() else { return };
        if self.description.is_empty() {
            let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            self.description = said.to_owned();
        }
        if self.example.is_none() {
            self.example = schema.get("examples").and_then(|all| all.get(0)).cloned();
        }
    }
}

/// A header or query parameter of an operation that is an argument.
pub(super) struct Parameter<'o> {
    pub(super) location: Location,
    pub(super) wire: &'o str,
    pub(super) is_required: bool,
    pub(super) schema: &'o Schema,
    /// Whether a text is sent as it is, whatever its schema.
    is_plain: bool,
}

impl<'o> Parameter<'o> {
    /// The parameter that a step adds, if an argument sets it.
    pub(super) fn of(step: &'o Step, operation: &'o Operation) -> Option<Self> {
        let (location, wire, input, encoding) = match step {
            Step::Query { wire, input, encoding } => (Location::Query, wire, input, encoding),
            Step::Header { wire, input, encoding } => (Location::Header, wire, input, encoding),
            Step::Cookie { wire, input, encoding } => (Location::Cookie, wire, input, encoding),
            _ => return None,
        };
        let Input::Arg { arg, required } = input else { return None };
        let schema = &operation.args.iter().find(|it| it.name.as_str() == arg)?.schema;
        let is_plain = matches!(encoding.style, Style::Simple | Style::Form) && !encoding.reserved;
        Some(Self { location, wire, is_required: *required, schema, is_plain })
    }

    /// Whether it has the name and the schema of a secret.
    pub(super) fn looks_secret(&self, pool: &Defs) -> bool {
        is_secret(self.wire) && is_free_text(&resolved(self.schema, pool))
    }

    /// What it has in common with the same parameter of other operations, and its schema. None if it cannot be a
    /// setting: settings are scalars of headers and the query.
    pub(super) fn key(&self, pool: &Defs) -> Option<(ParameterKey, Map<String, Value>)> {
        if !self.is_plain || self.location == Location::Cookie {
            return None;
        }
        let mut schema = resolved(self.schema, pool);
        schema.retain(|keyword, _| {
            !matches!(keyword.as_str(), "title" | "description" | "examples" | "deprecated")
        });
        let sorted: BTreeMap<&String, &Value> = schema.iter().collect();
        let text = serde_json::to_string(&sorted).ok().filter(|text| text.len() <= LONGEST)?;
        let name = match self.location {
            Location::Header => self.wire.to_ascii_lowercase(),
            _ => self.wire.to_owned(),
        };
        is_scalar(&schema).then_some((ParameterKey { location: self.location, name, schema: text }, schema))
    }
}

/// The schema with its own reference followed.
fn resolved(schema: &Schema, pool: &Defs) -> Map<String, Value> {
    let mut map = schema.as_value().as_object().cloned().unwrap_or_default();
    for _ in 0..DEEPEST {
        let Some(Value::String(target)) = map.shift_remove("$ref") else { break };
        let Some(shared) = target.strip_prefix("#/$defs/").and_then(|name| pool.get(name)) else { break };
        for (keyword, value) in shared.as_value().as_object().into_iter().flatten() {
            map.entry(keyword.clone()).or_insert_with(|| value.clone());
        }
    }
    map
}

/// Whether the schema allows texts, numbers and booleans, and nothing else.
fn is_scalar(schema: &Map<String, Value>) -> bool {
    let is_kind =
        |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "number" | "boolean" | "null"));
    let values = schema.get("enum").and_then(Value::as_array);
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().all(is_kind),
        Some(kind) => is_kind(kind),
        None => values.is_some_and(|values| !values.iter().any(|it| it.is_object() || it.is_array())),
    }
}

/// Whether the schema allows any text.
fn is_free_text(schema: &Map<String, Value>) -> bool {
    let is_text = match schema.get("type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
        Some(kind) => kind == "string",
    };
    is_text
        && !["enum", "const", "default"].iter().any(|key| schema.get(*key).is_some_and(|it| !it.is_null()))
}

/// The resource of each operation: the first fixed segment of its path after those that all operations share.
fn resources(connector: &Connector) -> Vec<String> {
    let paths: Vec<Vec<&str>> =
        connector.operations().map(|operation| fixed_segments(&operation.path)).collect();
    let shared = paths.first().map_or(0, |first| {
        (0..first.len()).take_while(|at| paths.iter().all(|path| path.get(*at) == first.get(*at))).count()
    });
    paths.iter().map(|path| (*path.get(shared).unwrap_or(&"")).to_owned()).collect()
}

/// The segments of a path that are neither variables nor versions.
fn fixed_segments(path: &str) -> Vec<&str> {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let is_version = |segment: &str| {
        let digits = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
    };
    let segments = path.split('/').filter(|segment| !segment.is_empty() && !segment.contains('{'));
    segments.filter(|segment| !is_version(segment)).collect()
}
