//! Names of pagination arguments.

use serde_json::Value;

use crate::lean::page_length::{is_length, ordered};

/// The purpose of an argument in pagination, by the argument's name and type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PositionKind {
    Page,
    Offset,
    /// A value of the previous reply.
    Token,
    /// The identifier of the last item, or a value of the previous reply.
    After,
}

/// Words in names of arguments that lead to the previous page.
const BACKWARDS: [&str; 6] = ["before", "previous", "prev", "end", "ending", "until"];
/// Words in names of arguments that take a value of the previous reply.
const TOKENS: [&str; 12] = [
    "cursor",
    "continuation",
    "continuationtoken",
    "marker",
    "bookmark",
    "scroll",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "skiptoken",
    "startkey",
    "continue",
];
/// Words that may precede the last word in the name of a page size.
const LENGTH_WORDS: [&str; 10] =
    ["page", "per", "max", "maximum", "limit", "results", "items", "records", "num", "batch"];

/// Returns the kind of a pagination argument that leads to the next page.
pub(super) fn position_kind(name: &str, schema: &Value) -> Option<PositionKind> {
    let words = ordered(name);
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    if words.iter().any(|word| BACKWARDS.contains(word)) {
        return None;
    }
    if is_number(schema) || is_text(schema) {
        match words[..] {
            ["page" | "pagenumber" | "pageno" | "pagenum" | "pageindex" | "currentpage"]
            | ["page", "number" | "index" | "no" | "num" | "nr" | "idx"]
            | ["current" | "start", "page"] => return Some(PositionKind::Page),
            [.., "offset" | "skip"] => return Some(PositionKind::Offset),
            _ => {}
        }
    }
    if is_number(schema)
        && matches!(
            words[..],
            ["start" | "from" | "startindex" | "startat"]
                | ["start", "index" | "at" | "row" | "record" | "item" | "from"]
                | ["first", "result" | "record" | "item"]
        )
    {
        return Some(PositionKind::Offset);
    }
    match words[..] {
        ["after" | "startafter"]
        | ["starting" | "start", "after"]
        | ["after" | "since" | "from" | "min", "id"] => {
            return Some(PositionKind::After);
        }
        ["last", .., "id" | "key"] | ["after", "cursor"] => return Some(PositionKind::After),
        _ => {}
    }
    let is_token = words.iter().any(|word| TOKENS.contains(word))
        || matches!(words[..], ["next", ..] | ["start", "key" | "token"] | [.., "start", "key"])
        || words.last() == Some(&"token")
            && words.iter().any(|word| matches!(*word, "page" | "next" | "paging" | "pagination" | "sync"));
    (is_token && (is_text(schema) || is_number(schema))).then_some(PositionKind::Token)
}

/// Whether an argument is the page size.
pub(super) fn is_size(name: &str, schema: &Value) -> bool {
    if !is_number(schema) {
        return false;
    }
    let words = ordered(name);
    match words.as_slice() {
        [only] => {
            matches!(&**only, "pagesize" | "perpage" | "maxresults" | "rows" | "maxitems") || is_length(name)
        }
        [.., last] if matches!(&**last, "page" | "number" | "index") => {
            words.iter().any(|word| word == "per")
        }
        _ => is_length(name) && words.iter().any(|word| LENGTH_WORDS.contains(&&**word)),
    }
}

fn is_number(schema: &Value) -> bool {
    has_type(schema, &["integer", "number"])
}

fn is_text(schema: &Value) -> bool {
    has_type(schema, &["string"]) && schema.get("enum").is_none() && !is_time(schema)
}

fn is_time(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("date"))
}

fn has_type(schema: &Value, types: &[&str]) -> bool {
    let parts = || ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    match schema.get("type") {
        None if parts().next().is_some() => {
            parts().any(|part| part.get("type").is_some() && has_type(part, types))
        }
        None => schema.get("properties").is_none(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(|one| types.contains(&one)),
        Some(one) => one.as_str().is_some_and(|one| types.contains(&one)),
    }
}
