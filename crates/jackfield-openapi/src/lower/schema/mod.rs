//! Schemas are lifted out of the document whole, upgraded to JSON Schema 2020-12, and kept in a pool.
//!
//! A reference becomes `#/$defs/NAME`, whatever it led to, so cycles and sharing are ordinary and nothing is ever
//! expanded. Each schema exists in two projections: what may be sent, and what may come back.

mod keyword;
mod object;
mod pattern;
mod tag;
mod trail;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use jackfield_model::{Code, Diagnostic, Place, Pointer, Pool, Schema, visible_line};
use serde_json::{Map, Value, json};

use super::text;
use crate::budget::{Limit, Walk, weight};
use crate::dialect::Dialect;
use crate::document::{Document, Node, kind_of};
use keyword::Keyword;
pub(crate) use object::Property;
use trail::Trail;

/// Which way a schema's values travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Projection {
    /// To the service: without `readOnly` properties.
    Send,
    /// From it: without `writeOnly` properties.
    Receive,
}

impl Projection {
    /// The keyword whose properties fall away.
    const fn hidden_by(self) -> &'static str {
        match self {
            Self::Send => "readOnly",
            Self::Receive => "writeOnly",
        }
    }
}

/// Lifts schemas, and collects those that they share.
pub(crate) struct Lifter<'d> {
    document: &'d Document,
    dialect: Dialect,
    /// The pool name of every place that was referred to.
    names: BTreeMap<(usize, Pointer), String>,
    taken: BTreeSet<String>,
    /// The last number behind each name that was wanted again.
    numbers: BTreeMap<String, usize>,
    lifted: BTreeMap<(Projection, String), Schema>,
    /// What alternatives say of their discriminators, by schema and property.
    owns: HashMap<(*const Value, String), Rc<tag::Own>>,
    waiting: Vec<(Projection, String, Node<'d>)>,
    findings: Vec<Diagnostic>,
}

impl<'d> Lifter<'d> {
    pub(crate) fn new(document: &'d Document, dialect: Dialect) -> Self {
        Self {
            document,
            dialect,
            names: BTreeMap::new(),
            taken: BTreeSet::new(),
            numbers: BTreeMap::new(),
            lifted: BTreeMap::new(),
            owns: HashMap::new(),
            waiting: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The schema at that node. Where the document's budget ends within it anything fits, and not only what is left out:
    /// less of a `not` or a `oneOf` could ask for more.
    pub(crate) fn lift(&mut self, node: &Node<'d>, projection: Projection) -> Schema {
        let budget = &self.document.budget;
        if budget.has_schemas() {
            let lifted = self.schema(node.file, node.value, &Trail::root(&node.pointer), projection);
            if budget.has_schemas() {
                return Schema::new(lifted);
            }
        }
        budget.exceed(node.place(), Limit::Document);
        Schema::any()
    }

    /// Lifts what waits, and hands out the pool.
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
        // What both projections trip over is one finding.
        let mut seen = BTreeSet::new();
        self.findings.retain(|finding| seen.insert((finding.code, finding.place.clone())));
        (pool, self.findings)
    }

    fn schema(&mut self, file: usize, value: &'d Value, trail: &Trail<'_>, projection: Projection) -> Value {
        let map = match value {
            Value::Object(map) => map,
            Value::Bool(true) => return json!({}),
            Value::Bool(false) => return json!({ "not": {} }),
            other => {
                self.malformed(
                    file,
                    trail,
                    format!("a schema is a mapping, and this is {}", kind_of(other)),
                    "anything fits it",
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
            if let Some(name) = self.refer(file, value, trail, reference, projection) {
                out.insert("$ref".into(), format!("#/$defs/{name}").into());
            }
            if !self.dialect.has_siblings() {
                for key in ["title", "description", "default", "deprecated"] {
                    self.keyword(file, map, key, trail, projection, &mut out);
                }
                // 3.0 has it that what stands beside a reference is not there. What comes back is taken as it was meant.
                return match projection {
                    Projection::Send => Value::Object(out),
                    Projection::Receive => nullable(map, out),
                };
            }
        }
        for key in map.keys() {
            self.keyword(file, map, key, trail, projection, &mut out);
        }
        if map.contains_key("patternProperties") && !out.contains_key("patternProperties") {
            out.shift_remove("additionalProperties");
            out.shift_remove("unevaluatedProperties");
        }
        if projection == Projection::Send && is_whole(&out) {
            out.insert("type".into(), "integer".into());
        }
        self.project(file, map, trail, projection, &mut out);
        self.tag(file, map, trail, projection, &mut out);
        match projection {
            // Without a type in the same place `nullable` has no effect, says 3.0; later ones do not know it.
            Projection::Send if self.dialect.has_siblings() || !map.contains_key("type") => {
                Value::Object(out)
            }
            Projection::Send | Projection::Receive => nullable(map, out),
        }
    }

    /// The pool name of what a reference leads to, lifted in due time.
    fn refer(
        &mut self,
        file: usize,
        value: &'d Value,
        trail: &Trail<'_>,
        reference: &str,
        projection: Projection,
    ) -> Option<String> {
        let from = Node { document: self.document, file, value, pointer: trail.pointer() };
        match self.document.look_up(&from, reference).and_then(|node| node.resolve()) {
            Ok(target) => Some(self.name(target, projection)),
            Err(dangling) => {
                self.findings.push(dangling.warn("anything fits in its place"));
                None
            }
        }
    }

    fn name(&mut self, target: Node<'d>, projection: Projection) -> String {
        let key = (target.file, target.pointer.clone());
        let name = match self.names.get(&key) {
            Some(name) => name.clone(),
            None => {
                let name = self.free_name(&target);
                self.names.insert(key, name.clone());
                name
            }
        };
        let slot = (projection, name.clone());
        if let std::collections::btree_map::Entry::Vacant(entry) = self.lifted.entry(slot) {
            entry.insert(Schema::any());
            self.waiting.push((projection, name.clone(), target));
        }
        name
    }

    /// A name after the last word of the place, spelled so that no reference to it needs escapes.
    fn free_name(&mut self, target: &Node<'d>) -> String {
        let last = target.pointer.tokens().last();
        let stem =
            || self.document.file_name(target.file).rsplit('/').next()?.split('.').next().map(str::to_owned);
        let text = last.or_else(stem).unwrap_or_default();
        let mut name: String = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' })
            .take(80)
            .collect();
        if name.trim_matches('_').is_empty() {
            "Schema".clone_into(&mut name);
        }
        if self.taken.insert(name.clone()) {
            return name;
        }
        let number = self.numbers.entry(name.clone()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{name}_{number}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }

    /// Takes over one keyword, as far as it makes sense.
    fn keyword(
        &mut self,
        file: usize,
        map: &'d Map<String, Value>,
        key: &str,
        trail: &Trail<'_>,
        projection: Projection,
        out: &mut Map<String, Value>,
    ) {
        let Some(value) = map.get(key) else { return };
        let Some(keyword) = Keyword::of(key) else { return };
        let here = trail.child(key);
        let lifted = match (keyword, value) {
            (Keyword::Schema, value) => Some(self.schema(file, value, &here, projection)),
            (Keyword::Items, Value::Array(items)) => {
                // A tuple, as older drafts spell it.
                let items = items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| self.schema(file, item, &here.index(at), projection));
                out.insert("prefixItems".into(), items.collect());
                return;
            }
            (Keyword::Items, value) => Some(self.schema(file, value, &here, projection)),
            (Keyword::SchemaMap, Value::Object(children)) if key == "patternProperties" => {
                self.pattern_properties(file, children, &here, projection, out);
                return;
            }
            (Keyword::SchemaMap, Value::Object(children)) => {
                for name in children.keys().filter(|name| text::hides_something(name)) {
                    self.invisible(file, &here.child(name), text::invisible_name(name));
                }
                let children = children.iter().map(|(name, child)| {
                    (name.clone(), self.schema(file, child, &here.child(name), projection))
                });
                Some(Value::Object(children.collect()))
            }
            (Keyword::SchemaList, Value::Array(items)) => {
                let items: Vec<Value> = items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| self.schema(file, item, &here.index(at), projection))
                    .collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            (keyword, value) => {
                self.document.budget.copy(weight(value));
                if keyword.holds_data()
                    && let Some(hidden) = hidden_text(value)
                {
                    let text = visible_line(&text::shorten(hidden, SHOWN)).into_owned();
                    self.invisible(
                        file,
                        &here,
                        format!("`{key}` has `{text}`, with characters that cannot be seen"),
                    );
                }
                keyword.plain(key, value, map)
            }
        };
        match lifted {
            Some(lifted) => {
                out.insert(keyword.spelling(key).to_owned(), lifted);
            }
            None if keyword.absence_is_fine(value) => {}
            None => self.malformed(
                file,
                &here,
                format!("`{key}` cannot be {}", shown(value)),
                "the keyword is left out of the schema",
            ),
        }
    }

    /// Their names are patterns. Where one cannot be kept none is: what they let in must not be shut out by the rest.
    fn pattern_properties(
        &mut self,
        file: usize,
        children: &'d Map<String, Value>,
        trail: &Trail<'_>,
        projection: Projection,
        out: &mut Map<String, Value>,
    ) {
        let mut kept = Map::new();
        let mut whole = true;
        for (name, child) in children {
            match pattern::ecmascript(name) {
                Some(pattern) => {
                    let schema = self.schema(file, child, &trail.child(name), projection);
                    kept.insert(pattern.into_owned(), schema);
                }
                None => {
                    whole = false;
                    let problem = format!("{name:?} is no pattern of JSON Schema");
                    self.malformed(file, &trail.child(name), problem, "properties of any name are let in");
                }
            }
        }
        if whole {
            out.insert("patternProperties".into(), kept.into());
        }
    }

    /// Takes out the properties that do not travel this way.
    fn project(
        &self,
        file: usize,
        map: &'d Map<String, Value>,
        trail: &Trail<'_>,
        projection: Projection,
        out: &mut Map<String, Value>,
    ) {
        let Some(Value::Object(declared)) = map.get("properties") else { return };
        let place = trail.child("properties");
        let hidden: BTreeSet<&str> = declared
            .iter()
            .filter(|(name, schema)| {
                let pointer = || place.child(name).pointer();
                self.hides(file, schema, pointer, projection)
            })
            .map(|(name, _)| name.as_str())
            .collect();
        if hidden.is_empty() {
            return;
        }
        if let Some(Value::Object(properties)) = out.get_mut("properties") {
            properties.retain(|name, _| !hidden.contains(name.as_str()));
        }
        if let Some(Value::Array(required)) = out.get_mut("required") {
            required.retain(|name| !name.as_str().is_some_and(|name| hidden.contains(name)));
            if required.is_empty() {
                out.shift_remove("required");
            }
        }
    }

    /// Whether a property does not travel this way: it says so, or what it is made of does.
    pub(crate) fn is_hidden(&self, node: &Node<'d>, projection: Projection) -> bool {
        self.hides(node.file, node.value, || node.pointer.clone(), projection)
    }

    /// The same of a schema that has no node yet: most need none.
    fn hides(
        &self,
        file: usize,
        schema: &'d Value,
        pointer: impl Fn() -> Pointer,
        projection: Projection,
    ) -> bool {
        let Some(map) = schema.as_object() else { return false };
        if map.get(projection.hidden_by()) == Some(&Value::Bool(true)) {
            return true;
        }
        let is_made = map.get("$ref").is_some_and(Value::is_string) || map.contains_key("allOf");
        is_made && {
            let node = Node { document: self.document, file, value: schema, pointer: pointer() };
            is_made_of_hidden(&node, projection, &mut Walk::new(), 0)
        }
    }

    fn invisible(&mut self, file: usize, trail: &Trail<'_>, problem: String) {
        let place = Place { file: Arc::clone(self.document.file_name(file)), pointer: trail.pointer() };
        self.findings.push(text::invisible(place, problem));
    }

    fn malformed(&mut self, file: usize, trail: &Trail<'_>, problem: String, consequence: &str) {
        let place = Place { file: Arc::clone(self.document.file_name(file)), pointer: trail.pointer() };
        self.findings.push(
            Diagnostic::warning(Code::MalformedSchema, place, problem)
                .so(consequence)
                .help("write it as JSON Schema has it"),
        );
    }
}

/// How many references and `allOf`s deep `readOnly` is looked for.
const DEEPEST: usize = 8;

fn is_made_of_hidden(node: &Node<'_>, projection: Projection, walk: &mut Walk, depth: usize) -> bool {
    let is_hidden = |node: &Node<'_>| node.value.get(projection.hidden_by()) == Some(&Value::Bool(true));
    if is_hidden(node) {
        return true;
    }
    let Some(node) = (depth <= DEEPEST).then(|| walk.enter(node)).flatten() else { return false };
    is_hidden(&node)
        || node
            .get("allOf")
            .iter()
            .flat_map(Node::items)
            .any(|part| is_made_of_hidden(&part, projection, walk, depth + 1))
}

/// A text within a value that holds what cannot be seen.
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

/// How many characters of a text a finding shows.
const SHOWN: usize = 40;

/// A short sight of a value.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 { text } else { kind_of(value).to_owned() }
}

/// Whether a number has the format of one without a fraction.
fn is_whole(map: &Map<String, Value>) -> bool {
    let is = |key: &str, words: &[&str]| {
        map.get(key).and_then(Value::as_str).is_some_and(|word| words.contains(&word))
    };
    is("type", &["number"])
        && is("format", &["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
}

/// Lets null in where the schema says `nullable`.
fn nullable(map: &Map<String, Value>, mut out: Map<String, Value>) -> Value {
    if !["nullable", "x-nullable"].iter().any(|key| map.get(*key) == Some(&Value::Bool(true))) {
        return Value::Object(out);
    }
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(kind) = out.get_mut("type") {
        *kind = match kind.take() {
            Value::String(name) if name != "null" => json!([name, "null"]),
            Value::Array(mut names) => {
                if !names.iter().any(|name| name == "null") {
                    names.push("null".into());
                }
                names.into()
            }
            other => other,
        };
        return Value::Object(out);
    }
    // Without a type null is let in beside what the schema is made of; a schema of nothing lets it in anyway.
    if !["$ref", "allOf", "anyOf", "oneOf", "enum"].iter().any(|key| out.contains_key(*key)) {
        return Value::Object(out);
    }
    let mut outer = Map::new();
    for key in ["title", "description", "default", "deprecated", "examples"] {
        if let Some(value) = out.shift_remove(key) {
            outer.insert(key.to_owned(), value);
        }
    }
    outer.insert("anyOf".into(), json!([out, { "type": "null" }]));
    Value::Object(outer)
}
