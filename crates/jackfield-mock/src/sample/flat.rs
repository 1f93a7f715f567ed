//! Flattens a schema: resolves its references and merges its `allOf`, one level deep.

use crate::definitions::Definitions;
use serde_json::{Map, Value, json};

use super::equal::same;

/// A schema that has no references and no `allOf` at its root.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    /// All keywords except references, `allOf` and choices.
    pub(super) keywords: Map<String, Value>,
    /// The branches of each `oneOf`, `anyOf` and `if`. One branch of each group has to be chosen.
    pub(super) groups: Vec<Vec<Value>>,
    /// The references that were resolved.
    pub(super) refs: Vec<String>,
}

/// The maximum length of a chain of references. A longer chain counts as a cycle.
const MOST_REFS: usize = 64;

impl Flat {
    /// Flattens a schema. `None` if its parts contradict each other, or if a reference has no target.
    pub(super) fn of(schema: &Value, defs: &dyn Definitions) -> Option<Self> {
        Self::default().and(schema, defs)
    }

    /// Merges `schema` into this schema.
    pub(super) fn and(mut self, schema: &Value, defs: &dyn Definitions) -> Option<Self> {
        let map = match schema {
            Value::Bool(true) => return Some(self),
            Value::Object(map) => map,
            _ => return None,
        };
        let mut own = map.clone();
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(branches)) = own.remove(key) {
                self.groups.push(branches);
            }
        }
        if let Some(condition) = own.remove("if") {
            let [then, otherwise] = ["then", "else"].map(|key| own.remove(key).unwrap_or_else(|| json!({})));
            self.groups.push(vec![json!({ "allOf": [condition, then] }), otherwise]);
        }
        let target = own.remove("$ref");
        let parts = own.remove("allOf");
        self.keywords = merge(self.keywords, own)?;
        if let Some(target) = target {
            let name = target.as_str()?.strip_prefix("#/$defs/")?;
            if self.refs.len() == MOST_REFS {
                return None;
            }
            self.refs.push(name.to_owned());
            self = self.and(defs.schema(name)?, defs)?;
        }
        for part in parts.as_ref().and_then(Value::as_array).into_iter().flatten() {
            self = self.and(part, defs)?;
        }
        Some(self)
    }
}

/// Returns the types that the schema allows.
pub(super) fn types(keywords: &Map<String, Value>) -> Vec<&str> {
    match keywords.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Merges two sets of keywords. If the values of a keyword cannot be merged, the first value is kept.
fn merge(mut one: Map<String, Value>, other: Map<String, Value>) -> Option<Map<String, Value>> {
    for (key, theirs) in other {
        let Some(ours) = one.remove(&key) else {
            one.insert(key, theirs);
            continue;
        };
        let merged = match key.as_str() {
            "type" => merge_types(&ours, &theirs)?,
            "enum" => {
                let allowed = theirs.as_array()?;
                let both: Vec<Value> = ours
                    .as_array()?
                    .iter()
                    .filter(|it| allowed.iter().any(|one| same(it, one)))
                    .cloned()
                    .collect();
                (!both.is_empty()).then_some(Value::Array(both))?
            }
            "const" => same(&ours, &theirs).then_some(ours)?,
            "required" => {
                let mut names = ours.as_array().cloned().unwrap_or_default();
                for name in theirs.as_array().into_iter().flatten() {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
                Value::Array(names)
            }
            "properties" | "patternProperties" => merge_properties(ours, theirs),
            "additionalProperties" | "items" | "propertyNames" => both(ours, theirs),
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                if theirs.as_f64() > ours.as_f64() { theirs } else { ours }
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                if theirs.as_f64() < ours.as_f64() { theirs } else { ours }
            }
            "uniqueItems" => Value::Bool(ours == Value::Bool(true) || theirs == Value::Bool(true)),
            _ => ours,
        };
        one.insert(key, merged);
    }
    Some(one)
}

fn merge_types(ours: &Value, theirs: &Value) -> Option<Value> {
    let list = |value: &Value| match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let (ours, theirs) = (list(ours), list(theirs));
    let has = |names: &[String], name: &str| names.iter().any(|it| it == name);
    // Every integer is a number, so `integer` and `number` have `integer` in common.
    let mut both: Vec<Value> = Vec::new();
    for name in &ours {
        if has(&theirs, name) || (name == "integer" && has(&theirs, "number")) {
            both.push(json!(name));
        } else if name == "number" && has(&theirs, "integer") {
            both.push(json!("integer"));
        }
    }
    (!both.is_empty()).then_some(Value::Array(both))
}

fn merge_properties(ours: Value, theirs: Value) -> Value {
    let (Value::Object(mut ours), Value::Object(theirs)) = (ours, theirs) else { return json!({}) };
    for (name, schema) in theirs {
        match ours.get_mut(&name) {
            Some(present) => *present = both(present.take(), schema),
            None => drop(ours.insert(name, schema)),
        }
    }
    Value::Object(ours)
}

fn both(ours: Value, theirs: Value) -> Value {
    match (&ours, &theirs) {
        _ if ours == theirs => ours,
        (Value::Bool(true), _) | (_, Value::Bool(false)) => theirs,
        (Value::Bool(false), _) | (_, Value::Bool(true)) => ours,
        _ => json!({ "allOf": [ours, theirs] }),
    }
}
