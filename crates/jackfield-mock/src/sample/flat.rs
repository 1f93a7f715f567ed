//! Flattens a schema: resolves its references and merges its `allOf`, one level deep.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::definitions::Definitions;
use serde_json::{Map, Value, json};

use super::equal::same;

/// A schema whose references and `allOf` at its root are resolved. Most schemas need no merge, so their keywords are borrowed.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat<'s> {
    /// The keywords. References, `allOf` and choices among them have no meaning any more.
    keywords: Option<Cow<'s, Map<String, Value>>>,
    /// The branches of each `oneOf`, `anyOf` and `if`. One branch of each group has to be chosen.
    pub(super) groups: Vec<Cow<'s, [Value]>>,
    /// The references that were resolved.
    pub(super) refs: Vec<&'s str>,
}

/// The maximum length of a chain of references. A longer chain counts as a cycle.
const MOST_REFS: usize = 64;
/// Keywords that [`Flat`] resolves, and annotations. A schema with only these keywords does not need to be merged.
const RESOLVED: [&str; 6] = ["$ref", "allOf", "anyOf", "description", "oneOf", "title"];

impl<'s> Flat<'s> {
    /// Flattens a schema. `None` if its parts contradict each other, or if a reference has no target.
    pub(super) fn of(schema: &'s Value, defs: &'s dyn Definitions) -> Option<Self> {
        Self::default().and(schema, defs)
    }

    /// Returns the keywords.
    pub(super) fn keywords(&self) -> &Map<String, Value> {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.keywords.as_deref().unwrap_or(&NONE)
    }

    /// Returns the schema without its first group.
    pub(super) fn without_first_group(&self) -> Flat<'_> {
        Flat {
            keywords: self.keywords.as_deref().map(Cow::Borrowed),
            groups: self.groups.iter().skip(1).map(|group| Cow::Borrowed(&**group)).collect(),
            refs: Vec::new(),
        }
    }

    /// Merges `schema` into this schema.
    pub(super) fn and(mut self, schema: &'s Value, defs: &'s dyn Definitions) -> Option<Self> {
        let own = match schema {
            Value::Bool(true) => return Some(self),
            Value::Object(map) => map,
            _ => return None,
        };
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(branches)) = own.get(key) {
                self.groups.push(Cow::Borrowed(branches));
            }
        }
        if let Some(condition) = own.get("if") {
            let [then, otherwise] =
                ["then", "else"].map(|key| own.get(key).cloned().unwrap_or_else(|| json!({})));
            self.groups.push(vec![json!({ "allOf": [condition, then] }), otherwise].into());
        }
        if own.keys().any(|key| !RESOLVED.contains(&key.as_str())) {
            self.keywords = Some(match self.keywords {
                Some(keywords) => Cow::Owned(merge(keywords.into_owned(), own)?),
                None => Cow::Borrowed(own),
            });
        }
        if let Some(target) = own.get("$ref") {
            let name = target.as_str()?.strip_prefix("#/$defs/")?;
            if self.refs.len() == MOST_REFS {
                return None;
            }
            self.refs.push(name);
            self = self.and(defs.schema(name)?, defs)?;
        }
        for part in own.get("allOf").and_then(Value::as_array).into_iter().flatten() {
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
fn merge(mut one: Map<String, Value>, other: &Map<String, Value>) -> Option<Map<String, Value>> {
    for (key, theirs) in other {
        let Some(present) = one.get_mut(key) else {
            one.insert(key.clone(), theirs.clone());
            continue;
        };
        let ours = present.take();
        *present = match key.as_str() {
            "type" => merge_types(&ours, theirs)?,
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
            "const" => same(&ours, theirs).then_some(ours)?,
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
                if theirs.as_f64() > ours.as_f64() { theirs.clone() } else { ours }
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                if theirs.as_f64() < ours.as_f64() { theirs.clone() } else { ours }
            }
            "uniqueItems" => Value::Bool(ours == Value::Bool(true) || *theirs == Value::Bool(true)),
            _ => ours,
        };
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

fn merge_properties(ours: Value, theirs: &Value) -> Value {
    let (Value::Object(mut ours), Value::Object(theirs)) = (ours, theirs) else { return json!({}) };
    for (name, schema) in theirs {
        match ours.get_mut(name) {
            Some(present) => *present = both(present.take(), schema),
            None => drop(ours.insert(name.clone(), schema.clone())),
        }
    }
    Value::Object(ours)
}

fn both(ours: Value, theirs: &Value) -> Value {
    match (&ours, theirs) {
        _ if ours == *theirs => ours,
        (Value::Bool(true), _) | (_, Value::Bool(false)) => theirs.clone(),
        (Value::Bool(false), _) | (_, Value::Bool(true)) => ours,
        _ => json!({ "allOf": [ours, theirs] }),
    }
}
