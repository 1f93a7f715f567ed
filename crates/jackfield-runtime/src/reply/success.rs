//! A reply that says yes, as a model gets to read it.

use std::fmt::Write as _;

use http::StatusCode;
use serde_json::json;

use super::media::{Kind, parameter};
use super::{Reply, events, excerpt};
use crate::result::{ToolResult, amount};

/// The fields of a reply that are worth a line where there is nothing else.
const USEFUL: [&str; 9] = [
    "content-type",
    "content-length",
    "etag",
    "last-modified",
    "expires",
    "accept-ranges",
    "location",
    "link",
    "x-total-count",
];

/// The answer to a request of that method.
pub(super) fn read(reply: &Reply, method: &str) -> ToolResult {
    let about = match reply.status {
        StatusCode::ACCEPTED if !reply.body.is_empty() => {
            Some("The service answered 202 Accepted: this is not done yet.")
        }
        StatusCode::PARTIAL_CONTENT => {
            Some("The service answered 206 Partial Content: this is a part of it.")
        }
        _ => None,
    };
    let notes = [about, reply.caveat.as_deref()].into_iter().flatten();
    notes.fold(content(reply, method), |result, note| result.note(note))
}

fn content(reply: &Reply, method: &str) -> ToolResult {
    let media_type = reply.media_type();
    let kind = media_type.kind();
    if let Kind::Events(format) = kind {
        let whole = reply.caveat.is_none();
        return ToolResult::json(json!({ "events": events::split(format, &reply.body, whole) }));
    }
    if reply.body.is_empty() {
        return ToolResult::text(if method == "HEAD" { fields(reply) } else { empty(reply) });
    }
    if let Some(coding) = reply.coding() {
        return ToolResult::text(format!(
            "The service answered {} with {} compressed as {coding}. Nothing asked it to, and they are not read here.",
            reply.status,
            amount(reply.body.len())
        ));
    }
    match (kind, serde_json::from_slice(&reply.body)) {
        (Kind::Json | Kind::Unnamed, Ok(value)) => ToolResult::json(value),
        (Kind::Json, Err(error)) => ToolResult::text(reply.text())
            .note(format!("The service calls this JSON, and it cannot be read as such: {error}.")),
        (Kind::Text, _) => ToolResult::text(reply.text()),
        (Kind::Other | Kind::Unnamed, _) if reply.is_readable() => ToolResult::text(reply.text()),
        _ => file(reply, media_type.essence),
    }
}

fn file(reply: &Reply, media_type: String) -> ToolResult {
    let media_type = if media_type.is_empty() { "application/octet-stream".to_owned() } else { media_type };
    let disposition = reply.header("content-disposition").and_then(|field| parameter(field, "filename"));
    let name = disposition.unwrap_or(&reply.address).trim_end_matches('/').rsplit(['/', '\\']).next();
    let name = excerpt(name.unwrap_or_default(), 200);
    ToolResult::named_file(reply.address.clone(), name, media_type, &reply.body)
}

/// What an answer without a body says all the same.
fn empty(reply: &Reply) -> String {
    let status = reply.status;
    let mut text = match status {
        StatusCode::ACCEPTED => "Accepted, and not done yet.".to_owned(),
        _ => "Done.".to_owned(),
    };
    _ = write!(text, " The service answered {status} without a body.");
    if let Some(location) = reply.header("location").map(|field| excerpt(field, 1000)) {
        _ = match status {
            StatusCode::CREATED => write!(text, "\nWhat was created is at {location}"),
            StatusCode::ACCEPTED => write!(text, "\nHow far it has come is told at {location}"),
            _ => write!(text, "\nIt points to {location}"),
        };
    }
    text
}

/// The answer to a HEAD: its fields are all there is.
fn fields(reply: &Reply) -> String {
    let mut text = format!("The service answered {}.", reply.status);
    for name in USEFUL {
        if let Some(value) = reply.header(name) {
            _ = write!(text, "\n{name}: {}", excerpt(value, 1000));
        }
    }
    text
}
