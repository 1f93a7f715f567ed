//! Explains pagination arguments: adds to their descriptions which value of the reply leads to the next page. The
//! response schema contains that value, but models see only the arguments.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use jackfield_model::{Defs, Operation};
use serde_json::Value;

use super::kinds::kinds;
use super::page_length::{is_length, ordered};
use super::words::{is_within, stem, stems, words};
use crate::paging::replied::{Beside, Replied, Source};

/// Words in the names of arguments that set the start of a page.
const POSITIONS: [&str; 9] =
    ["after", "before", "continuation", "cursor", "marker", "offset", "page", "start", "token"];
/// Words of descriptions that say nothing except that the operation is paginated.
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

/// Adds to the descriptions of pagination arguments which value of the reply leads to the next page.
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
                said if is_empty || said.is_empty() => self::text(&source),
                said if said.ends_with('…') => format!("{said} {}", self::text(&source)),
                said => format!("{said}. {}", self::text(&source)),
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
        || lower.contains(&source.leaf().to_lowercase()) && source.leaf().len() > 2
        || has(&["previous", "prior", "last", "preceding", "earlier"])
            && has(&["reply", "response", "request", "call", "result", "page", "list", "query"])
}

/// Replaces the sentence that names the property by the short form. That sentence is about pagination, because the argument gets no other
/// value of a reply. A sentence that contains another fact is not replaced.
fn shortened(text: &str, source: &Source) -> Option<String> {
    if source.item.is_some() || ordered(source.leaf()).len() < 2 {
        return None;
    }
    let mut sentences: Vec<&str> = text.split(". ").collect();
    let at = sentences.iter().position(|sentence| sentence.contains(source.leaf()))?;
    let short = self::text(source);
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

/// Returns the short text that says where a value comes from.
fn text(source: &Source) -> String {
    match source.item {
        Some(which) => format!("Previous reply's {which} {}", source.dotted()),
        None => format!("Previous reply's {}", source.dotted()),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Reply as Declared, Schema, Status};
    use serde_json::json;

    use super::super::tests::connector;
    use super::*;

    /// Returns the description of an argument, for an operation that replies with these properties and has an argument `limit`.
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
    fn description_of_a_page_argument_names_its_source_in_the_reply() {
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
    fn description_of_a_backward_page_argument_names_the_first_item() {
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
    fn page_argument_description_names_the_next_page_field_once() {
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
