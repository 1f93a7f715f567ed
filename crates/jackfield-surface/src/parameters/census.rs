//! Finds the parameters that a document repeats on nearly all of its operations.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Connector, Effect, Location};
use serde_json::{Map, Value};

use super::parameter::{Parameter, ParameterKey, parameters};
use crate::effect::judge_effects;

/// The minimum number of operations that repeat a parameter.
const FEWEST: usize = 10;

/// The parameters that at least three quarters of the operations of a document have.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Parameters that look constant: reads and writes of several resources have them, with one schema.
    pub(super) repeated: BTreeMap<ParameterKey, RepeatedParameter>,
    /// Headers with the name of a secret, in lower case, whatever their schemas.
    pub(super) secrets: BTreeSet<String>,
    /// Whether nearly all operations declare the header `Authorization` as a parameter.
    pub(super) has_authorization: bool,
}

/// A parameter that many operations have.
#[derive(Clone, Debug)]
pub(super) struct RepeatedParameter {
    /// The name in the spelling of the first operation.
    pub(super) wire: String,
    /// The schema with its references resolved, without texts and examples.
    pub(super) schema: Map<String, Value>,
    /// The description and the example in the first operation that has one.
    pub(super) description: String,
    pub(super) example: Option<Value>,
    /// Whether any operation requires the parameter.
    pub(super) is_required: bool,
    operations: usize,
    reads: bool,
    writes: bool,
    resources: BTreeSet<String>,
}

impl Census {
    /// Counts the parameters of a whole document, even if only some of its operations become tools.
    pub fn of_document(mut connector: Connector) -> Self {
        judge_effects(&mut connector);
        Self::of(&connector)
    }

    /// Counts the parameters of a connector whose effects have been judged.
    pub(super) fn of(connector: &Connector) -> Self {
        let mut repeated: BTreeMap<ParameterKey, RepeatedParameter> = BTreeMap::new();
        let mut secrets: BTreeMap<String, usize> = BTreeMap::new();
        let all = connector.operations().count();
        let resources = resources(connector);
        for (operation, resource) in connector.operations().zip(resources) {
            let mut seen = BTreeSet::new();
            for found in parameters(operation) {
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

/// Returns the resource of each operation: the first literal segment of its path after the segments that all paths
/// share.
fn resources(connector: &Connector) -> Vec<String> {
    let paths: Vec<Vec<&str>> =
        connector.operations().map(|operation| fixed_segments(&operation.path)).collect();
    let shared = paths.first().map_or(0, |first| {
        (0..first.len()).take_while(|at| paths.iter().all(|path| path.get(*at) == first.get(*at))).count()
    });
    paths.iter().map(|path| (*path.get(shared).unwrap_or(&"")).to_owned()).collect()
}

/// Returns the segments of a path that are neither variables nor versions.
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
