//! A schema that is prepared for validation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_recipe::percent_decode;
use serde_json::Value;

use super::budget::weight;
use super::inspect;
use super::pattern::Pattern;

/// The interpretation of `oneOf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneOf {
    /// Exactly one alternative has to match, as the standard defines.
    Exactly,
    /// At least one alternative has to match. If several match, the service decides which one is meant.
    AtLeast,
}

/// A schema that is prepared for validation.
pub(crate) struct Schema {
    pub(super) root: Value,
    pub(super) one_of: OneOf,
    /// The JSON pointers of the schemas that have an `$anchor`.
    pub(super) anchors: HashMap<String, String>,
    /// Whether `unevaluatedProperties` or `unevaluatedItems` occur anywhere. Evaluating them visits some schemas twice.
    pub(super) looks_twice: bool,
    /// The first malformed keyword, with its problem. A malformed keyword asserts nothing.
    pub(super) fault: Option<String>,
    pub(super) weight: usize,
    /// The patterns that were compiled so far. A pattern is compiled when it is first needed. `None` for a pattern that is left
    /// to the service.
    pub(super) patterns: Mutex<HashMap<String, Option<Arc<Pattern>>>>,
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
            schema.fault = lost.map(|target| format!("`$ref` has no target: {target}"));
        }
        schema
    }

    pub(crate) const fn root(&self) -> &Value {
        &self.root
    }

    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Returns the maximum number of pairs of a schema node and a value node that can be compared, for the given values.
    pub(crate) fn cost<'v>(&self, values: impl IntoIterator<Item = &'v Value>) -> usize {
        weight(values).saturating_add(1).saturating_mul(self.weight)
    }

    /// Returns the schema that a `$ref` refers to.
    pub(crate) fn resolve(&self, target: &str) -> Option<&Value> {
        let fragment = target.strip_prefix('#')?;
        if let Some(name) = fragment.strip_prefix("/$defs/").filter(|name| !name.contains(['/', '~', '%'])) {
            return self.root.get("$defs")?.get(name);
        }
        if fragment.is_empty() || fragment.starts_with('/') {
            return self.root.pointer(&String::from_utf8(percent_decode(fragment)?).ok()?);
        }
        self.root.pointer(self.anchors.get(fragment)?)
    }

    /// Returns the compiled pattern. `None` if it is left to the service.
    pub(super) fn pattern(&self, text: &str) -> Option<Arc<Pattern>> {
        let mut patterns = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = patterns.get(text) {
            return known.clone();
        }
        let compiled = Pattern::compile(text).map(Arc::new);
        if compiled.is_none() {
            let text: String = text.chars().take(200).collect();
            tracing::warn!(pattern = ?text, "a pattern is left to the service: it is not ECMAScript, or cannot be matched in bounded steps");
        }
        patterns.insert(text.to_owned(), compiled.clone());
        compiled
    }
}
