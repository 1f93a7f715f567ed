//! The properties of a successful reply, in which pagination and jobs are detected.

use std::borrow::Cow;

use jackfield_model::{Defs, Reply, Status, json_pointer};
use serde_json::Value;

use crate::lean::page_length::ordered;

/// The maximum number of levels of a reply's properties to examine, and the maximum number of properties.
const DEPTH: usize = 3;
const MOST: usize = 300;
/// The maximum number of references to follow to a schema.
const LONGEST_CHAIN: usize = 8;

/// The arguments beside a pagination argument.
#[derive(Clone, Copy)]
pub(crate) struct Beside {
    /// Whether one of them sets the page size.
    pub(crate) has_length: bool,
    /// Whether one of them is a position for the opposite direction.
    pub(crate) has_after: bool,
}

/// A value of a reply that a pagination argument takes.
pub(crate) struct Source {
    /// The names of the properties that lead to the value.
    path: Vec<String>,
    /// `last` or `first`, if the value belongs to an item of a list.
    pub(crate) item: Option<&'static str>,
}

impl Source {
    /// Returns the path with dots, such as `meta.next_cursor`.
    pub(crate) fn dotted(&self) -> String {
        self.path.join(".")
    }

    /// Returns the last name of the path.
    pub(crate) fn leaf(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    pub(crate) fn pointer(&self) -> String {
        json_pointer(self.path.iter().map(String::as_str))
    }
}

/// The properties of a successful reply.
#[derive(Default)]
pub(crate) struct Replied<'s> {
    /// The properties that are strings or numbers. Those nearest to the root come first.
    pub(crate) properties: Vec<Property<'s>>,
    pub(crate) flags: Vec<Property<'s>>,
    pub(super) lists: Vec<List<'s>>,
    /// Whether the reply has a list of objects with an `id`, and a property that says that more items exist.
    has_ids: bool,
    has_more: bool,
}

pub(crate) struct Property<'s> {
    pub(crate) path: Vec<&'s str>,
    /// The words of the last name of the path, and the words of the names before it.
    pub(crate) leaf: Vec<Cow<'s, str>>,
    pub(crate) before: Vec<Cow<'s, str>>,
    pub(crate) kind: Option<&'s str>,
    pub(crate) is_address: bool,
}

impl Property<'_> {
    pub(crate) fn pointer(&self) -> String {
        json_pointer(self.path.iter().copied())
    }
}

/// A list of a reply.
pub(super) struct List<'s> {
    pub(super) path: Vec<&'s str>,
    pub(super) is_of_objects: bool,
    pub(super) has_id: bool,
}

impl<'s> Replied<'s> {
    pub(crate) fn of(replies: &'s [Reply], received: &'s Defs) -> Option<Self> {
        let mut replied = Self::default();
        let mut waiting: Vec<(Vec<&str>, &Value)> = vec![(Vec::new(), successful(replies)?)];
        let mut left = MOST;
        while let Some((path, schema)) = waiting.pop() {
            let schema = target(schema, received);
            if path.is_empty() {
                replied.add_list(Vec::new, schema, received);
            }
            for part in members(schema) {
                let Some(rest) = left.checked_sub(1) else { break };
                left = rest;
                waiting.push((path.clone(), part));
            }
            let properties = schema.get("properties").and_then(Value::as_object);
            let before: Vec<Cow<'_, str>> = match properties {
                Some(_) => path.iter().flat_map(|name| ordered(name)).collect(),
                None => Vec::new(),
            };
            for (name, property) in properties.into_iter().flatten() {
                let Some(rest) = left.checked_sub(1) else { break };
                left = rest;
                replied.add(&path, &before, name, target(property, received), received);
                if path.len() + 1 < DEPTH {
                    waiting.push((path.iter().copied().chain([name.as_str()]).collect(), property));
                }
            }
        }
        // The nearest properties come first. Properties at the same distance are sorted by name.
        let near = |a: &[&str], b: &[&str]| (a.len(), a).cmp(&(b.len(), b));
        replied.properties.sort_by(|a, b| near(&a.path, &b.path));
        replied.flags.sort_by(|a, b| near(&a.path, &b.path));
        replied.lists.sort_by(|a, b| near(&a.path, &b.path));
        Some(replied)
    }

    /// Whether replies may have a property with this name at the top level. Cheaper than collecting all properties.
    pub(crate) fn may_have(replies: &[Reply], received: &Defs, name: &str) -> bool {
        let mut waiting: Vec<&Value> = successful(replies).into_iter().collect();
        let mut left = MOST;
        while let Some(schema) = waiting.pop() {
            let schema = target(schema, received);
            if schema.get("properties").is_some_and(|properties| properties.get(name).is_some()) {
                return true;
            }
            let before = waiting.len();
            waiting.extend(members(schema).take(left));
            left -= waiting.len() - before;
        }
        false
    }

    /// Whether the schema describes any property or list of the reply.
    pub(super) fn is_described(&self) -> bool {
        !self.properties.is_empty() || !self.flags.is_empty() || !self.lists.is_empty()
    }

    /// Adds a property. `before` are the words of the path.
    fn add(
        &mut self,
        path: &[&'s str],
        before: &[Cow<'s, str>],
        name: &'s str,
        schema: &'s Value,
        received: &'s Defs,
    ) {
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => Some(kind.as_str()),
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            // A nullable value may be composed of itself and null.
            _ => members(schema)
                .find_map(|part| target(part, received).get("type")?.as_str().filter(|kind| *kind != "null")),
        };
        let whole = || path.iter().copied().chain([name]).collect::<Vec<_>>();
        self.add_list(whole, schema, received);
        let is_flag = kind == Some("boolean");
        if is_flag {
            self.has_more |= ordered(name).iter().any(|word| word == "more");
        }
        let is_scalar = matches!(kind, None | Some("string" | "integer" | "number" | "boolean"));
        if !is_scalar || schema.get("properties").is_some() {
            return;
        }
        let is_address =
            schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("ur"));
        let property =
            Property { path: whole(), leaf: ordered(name), before: before.to_vec(), kind, is_address };
        if is_flag { self.flags.push(property) } else { self.properties.push(property) }
    }

    /// Adds the schema if it is a list, with the path that `path` makes.
    fn add_list(&mut self, path: impl Fn() -> Vec<&'s str>, schema: &'s Value, received: &'s Defs) {
        let is_list = |schema: &Value| match schema.get("type") {
            None => schema.get("items").is_some(),
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "array"),
            Some(kind) => kind == "array",
        };
        let mut parts = std::iter::once(schema).chain(members(schema).map(|part| target(part, received)));
        let Some(list) = parts.find(|schema| is_list(schema)) else { return };
        let Some(items) = list.get("items") else {
            self.lists.push(List { path: path(), is_of_objects: false, has_id: false });
            return;
        };
        let item = target(items, received);
        let with = |pointer: &str| {
            item.pointer(pointer).is_some()
                || members(item).take(MOST).any(|part| target(part, received).pointer(pointer).is_some())
        };
        let has_id = with("/properties/id");
        self.has_ids |= has_id;
        self.lists.push(List { path: path(), is_of_objects: has_id || with("/properties"), has_id });
    }

    /// Returns the value that this argument takes for the next page.
    pub(crate) fn source(&self, name: &str, schema: &Value, beside: Beside) -> Option<Source> {
        let own = ordered(name);
        let last = own.last()?;
        let kind = schema.get("type").and_then(Value::as_str);
        let same_kind = |property: &Property<'_>| match (kind, property.kind) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => true,
        };
        let of = |property: &Property<'_>| Source {
            path: property.path.iter().map(|name| (*name).to_owned()).collect(),
            item: None,
        };
        let fits = |test: &dyn Fn(&Property<'_>) -> bool| {
            let mut usable = self.properties.iter().filter(|it| !it.is_address && same_kind(it));
            usable.find(|property| test(property)).map(of)
        };
        let is_next = |property: &Property<'_>| {
            property.leaf.iter().chain(&property.before).any(|word| word == "next")
                && (property.leaf == own || property.leaf.last() == Some(last))
        };
        let is_end = |end: &'static str| move |property: &Property<'_>| matches!(property.leaf.as_slice(), [first, id] if first == end && id == "id");
        if let Some(next) = fits(&is_next) {
            return Some(next);
        }
        if !beside.has_length || schema.get("format").is_some() {
            return None;
        }
        if ["cursor", "marker", "continuation"].iter().any(|word| own.iter().any(|own| own == word)) {
            return fits(&|property| property.leaf == own);
        }
        // If `before` is the only position, it leads to older items, which come last.
        let end = match own.iter().find(|word| matches!(&***word, "after" | "before"))?.as_ref() {
            "before" if beside.has_after => "first",
            _ => "last",
        };
        let of_items = || Source { path: vec!["id".to_owned()], item: Some(end) };
        fits(&is_end(end)).or_else(|| (self.has_more && self.has_ids).then(of_items))
    }
}

/// Returns the schema of the successful reply.
pub(crate) fn successful(replies: &[Reply]) -> Option<&Value> {
    let is_success = |status: Status| matches!(status, Status::Code(200..=299) | Status::Range(2));
    let with_schema = || replies.iter().filter(|reply| reply.schema.is_some());
    let found = with_schema().find(|reply| is_success(reply.status));
    let found = found.or_else(|| with_schema().find(|reply| reply.status == Status::Default))?;
    Some(found.schema.as_ref()?.as_value())
}

/// Returns the schema to which references lead.
fn target<'s>(mut schema: &'s Value, received: &'s Defs) -> &'s Value {
    for _ in 0..LONGEST_CHAIN {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
        match name.and_then(|name| received.get(name)) {
            Some(found) => schema = found.as_value(),
            None => break,
        }
    }
    schema
}

/// Returns the members of which a schema is composed.
fn members(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"].iter().flat_map(|key| schema.get(key).and_then(Value::as_array)).flatten()
}
