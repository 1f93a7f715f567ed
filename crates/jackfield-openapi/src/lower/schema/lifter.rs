//! Extracts schemas from a document, keyword by keyword.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jackfield_model::text::json_length;
use jackfield_model::{Code, Diagnostic, Holds, Place, Pool, Schema, visible_line};
use serde_json::{Map, Value, json};

use super::hidden;
use super::implied;
use super::keyword::{self, Keyword};
use super::nullable::nullable;
use super::pattern;
use super::pool_names::PoolNames;
use super::projection::Projection;
use super::tag::Tags;
use super::trail::Trail;
use crate::budget::Limit;
use crate::dialect::Dialect;
use crate::document::{Document, Node};
use crate::kind::kind_of;
use crate::lower::text;

/// Extracts schemas, and collects the schemas to which they refer.
pub(crate) struct Lifter<'d> {
    document: &'d Document,
    dialect: Dialect,
    names: PoolNames,
    lifted: BTreeMap<(Projection, String), Schema>,
    tags: Tags<'d>,
    waiting: Vec<(Projection, String, Node<'d>)>,
    pub(super) findings: Vec<Diagnostic>,
}

impl<'d> Lifter<'d> {
    pub(crate) fn new(document: &'d Document, dialect: Dialect) -> Self {
        Self {
            document,
            dialect,
            names: PoolNames::default(),
            lifted: BTreeMap::new(),
            tags: Tags::new(document),
            waiting: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Extracts the schema at that node. If the document's budget is exhausted within it, the result accepts
    /// everything, because an incomplete `not` or `oneOf` could refuse more than the complete keyword.
    pub(crate) fn lift(&mut self, node: &Node<'d>, projection: Projection) -> Schema {
        let budget = &self.document.budget;
        if budget.has_schemas() {
            let lifted = self.schema(node.value, &Trail::root(node.file, &node.pointer, projection));
            if budget.has_schemas() {
                return Schema::new(lifted);
            }
        }
        budget.exceed(node.place(), Limit::Document);
        Schema::any()
    }

    /// Extracts the schemas that are still queued, and returns the pool.
    pub(crate) fn finish(mut self) -> (Pool, Vec<Diagnostic>) {
        while let Some((projection, name, node)) = self.waiting.pop() {
            let schema = self.lift(&node, projection);
            self.lifted.insert((projection, name), schema);
        }
        let mut pool = Pool::default();
        for ((projection, name), schema) in self.lifted {
            match projection {
                Projection::Send => pool.send.insert(name, schema),
                Projection::Receive => pool.receive.insert(name, schema),
            };
        }
        // A problem that occurs in both projections is reported once.
        let mut seen = BTreeSet::new();
        self.findings.retain(|finding| seen.insert((finding.code, finding.place.clone())));
        (pool, self.findings)
    }

    fn schema(&mut self, value: &'d Value, trail: &Trail<'_>) -> Value {
        let projection = trail.projection;
        let map = match value {
            Value::Object(map) => map,
            Value::Bool(true) => return json!({}),
            Value::Bool(false) => return json!({ "not": {} }),
            other => {
                self.malformed(
                    trail,
                    format!("a schema must be a mapping, not {}", kind_of(other)),
                    "the schema accepts any value",
                );
                return json!({});
            }
        };
        let mut out = Map::new();
        self.document.budget.take(1);
        if !self.document.budget.has_schemas() {
            return Value::Object(out);
        }
        if let Some(Value::String(reference)) = map.get("$ref") {
            if let Some(name) = self.refer(value, trail, reference) {
                out.insert("$ref".into(), format!("#/$defs/{name}").into());
            }
            if !self.dialect.has_siblings() {
                for key in ["title", "description", "default", "deprecated"] {
                    self.keyword(map, key, trail, &mut out);
                }
                // OpenAPI 3.0 ignores keywords beside a reference. In responses, `nullable` beside a reference still applies, because
                // authors intend that.
                return match projection {
                    Projection::Send => Value::Object(out),
                    Projection::Receive => nullable(map, out),
                };
            }
        }
        for key in map.keys() {
            self.keyword(map, key, trail, &mut out);
        }
        if map.contains_key("patternProperties") && !out.contains_key("patternProperties") {
            out.shift_remove("additionalProperties");
            out.shift_remove("unevaluatedProperties");
        }
        if projection == Projection::Send {
            if is_whole(&out) {
                out.insert("type".into(), "integer".into());
            }
            implied::add_type(map, trail, &mut out);
        }
        hidden::remove(self.document, map, trail, &mut out);
        self.tags.tag(map, trail, &mut out);
        match projection {
            // In 3.0 `nullable` has no effect without a type beside it. Later versions have no `nullable`.
            Projection::Send if self.dialect.has_siblings() || !map.contains_key("type") => {
                Value::Object(out)
            }
            Projection::Send | Projection::Receive => nullable(map, out),
        }
    }

    /// Returns the pool name of a reference's target, which is extracted later.
    fn refer(&mut self, value: &'d Value, trail: &Trail<'_>, reference: &str) -> Option<String> {
        let from = Node { document: self.document, file: trail.file, value, pointer: trail.pointer() };
        match self.document.look_up(&from, reference).and_then(|node| node.resolve()) {
            Ok(target) => Some(self.name(target, trail.projection)),
            Err(dangling) => {
                self.findings.push(dangling.warn("any value is accepted instead of this reference"));
                None
            }
        }
    }

    fn name(&mut self, target: Node<'d>, projection: Projection) -> String {
        let name = self.names.of(&target);
        if let Entry::Vacant(entry) = self.lifted.entry((projection, name.clone())) {
            entry.insert(Schema::any());
            self.waiting.push((projection, name.clone(), target));
        }
        name
    }

    /// Extracts one keyword, if its value is valid.
    fn keyword(
        &mut self,
        map: &'d Map<String, Value>,
        key: &str,
        trail: &Trail<'_>,
        out: &mut Map<String, Value>,
    ) {
        let Some(value) = map.get(key) else { return };
        let Some(keyword) = Keyword::of(key) else { return };
        let here = trail.child(key);
        let lifted = match (keyword, value) {
            (Keyword::Subschemas(Holds::SchemaOrList), Value::Array(items)) => {
                // In older drafts, `items` with a list is a tuple.
                out.insert("prefixItems".into(), self.schemas(items, &here));
                return;
            }
            (Keyword::Subschemas(Holds::Map), Value::Object(children)) if key == "patternProperties" => {
                self.pattern_properties(children, &here, out);
                return;
            }
            (Keyword::Subschemas(holds), value) => self.subschemas(holds, value, &here),
            (Keyword::NameLists, Value::Object(lists)) => {
                let lists = lists.iter().filter_map(|(name, list)| self.names(name, list, &here));
                let lists: Map<String, Value> = lists.collect();
                if lists.is_empty() {
                    return;
                }
                Some(Value::Object(lists))
            }
            (Keyword::Dependencies, Value::Object(dependencies)) => {
                self.dependencies(dependencies, &here, out);
                return;
            }
            (Keyword::AdditionalItems, value) => {
                // `additionalItems` has no effect unless `items` is a list.
                if map.get("items").is_some_and(Value::is_array) {
                    let items = self.schema(value, &here);
                    out.insert("items".into(), items);
                }
                return;
            }
            (keyword, value) => {
                self.document.budget.copy(json_length(value));
                if keyword.holds_data()
                    && let Some(hidden) = hidden_text(value)
                {
                    let text = visible_line(&text::shorten(hidden, SHOWN)).into_owned();
                    self.invisible(&here, format!("`{key}` has `{text}`, with invisible characters"));
                }
                keyword.plain(key, value, map)
            }
        };
        match lifted {
            // `dependencies` may already have added entries.
            Some(Value::Object(entries)) if key.starts_with("dependent") => {
                if let Value::Object(known) = out.entry(key).or_insert_with(|| json!({})) {
                    known.extend(entries);
                }
            }
            Some(lifted) => {
                out.insert(keyword.spelling(key).to_owned(), lifted);
            }
            None if keyword.absence_is_fine(value) => {}
            None => self.malformed(
                &here,
                format!("`{key}` cannot be {}", shown(value)),
                "the keyword is left out of the schema",
            ),
        }
    }

    /// Extracts the schemas in the value of a keyword. None if the value contains no schemas.
    fn subschemas(&mut self, holds: Holds, value: &'d Value, here: &Trail<'_>) -> Option<Value> {
        match (holds, value) {
            (Holds::Schema | Holds::SchemaOrList, value) => Some(self.schema(value, here)),
            (Holds::List, Value::Array(items)) if !items.is_empty() => Some(self.schemas(items, here)),
            (Holds::Map, Value::Object(children)) => {
                for name in children.keys().filter(|name| text::hides_something(name)) {
                    self.invisible(&here.child(name), text::invisible_name(name));
                }
                let children = children
                    .iter()
                    .map(|(name, child)| (name.clone(), self.schema(child, &here.child(name))));
                Some(Value::Object(children.collect()))
            }
            (Holds::Data | Holds::List | Holds::Map, _) => None,
        }
    }

    fn schemas(&mut self, items: &'d [Value], here: &Trail<'_>) -> Value {
        let items = items.iter().enumerate();
        items.map(|(at, item)| self.schema(item, &here.index(at))).collect()
    }

    /// Extracts `dependencies` as the two keywords that replace it in 2020-12. If both have an entry of the
    /// same name, the newer keyword takes precedence.
    fn dependencies(
        &mut self,
        dependencies: &'d Map<String, Value>,
        here: &Trail<'_>,
        out: &mut Map<String, Value>,
    ) {
        let (mut lists, mut schemas) = (Map::new(), Map::new());
        for (name, value) in dependencies {
            if value.is_array() {
                lists.extend(self.names(name, value, here));
            } else {
                schemas.insert(name.clone(), self.schema(value, &here.child(name)));
            }
        }
        for (keyword, entries) in [("dependentRequired", lists), ("dependentSchemas", schemas)] {
            if entries.is_empty() {
                continue;
            }
            if let Value::Object(known) = out.entry(keyword).or_insert_with(|| json!({})) {
                for (name, value) in entries {
                    known.entry(name).or_insert(value);
                }
            }
        }
    }

    /// Extracts an entry of a mapping to lists of names. None if the list is empty or malformed.
    fn names(&mut self, name: &str, list: &Value, here: &Trail<'_>) -> Option<(String, Value)> {
        self.document.budget.copy(json_length(list));
        let Value::Array(items) = list else {
            let problem = format!("a list of properties cannot be {}", shown(list));
            self.malformed(&here.child(name), problem, "this property requires no other property");
            return None;
        };
        Some((name.to_owned(), keyword::names(items)?))
    }

    /// Extracts `patternProperties`, whose names are patterns. If one pattern cannot be kept, all patterns are
    /// dropped, because the remaining patterns could refuse properties that the dropped pattern accepts.
    fn pattern_properties(
        &mut self,
        children: &'d Map<String, Value>,
        trail: &Trail<'_>,
        out: &mut Map<String, Value>,
    ) {
        let mut kept = Map::new();
        let mut whole = true;
        for (name, child) in children {
            match pattern::ecmascript(name) {
                Some(pattern) => {
                    let schema = self.schema(child, &trail.child(name));
                    kept.insert(pattern.into_owned(), schema);
                }
                None => {
                    whole = false;
                    let problem = format!("{name:?} is not a pattern of JSON Schema");
                    self.malformed(&trail.child(name), problem, "properties of any name are allowed");
                }
            }
        }
        if whole {
            out.insert("patternProperties".into(), kept.into());
        }
    }

    fn invisible(&mut self, trail: &Trail<'_>, problem: String) {
        let place = Place { file: Arc::clone(self.document.file_name(trail.file)), pointer: trail.pointer() };
        self.findings.push(text::invisible(place, problem));
    }

    fn malformed(&mut self, trail: &Trail<'_>, problem: String, consequence: &str) {
        let place = Place { file: Arc::clone(self.document.file_name(trail.file)), pointer: trail.pointer() };
        self.findings.push(
            Diagnostic::warning(Code::MalformedSchema, place, problem)
                .so(consequence)
                .help("write it as JSON Schema defines it"),
        );
    }
}

/// Returns a string within the value that contains invisible characters.
fn hidden_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text::hides_something(text).then_some(text),
        Value::Array(items) => items.iter().find_map(hidden_text),
        Value::Object(map) => map.iter().find_map(|(key, value)| {
            if text::hides_something(key) { Some(key.as_str()) } else { hidden_text(value) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The maximum number of characters of a text that a finding shows.
const SHOWN: usize = 40;

/// Returns the value for a message, shortened.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 { text } else { kind_of(value).to_owned() }
}

/// Whether a number has an integer format.
fn is_whole(map: &Map<String, Value>) -> bool {
    let is = |key: &str, words: &[&str]| {
        map.get(key).and_then(Value::as_str).is_some_and(|word| words.contains(&word))
    };
    is("type", &["number"])
        && is("format", &["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
}
