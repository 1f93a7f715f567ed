//! Paging arguments: says in their descriptions which value of the reply leads to the next page. The schema
//! of the reply contains that value, but models see only the arguments.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use jackfield_model::{Defs, Operation, Reply, Status};
use serde_json::Value;

use super::kinds::kinds;
use super::page_length::{is_length, ordered};
use super::words::{is_within, stem, stems, words};

/// The maximum number of levels of a reply's properties to examine, and the maximum number of properties.
const DEPTH: usize = 3;
const MOST: usize = 300;
/// The maximum number of references to follow to a schema.
const LONGEST_CHAIN: usize = 8;

/// Words in the names of arguments that set the start of a page.
const POSITIONS: [&str; 9] =
    ["after", "before", "continuation", "cursor", "marker", "offset", "page", "start", "token"];
/// Words of descriptions that say only that there are pages.
const EMPTY: [&str; 22] = [
    "be",
    "cursor",
    "fetch",
    "get",
    "index",
    "item",
    "list",
    "next",
    "number",
    "object",
    "offset",
    "page",
    "paginate",
    "paginating",
    "pagination",
    "paging",
    "result",
    "retrieve",
    "return",
    "token",
    "use",
    "used",
];

static EMPTY_STEMS: LazyLock<BTreeSet<Cow<'_, str>>> =
    LazyLock::new(|| EMPTY.iter().flat_map(|word| stems(word)).collect());

/// Adds to the descriptions of paging arguments which value of the reply leads to the next page.
pub(super) fn explain(operation: &mut Operation, received: &Defs) {
    let is_position = |name: &str| ordered(name).iter().any(|word| POSITIONS.contains(&&**word));
    if !operation.args.iter().any(|arg| !arg.required && is_position(arg.name.as_str())) {
        return;
    }
    let Some(replied) = Replied::of(&operation.replies, received) else { return };
    let names: Vec<String> = operation.args.iter().map(|arg| arg.name.to_string()).collect();
    for arg in operation.args.iter_mut().filter(|arg| !arg.required) {
        let name = arg.name.to_string();
        if !is_position(&name) || !is_text_or_number(arg.schema.as_value()) {
            continue;
        }
        let others = || names.iter().filter(|other| **other != name);
        let beside = Beside {
            has_length: others().any(|other| is_length(other)),
            has_after: others().any(|other| ordered(other).iter().any(|word| word == "after")),
        };
        let Some(source) = replied.source(&name, arg.schema.as_value(), beside) else { continue };
        arg.schema.edit(|value| {
            let Value::Object(map) = value else { return };
            let said = map.get("description").and_then(Value::as_str).unwrap_or_default();
            if let Some(shorter) = shortened(said, &source) {
                map.insert("description".to_owned(), shorter.into());
                return;
            }
            if says(said, &source) {
                return;
            }
            let known = &words(&name) | &*EMPTY_STEMS;
            let is_empty = is_within(said, &known);
            let text = match said {
                said if is_empty || said.is_empty() => source.text(),
                said if said.ends_with('…') => format!("{said} {}", source.text()),
                said => format!("{said}. {}", source.text()),
            };
            map.insert("description".to_owned(), text.into());
        });
    }
}

/// Whether the text says where the value comes from: it names the property, or a previous reply.
fn says(text: &str, source: &Source) -> bool {
    let lower = text.to_lowercase();
    let said = words(text);
    let has = |some: &[&str]| some.iter().any(|word| said.contains(&stem(word)));
    let names_item = has(&["first", "last"]) && has(&["element", "entry", "item", "object"]);
    source.item.is_some() && names_item
        || lower.contains(&source.leaf.to_lowercase()) && source.leaf.len() > 2
        || has(&["previous", "prior", "last", "preceding", "earlier"])
            && has(&["reply", "response", "request", "call", "result", "page", "list", "query"])
}

/// The text with the short form instead of the sentence that names the property: the sentence is about paging, because
/// nothing else of a reply goes into this argument. A sentence with another fact stays.
fn shortened(text: &str, source: &Source) -> Option<String> {
    if source.item.is_some() || ordered(&source.leaf).len() < 2 {
        return None;
    }
    let mut sentences: Vec<&str> = text.split(". ").collect();
    let at = sentences.iter().position(|sentence| sentence.contains(&source.leaf))?;
    let short = source.text();
    if !kinds(sentences[at]).is_empty() || sentences[at].chars().count() <= short.chars().count() {
        return None;
    }
    sentences[at] = &short;
    Some(sentences.join(". "))
}

fn is_text_or_number(schema: &Value) -> bool {
    let fits = |kind: &Value| ["string", "integer", "number", "null"].iter().any(|known| kind == known);
    match schema.get("type") {
        None => schema.get("enum").is_none() && schema.get("properties").is_none(),
        Some(Value::Array(kinds)) => kinds.iter().all(fits),
        Some(kind) => fits(kind),
    }
}

/// The arguments beside a paging argument.
#[derive(Clone, Copy)]
struct Beside {
    /// Whether one of them sets the length of a page.
    has_length: bool,
    /// Whether one of them is a position for the opposite direction.
    has_after: bool,
}

/// A value of a reply that a paging argument takes.
struct Source {
    /// The path of properties to the value, such as `meta.next_cursor`.
    path: String,
    leaf: String,
    /// `last` or `first`, if the value belongs to an item of a list.
    item: Option<&'static str>,
}

impl Source {
    fn text(&self) -> String {
        match self.item {
            Some(which) => format!("Previous reply's {which} {}", self.path),
            None => format!("Previous reply's {}", self.path),
        }
    }
}

/// The properties of a successful reply.
#[derive(Default)]
struct Replied<'s> {
    properties: Vec<Property<'s>>,
    /// Whether the reply has a list of objects with an `id`, and a property that says that more items exist.
    has_ids: bool,
    has_more: bool,
}

struct Property<'s> {
    path: Vec<&'s str>,
    /// The words of the last name of the path, and those of the names before it.
    leaf: Vec<Cow<'s, str>>,
    before: Vec<Cow<'s, str>>,
    kind: Option<&'s str>,
    is_address: bool,
}

impl<'s> Replied<'s> {
    fn of(replies: &'s [Reply], received: &'s Defs) -> Option<Self> {
        let is_success = |status: Status| matches!(status, Status::Code(200..=299) | Status::Range(2));
        let with_schema = || replies.iter().filter(|reply| reply.schema.is_some());
        let found = with_schema().find(|reply| is_success(reply.status));
        let found = found.or_else(|| with_schema().find(|reply| reply.status == Status::Default))?;
        let mut replied = Self::default();
        let mut waiting = vec![(Vec::new(), found.schema.as_ref()?.as_value())];
        let mut left = MOST;
        while let Some((path, schema)) = waiting.pop() {
            let schema = target(schema, received);
            for part in members(schema) {
                let Some(rest) = left.checked_sub(1) else { break };
                left = rest;
                waiting.push((path.clone(), part));
            }
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                let Some(rest) = left.checked_sub(1) else { break };
                left = rest;
                replied.add(&path, name, target(property, received), received);
                if path.len() + 1 < DEPTH {
                    waiting.push((path.iter().copied().chain([name.as_str()]).collect(), property));
                }
            }
        }
        // The nearest properties come first. Properties at the same distance are sorted by name.
        replied.properties.sort_by(|a, b| (a.path.len(), &a.path).cmp(&(b.path.len(), &b.path)));
        Some(replied)
    }

    fn add(&mut self, path: &[&'s str], name: &'s str, schema: &'s Value, received: &Defs) {
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => Some(kind.as_str()),
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            _ => None,
        };
        if kind == Some("boolean") {
            self.has_more |= ordered(name).iter().any(|word| word == "more");
        }
        if let Some(items) = schema.get("items").filter(|_| !self.has_ids) {
            let item = target(items, received);
            let has_id = |schema: &Value| schema.pointer("/properties/id").is_some();
            self.has_ids =
                has_id(item) || members(item).take(MOST).any(|part| has_id(target(part, received)));
        }
        if matches!(kind, None | Some("string" | "integer" | "number")) && schema.get("properties").is_none()
        {
            let is_address =
                schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("ur"));
            self.properties.push(Property {
                path: path.iter().copied().chain([name]).collect(),
                leaf: ordered(name),
                before: path.iter().flat_map(|name| ordered(name)).collect(),
                kind,
                is_address,
            });
        }
    }

    /// The value that this argument takes for the next page.
    fn source(&self, name: &str, schema: &Value, beside: Beside) -> Option<Source> {
        let own = ordered(name);
        let last = own.last()?;
        let kind = schema.get("type").and_then(Value::as_str);
        let same_kind = |property: &Property<'_>| match (kind, property.kind) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => true,
        };
        let of = |property: &Property<'_>| Source {
            path: property.path.join("."),
            leaf: property.path.last().copied().unwrap_or_default().to_owned(),
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
        let of_items = || Source { path: "id".to_owned(), leaf: "id".to_owned(), item: Some(end) };
        fits(&is_end(end)).or_else(|| (self.has_more && self.has_ids).then(of_items))
    }
}

/// The schema to which references lead.
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

/// The members of which a schema is composed.
fn members(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"].iter().flat_map(|key| schema.get(key).and_then(Value::as_array)).flatten()
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Reply as Declared, Schema};
    use serde_json::json;

    use super::super::tests::connector;
    use super::*;

    /// Describes the argument of that name beside a `limit`, for this reply.
    fn explained(name: &str, said: Option<&str>, properties: Value) -> Option<String> {
        explained_beside(&["limit"], name, said, properties)
    }

    fn explained_beside(
        others: &[&str],
        name: &str,
        said: Option<&str>,
        properties: Value,
    ) -> Option<String> {
        let mut schema = json!({ "type": "string" });
        if let Some(said) = said {
            schema["description"] = said.into();
        }
        let mut args = json!({ name: schema });
        others.iter().for_each(|other| args[*other] = json!({ "type": "integer" }));
        let mut made = connector(args, json!({}));
        let operation = &mut made.groups[0].operations[0];
        operation.replies.push(Declared {
            status: Status::Code(200),
            media_type: Some("application/json".to_owned()),
            schema: Some(Schema::new(json!({ "$ref": "#/$defs/Page" }))),
            example: None,
        });
        let page = Schema::new(json!({ "allOf": [{ "type": "object", "properties": properties }] }));
        explain(operation, &Defs::from([("Page".to_owned(), page)]));
        let argument = operation.args.iter().find(|arg| arg.name.as_str() == name).unwrap();
        argument.schema.as_value().get("description").and_then(Value::as_str).map(str::to_owned)
    }

    #[test]
    fn argument_for_the_next_page_is_taken_from_the_reply() {
        let text = || json!({ "type": "string" });
        let books = json!({ "type": "array", "items": { "properties": { "id": { "type": "string" } } } });
        for (name, properties, expected) in [
            ("cursor", json!({ "next_cursor": text() }), "Previous reply's next_cursor"),
            (
                "cursor",
                json!({ "meta": { "properties": { "next_cursor": { "type": ["string", "null"] } } } }),
                "Previous reply's meta.next_cursor",
            ),
            ("pageToken", json!({ "nextPageToken": text() }), "Previous reply's nextPageToken"),
            (
                "after",
                json!({ "paging": { "properties": { "next": { "properties": { "after": text() } } } } }),
                "Previous reply's paging.next.after",
            ),
            ("cursor", json!({ "cursor": text() }), "Previous reply's cursor"),
            ("after", json!({ "last_id": text(), "first_id": text() }), "Previous reply's last_id"),
            ("before", json!({ "last_id": text(), "first_id": text() }), "Previous reply's last_id"),
            (
                "starting_after",
                json!({ "books": books, "has_more": { "type": "boolean" } }),
                "Previous reply's last id",
            ),
        ] {
            assert_eq!(explained(name, None, properties).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn argument_for_the_previous_page_is_taken_from_the_first_item() {
        let books = json!({ "type": "array", "items": { "properties": { "id": { "type": "string" } } } });
        let properties = json!({ "books": books, "has_more": { "type": "boolean" } });
        let others = ["limit", "starting_after"];
        let text = explained_beside(&others, "ending_before", None, properties.clone());
        assert_eq!(text.as_deref(), Some("Previous reply's first id"));
        let said = Some("The id of the first object of this page");
        let text = explained_beside(&others, "ending_before", said, properties.clone());
        assert_eq!(text.as_deref(), said);
        assert_eq!(explained_beside(&[], "starting_after", None, properties), None);
    }

    #[test]
    fn argument_that_is_not_a_page_position_is_unchanged() {
        let text = || json!({ "type": "string" });
        for (name, properties) in [
            ("token", json!({ "token": text() })),
            ("title", json!({ "next_title": text() })),
            ("after", json!({ "books": { "type": "array", "items": {} } })),
            ("page", json!({ "next_page": { "type": "string", "format": "uri" } })),
            ("page", json!({ "next_page": { "type": "integer" } })),
            ("cursor", json!({ "next_cursor": { "type": "object" } })),
        ] {
            assert_eq!(explained(name, None, properties), None, "{name}");
        }
    }

    #[test]
    fn description_that_explains_the_next_page_is_unchanged() {
        for (said, expected) in [
            ("Cursor for use in pagination", "Previous reply's next_cursor"),
            ("Opaque place in the list", "Opaque place in the list. Previous reply's next_cursor"),
            ("The long text of it…", "The long text of it… Previous reply's next_cursor"),
            ("The next_cursor of a call", "The next_cursor of a call"),
            ("Set cursor to the next_cursor of the call before this one", "Previous reply's next_cursor"),
            (
                "Opaque place. Goes on by setting the parameter to a next_cursor attribute…",
                "Opaque place. Previous reply's next_cursor",
            ),
            (
                "The next_cursor of an earlier call, at most 40 characters long",
                "The next_cursor of an earlier call, at most 40 characters long",
            ),
            ("Token of the last response", "Token of the last response"),
        ] {
            let properties = json!({ "next_cursor": { "type": "string" } });
            assert_eq!(explained("cursor", Some(said), properties).as_deref(), Some(expected), "{said}");
        }
    }

    #[test]
    fn recursive_reply_is_searched_to_a_limited_depth() {
        let page = json!({ "$ref": "#/$defs/Page" });
        assert_eq!(explained("cursor", None, json!({ "a": page, "b": page })), None);
    }
}
