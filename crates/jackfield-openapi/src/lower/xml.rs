//! The XML shape of a schema, for writing a request body as XML.
//!
//! The shape contains `xml`, `properties`, `items` and references, but only where they lead to an XML Object. An element without an entry
//! in the shape has the name of its property.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jackfield_model::{Code, Diagnostic, Pointer, is_xml_name};
use serde_json::{Map, Value, json};

use crate::budget::Limit;
use crate::document::Node;

/// The maximum number of nested `allOf`s in which properties are searched for, and the maximum number of
/// schemas to visit.
const DEEPEST: usize = 24;
const MOST_SCHEMAS: usize = 20_000;
/// The maximum number of pruning rounds. Each round may leave more schemas without references.
const MOST_ROUNDS: usize = 64;

/// The keys of an XML Object.
const WORDS: [&str; 6] = ["name", "namespace", "prefix", "attribute", "wrapped", "nodeType"];

/// Returns the XML shape of a body or a part with that schema. `part` is the default name of a part's root element.
pub(crate) fn shape(schema: &Node<'_>, part: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> Value {
    let mut cutter = Cutter::default();
    // The root schema is inlined, because only schemas to which references lead need names.
    let mut root = cutter.cut(&schema.resolve().unwrap_or_else(|_| schema.clone()), 0, &mut HashSet::new());
    let own = words(schema);
    if !own.is_empty() {
        root.insert("xml".to_owned(), own.into());
    }
    while let Some((name, node)) = cutter.waiting.pop() {
        let cut = cutter.cut(&node, 0, &mut HashSet::new());
        cutter.defs.insert(name, cut);
    }
    let Cutter { mut defs, .. } = cutter;
    prune(&mut root, &mut defs);
    name_root(schema, part, &mut root, diagnostics);
    if !defs.is_empty() {
        root.insert(
            "$defs".to_owned(),
            Value::Object(defs.into_iter().map(|(name, def)| (name, def.into())).collect()),
        );
    }
    Value::Object(root)
}

#[derive(Default)]
struct Cutter<'d> {
    names: BTreeMap<(usize, Pointer), String>,
    taken: BTreeSet<String>,
    /// The last number that was appended to each name.
    numbers: BTreeMap<String, usize>,
    defs: BTreeMap<String, Map<String, Value>>,
    waiting: Vec<(String, Node<'d>)>,
    seen: usize,
}

impl<'d> Cutter<'d> {
    /// Returns the shape of a schema. `made_of` contains the already visited schemas that describe the same object, because each schema is
    /// visited once.
    fn cut(
        &mut self,
        node: &Node<'d>,
        depth: usize,
        made_of: &mut HashSet<*const Value>,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        self.seen += 1;
        let budget = &node.document.budget;
        budget.take(1);
        let limit = if self.seen > MOST_SCHEMAS { Some(Limit::Xml) } else { None };
        if let Some(limit) = limit.or_else(|| (!budget.has_schemas()).then_some(Limit::Document)) {
            budget.exceed(node.place(), limit);
            return out;
        }
        if depth > DEEPEST {
            return out;
        }
        let words = words(node);
        if !words.is_empty() {
            out.insert("xml".to_owned(), words.into());
        }
        if node.reference().is_some() {
            if let Ok(target) = node.resolve() {
                out.insert("$ref".to_owned(), format!("#/$defs/{}", self.name(target)).into());
            }
            return out;
        }
        let mut properties = Map::new();
        for (name, property) in node.get("properties").iter().flat_map(Node::entries) {
            let cut = self.cut(&property, depth + 1, &mut HashSet::new());
            properties.insert(name.to_owned(), cut.into());
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for part in node.get(key).iter().flat_map(Node::items) {
                let Ok(part) = part.resolve() else { continue };
                if !made_of.insert(std::ptr::from_ref(part.value)) {
                    continue;
                }
                let mut cut = self.cut(&part, depth + 1, made_of);
                if let Some(Value::Object(more)) = cut.remove("properties") {
                    self.seen += more.len();
                    for (name, property) in more {
                        properties.entry(name).or_insert(property);
                    }
                }
                // An object uses the XML Object of its `allOf` members, unless it has its own.
                if let Some(words) = cut.remove("xml").filter(|_| key == "allOf") {
                    out.entry("xml").or_insert(words);
                }
            }
        }
        if !properties.is_empty() {
            out.insert("properties".to_owned(), properties.into());
        }
        if let Some(items) = node.get("items") {
            out.insert("items".to_owned(), self.cut(&items, depth + 1, &mut HashSet::new()).into());
        }
        out
    }

    /// Returns the name of a reference's target in the shape. The target is added later.
    fn name(&mut self, target: Node<'d>) -> String {
        let key = (target.file, target.pointer.clone());
        if let Some(known) = self.names.get(&key) {
            return known.clone();
        }
        let stem = component(&target).unwrap_or_else(|| "Schema".to_owned());
        let number = self.numbers.entry(stem.clone()).or_default();
        let name = loop {
            *number += 1;
            let name = if *number == 1 { stem.clone() } else { format!("{stem}_{number}") };
            if self.taken.insert(name.clone()) {
                break name;
            }
        };
        self.names.insert(key, name.clone());
        self.waiting.push((name.clone(), target));
        name
    }
}

/// Returns the valid keys of the node's XML Object.
fn words(node: &Node<'_>) -> Map<String, Value> {
    let Some(xml) = node.get("xml") else { return Map::new() };
    let usable = |key: &str, value: &Value| match (key, value) {
        ("name", Value::String(name)) => is_name(name),
        ("prefix", Value::String(prefix)) => is_name(prefix) && !prefix.contains(':'),
        ("namespace" | "nodeType", Value::String(text)) => !text.is_empty(),
        ("attribute" | "wrapped", value) => value == &Value::Bool(true),
        _ => false,
    };
    let entries = xml.as_object().into_iter().flatten();
    entries
        .filter(|(key, value)| WORDS.contains(&key.as_str()) && usable(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Whether the text is an XML name, which may have a prefix.
fn is_name(text: &str) -> bool {
    text.split(':').count() <= 2 && text.split(':').all(is_xml_name)
}

/// Returns the name of the component at that node, if an element can have that name.
fn component(node: &Node<'_>) -> Option<String> {
    let tokens: Vec<String> = node.pointer.tokens().collect();
    let held = matches!(
        tokens.as_slice(),
        [.., place, _] if matches!(place.as_str(), "schemas" | "definitions" | "$defs")
    );
    tokens.into_iter().next_back().filter(|name| held && is_name(name) && !name.contains(':'))
}

/// Removes schemas without an XML Object, until no more can be removed.
fn prune(root: &mut Map<String, Value>, defs: &mut BTreeMap<String, Map<String, Value>>) {
    for _ in 0..MOST_ROUNDS {
        let empty: BTreeSet<String> = defs
            .iter()
            .filter(|(_, def)| def.is_empty())
            .map(|(name, _)| format!("#/$defs/{name}"))
            .collect();
        let before = defs.len();
        defs.retain(|_, def| !def.is_empty());
        let mut changed = before != defs.len();
        for map in std::iter::once(&mut *root).chain(defs.values_mut()) {
            changed |= trim(map, &empty);
        }
        if !changed {
            break;
        }
    }
    // Schemas that form a reference cycle are kept, even if none of them has an XML Object.
    if !root.contains_key("xml") && !defs.values().any(speaks) && !speaks(root) {
        root.clear();
        defs.clear();
    }
}

fn speaks(map: &Map<String, Value>) -> bool {
    map.contains_key("xml")
        || map.get("items").and_then(Value::as_object).is_some_and(speaks)
        || map
            .get("properties")
            .and_then(Value::as_object)
            .is_some_and(|them| them.values().filter_map(Value::as_object).any(speaks))
}

fn trim(map: &mut Map<String, Value>, empty: &BTreeSet<String>) -> bool {
    let mut changed = false;
    if map.get("$ref").and_then(Value::as_str).is_some_and(|target| empty.contains(target)) {
        map.remove("$ref");
        changed = true;
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        let before = properties.len();
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            changed |= trim(property, empty);
        }
        properties.retain(|_, property| property.as_object().is_some_and(|it| !it.is_empty()));
        changed |= before != properties.len();
        if properties.is_empty() {
            map.remove("properties");
        }
    }
    if let Some(Value::Object(items)) = map.get_mut("items") {
        changed |= trim(items, empty);
        if items.is_empty() {
            map.remove("items");
            changed = true;
        }
    }
    changed
}

/// Chooses the name of the root element: the name in the XML Object, the name of the schema's component, or
/// the name of the part.
fn name_root(
    schema: &Node<'_>,
    part: Option<&str>,
    root: &mut Map<String, Value>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let target = schema.resolve().ok();
    let said = |node: &Node<'_>| words(node).get("name").and_then(Value::as_str).map(str::to_owned);
    let own = said(schema).or_else(|| target.as_ref().and_then(said));
    let own = own.or_else(|| root.get("xml")?.get("name")?.as_str().map(str::to_owned));
    let items = target.as_ref().and_then(|target| target.get("items"));
    if let Some(items) = &items
        && let Ok(item) = items.resolve()
        && said(items).or_else(|| said(&item)).is_none()
        && let Some(name) = component(&item)
        && let Some(slot) = root.entry("items").or_insert_with(|| json!({})).as_object_mut()
    {
        slot.insert("xml".to_owned(), json!({ "name": name }));
    }
    let named = own.or_else(|| target.as_ref().and_then(component));
    let named = named.or_else(|| part.filter(|name| is_name(name)).map(str::to_owned));
    let name = named.unwrap_or_else(|| {
        diagnostics.push(
            Diagnostic::warning(
                Code::MalformedBody,
                schema.place(),
                "the root element of the XML has no name",
            )
            .so("the element is called `root`")
            .help("give the schema a `name` under `xml`, or put it under components and refer to it"),
        );
        "root".to_owned()
    });
    if let Some(words) = root.entry("xml").or_insert_with(|| json!({})).as_object_mut() {
        words.insert("name".to_owned(), name.into());
    }
}
