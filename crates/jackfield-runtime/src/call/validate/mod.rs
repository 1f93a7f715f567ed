//! Validation against JSON Schema 2020-12, in bounded steps and memory.
//!
//! Hostile arguments meet hostile schemas here (docs/adr/0019). A schema is read in place, nothing is compiled but the
//! patterns that are met. Whatever a reference leads to is held against one value once, so the steps are linear in
//! arguments times schema; a budget bounds them all the same.
//!
//! `format`, `content…` and unknown keywords are annotations. `$ref` leads within the document: `#`, a JSON pointer or an
//! `$anchor`. `$id` moves no base and `$dynamicRef` asserts nothing: generated schemas have neither.

mod budget;
#[cfg(test)]
mod differential;
mod equal;
mod evaluated;
mod explain;
mod inspect;
mod judge;
mod message;
mod number;
mod pattern;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::call::encode::unescape;

pub(crate) use budget::{Budget, Exhausted, weight};
pub(crate) use explain::{Problem, Sink};
use judge::Judge;
pub(crate) use message::describe;
use pattern::Pattern;

/// How `oneOf` is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneOf {
    /// Exactly one alternative fits, as the standard says.
    Exactly,
    /// At least one: where several fit, the service decides which is meant.
    AtLeast,
}

/// A schema that is ready to be held against values.
pub(crate) struct Schema {
    root: Value,
    one_of: OneOf,
    /// The pointers of the schemas that have an `$anchor`.
    anchors: HashMap<String, String>,
    /// Whether `unevaluatedProperties` or `unevaluatedItems` are anywhere: they look at some places twice.
    looks_twice: bool,
    /// The first keyword that is malformed: it asserts nothing.
    fault: Option<String>,
    weight: usize,
    /// Compiled when first met; none for those that are left to the service.
    patterns: Mutex<HashMap<String, Option<Arc<Pattern>>>>,
}

impl Schema {
    pub(crate) fn new(root: Value, one_of: OneOf) -> Self {
        let found = inspect::inspect(&root);
        let mut schema = Self {
            weight: weight([&root]),
            one_of,
            anchors: found.anchors,
            looks_twice: found.looks_twice,
            fault: found.fault,
            patterns: Mutex::default(),
            root,
        };
        if schema.fault.is_none() {
            let lost = found.references.into_iter().find(|target| schema.resolve(target).is_none());
            schema.fault = lost.map(|target| format!("`$ref` leads nowhere: {target}"));
        }
        schema
    }

    pub(crate) const fn root(&self) -> &Value {
        &self.root
    }

    /// The malformed part of the schema.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// The most pairs of a schema node and a value node that can meet, where these are the parts of a value.
    pub(crate) fn cost<'v>(&self, values: impl IntoIterator<Item = &'v Value>) -> usize {
        weight(values).saturating_add(1).saturating_mul(self.weight)
    }

    /// Whether the value fits.
    pub(crate) fn fits(&self, value: &Value, budget: &mut Budget) -> Result<bool, Exhausted> {
        Judge::new(self, budget, self.looks_twice).fits(&self.root, value)
    }

    /// Tells `sink` what is wrong with a value that does not fit, until it wants no more.
    pub(crate) fn explain(
        &self,
        value: &Value,
        budget: &mut Budget,
        sink: &mut Sink<'_>,
    ) -> Result<(), Exhausted> {
        explain::explain(self, value, budget, sink)
    }

    /// The schema that a `$ref` leads to.
    pub(crate) fn resolve(&self, target: &str) -> Option<&Value> {
        let fragment = target.strip_prefix('#')?;
        if let Some(name) = fragment.strip_prefix("/$defs/").filter(|name| !name.contains(['/', '~', '%'])) {
            return self.root.get("$defs")?.get(name);
        }
        if fragment.is_empty() || fragment.starts_with('/') {
            return self.root.pointer(&String::from_utf8(unescape(fragment)?).ok()?);
        }
        self.root.pointer(self.anchors.get(fragment)?)
    }

    /// The pattern of that text; none where it is left to the service.
    fn pattern(&self, text: &str) -> Option<Arc<Pattern>> {
        let mut patterns = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = patterns.get(text) {
            return known.clone();
        }
        let compiled = Pattern::compile(text).map(Arc::new);
        if compiled.is_none() {
            let text: String = text.chars().take(200).collect();
            tracing::warn!(pattern = ?text, "a pattern is left to the service: it is no ECMAScript, or cannot be matched in bounded steps");
        }
        patterns.insert(text.to_owned(), compiled.clone());
        compiled
    }
}
