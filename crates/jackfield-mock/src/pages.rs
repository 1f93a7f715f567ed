//! Pagination: each list of a mock has at most two pages, so that reading all pages ends.

use serde_json::{Map, Value};

use crate::operation::{Operation, Paging};

/// Changes a reply to the requested page: the first page, or an empty last page.
pub(crate) fn divide(paging: &Paging, arguments: &Map<String, Value>, reply: &mut Value) {
    let position = arguments.get(&paging.position).filter(|value| !value.is_null());
    let is_first = match (position, paging.first) {
        (None, _) => true,
        (Some(value), Some(first)) => value.as_u64() == Some(first),
        (Some(_), None) => false,
    };
    let items = paging.items.as_deref();
    if !is_first && let Some(Value::Array(list)) = items.and_then(|place| reply.pointer_mut(place)) {
        list.clear();
    }
    let count = items.and_then(|place| reply.pointer(place)).and_then(Value::as_array).map_or(0, Vec::len);
    for place in &paging.totals {
        set_if_there(reply, place, count.into());
    }
    // A request for any position except the first gets the last page. If the position is a URL, which could lead to any page, the first
    // page is also the last.
    let follows = is_first
        && !paging.is_address
        && !paging.position.is_empty()
        && count > 0
        && paging.totals.is_empty()
        && paging.first.is_none()
        && paging.next.as_deref().and_then(|place| reply.pointer(place)).is_some_and(Value::is_string);
    if !follows && let Some(next) = &paging.next {
        remove(reply, next);
    }
    let flags = [(&paging.more, follows), (&paging.last, !follows)];
    for (place, value) in flags {
        if let Some(place) = place {
            set_if_there(reply, place, value.into());
        }
    }
}

fn set_if_there(reply: &mut Value, place: &str, value: Value) {
    if let Some(found) = reply.pointer_mut(place) {
        *found = value;
    }
}

/// Sets the values that every reply of an operation has.
pub(crate) fn set_all(operation: &Operation, reply: &mut Value) {
    for (place, value) in &operation.replace {
        if let Some(found) = reply.pointer_mut(place) {
            match found {
                Value::String(_) => found.clone_from(value),
                Value::Bool(is_done) => *is_done = true,
                _ => {}
            }
        }
    }
    operation.set.iter().for_each(|(place, value)| set(reply, place, value.clone()));
}

/// Sets a value at a JSON pointer, and creates missing objects on the way to it.
fn set(reply: &mut Value, place: &str, value: Value) {
    let mut here = reply;
    for key in place.split('/').skip(1).map(unescaped) {
        if let Value::Array(items) = here {
            match key.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                Some(item) => here = item,
                None => return,
            }
            continue;
        }
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Value::Object(object) = here else { return };
        here = object.entry(key).or_insert(Value::Null);
    }
    *here = value;
}

/// Returns the key that a segment of a JSON pointer encodes.
fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

fn remove(reply: &mut Value, place: &str) {
    let Some((parent, key)) = place.rsplit_once('/') else { return };
    if let Some(Value::Object(object)) = reply.pointer_mut(parent) {
        object.remove(&unescaped(key));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(paging: &Paging, arguments: Value) -> Value {
        let mut reply = json!({ "items": [1, 2], "next": "abc", "has_more": true, "total": 9 });
        divide(paging, arguments.as_object().unwrap(), &mut reply);
        reply
    }

    fn place(pointer: &str) -> Option<String> {
        Some(pointer.to_owned())
    }

    #[test]
    fn second_page_of_a_mock_is_the_last_page() {
        let token = Paging {
            position: "cursor".to_owned(),
            items: place("/items"),
            next: place("/next"),
            more: place("/has_more"),
            ..Paging::default()
        };
        assert_eq!(
            page(&token, json!({})),
            json!({ "items": [1, 2], "next": "abc", "has_more": true, "total": 9 })
        );
        let last = json!({ "items": [], "has_more": false, "total": 9 });
        assert_eq!(page(&token, json!({ "cursor": "abc" })), last);
        let counted = Paging {
            position: "page".to_owned(),
            first: Some(1),
            items: place("/items"),
            totals: vec!["/total".to_owned()],
            ..Paging::default()
        };
        let first = json!({ "items": [1, 2], "next": "abc", "has_more": true, "total": 2 });
        assert_eq!(page(&counted, json!({ "page": 1 })), first);
        assert_eq!(page(&counted, json!({ "page": 2 }))["items"], json!([]));
        let address =
            Paging { next: place("/next"), items: place("/items"), is_address: true, ..Paging::default() };
        assert_eq!(page(&address, json!({})).get("next"), None);
    }

    #[test]
    fn setting_a_value_in_a_reply_creates_missing_objects() {
        let mut reply = json!({ "job": null, "list": [{}] });
        set(&mut reply, "/job/state~1x", "done".into());
        set(&mut reply, "/list/0/id", 1.into());
        set(&mut reply, "/list/7/id", 1.into());
        assert_eq!(reply, json!({ "job": { "state/x": "done" }, "list": [{ "id": 1 }] }));
        set(&mut reply, "", 1.into());
        assert_eq!(reply, 1);
    }
}
