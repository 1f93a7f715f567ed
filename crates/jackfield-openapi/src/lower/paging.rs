//! Statements of a document about the pagination of an operation, in extensions and response headers.

use jackfield_model::StatedPaging;
use serde_json::Value;

use crate::document::Node;

/// Words in the names of extensions that describe pagination, such as `x-ms-pageable` and `x-pagination`.
const WORDS: [&str; 4] = ["pageable", "paginat", "paging", "paged"];
/// The maximum depth to which an extension is searched.
const DEPTH: usize = 4;
/// The maximum number of strings of an extension that are collected. `LONGEST` is the maximum length of each in
/// bytes.
const MOST: usize = 30;
const LONGEST: usize = 200;

/// Collects the statements of an operation about its pagination.
pub(super) fn stated_paging(operation: &Node<'_>) -> StatedPaging {
    let mut stated = StatedPaging { has_link_header: has_link_header(operation), values: Vec::new() };
    for (key, value) in operation.as_object().into_iter().flatten() {
        let name = key.to_ascii_lowercase();
        if name.starts_with("x-") && WORDS.iter().any(|word| name.contains(word)) {
            collect(key, value, DEPTH, &mut stated.values);
        }
    }
    stated
}

/// Adds the strings in an extension, each with the nearest key.
fn collect(key: &str, value: &Value, depth: usize, values: &mut Vec<(String, String)>) {
    if values.len() >= MOST || depth == 0 {
        return;
    }
    match value {
        Value::String(text) if text.len() <= LONGEST && key.len() <= LONGEST => {
            values.push((key.to_owned(), text.clone()));
        }
        Value::Array(items) => items.iter().take(MOST).for_each(|item| collect(key, item, depth - 1, values)),
        Value::Object(members) => {
            members.iter().take(MOST).for_each(|(key, value)| collect(key, value, depth - 1, values));
        }
        _ => {}
    }
}

/// Whether a successful response declares the header `Link`.
fn has_link_header(operation: &Node<'_>) -> bool {
    let responses = operation.get("responses");
    let mut successes = responses.iter().flat_map(Node::entries).filter(|(key, _)| key.starts_with('2'));
    successes.any(|(_, written)| {
        let headers = written.resolve().ok().and_then(|response| response.get("headers"));
        headers.iter().flat_map(Node::entries).any(|(name, _)| name.eq_ignore_ascii_case("link"))
    })
}
