//! Converts a reply with a success status to a result.

use std::fmt::Write as _;

use http::header::{ETAG, LINK, LOCATION};
use http::{HeaderName, StatusCode};

use super::json::compact;
use super::saved;
use super::shape::{Shaped, Shaping};
use super::stream;
use super::tool_result::{MOST_BYTES, ToolResult};
use super::verbatim::Verbatim;
use crate::common::text::{amount, excerpt};
use crate::transport::coding::missing_feature;
use crate::transport::media::{BodyKind, file_name};
use crate::transport::reply::Reply;

/// The headers that are shown if the reply has no body.
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

static TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// Creates the result of a successful reply. If `wants_etag` is set, the result shows the `etag`, because another tool takes it.
pub(super) fn read(reply: &Reply, shaping: Shaping<'_>, wants_etag: bool) -> ToolResult {
    if let Some(stored) = saved::read(reply) {
        return stored;
    }
    let result = content(reply, shaping);
    if reply.body.is_empty() {
        return reply.caveat.iter().fold(result, ToolResult::note);
    }
    let about = match reply.status {
        StatusCode::ACCEPTED => Some(
            "The service answered 202 Accepted: the request is accepted but not complete yet.".to_owned(),
        ),
        StatusCode::PARTIAL_CONTENT => {
            Some("The service answered 206 Partial Content: this is only a part of the content.".to_owned())
        }
        _ => None,
    };
    let notes =
        [about, whereabouts(reply), next_steps(reply, wants_etag, shaping.has_page), reply.caveat.clone()];
    notes.into_iter().flatten().fold(result, ToolResult::note)
}

fn content(reply: &Reply, shaping: Shaping<'_>) -> ToolResult {
    let media_type = reply.media_type();
    let kind = media_type.kind();
    if reply.body.is_empty() && reply.is_whole {
        return ToolResult::text(if shaping.tool.method == "HEAD" { fields(reply) } else { empty(reply) });
    }
    if let Some(coding) = reply.coding() {
        let remedy = remedy_for_coding(coding);
        return ToolResult::text(format!(
            "The service answered {} with {} compressed as {coding}. {remedy}",
            reply.status,
            amount(reply.body.len())
        ));
    }
    if shaping.rule.redacts() {
        return redacted(reply, shaping, kind);
    }
    match kind {
        BodyKind::Events(format) => match stream::read(format, &reply.body, reply.is_whole, true) {
            Some((events, text)) if shaping.is_fit(&text) => ToolResult::spelled(events, text),
            Some((_, text)) => {
                shaped(reply, shaping, &text).unwrap_or_else(|| self::text(reply, shaping, text))
            }
            None => text(reply, shaping, reply.text())
                .note("The service declares the body as a stream of events, but it contains no events."),
        },
        BodyKind::Json => json(reply, shaping),
        BodyKind::Unnamed if reply.body.len() <= MOST_BYTES && reply.json().is_some() => json(reply, shaping),
        BodyKind::Text => text(reply, shaping, reply.text()),
        _ if reply.is_readable() => {
            let result = text(reply, shaping, reply.text());
            match kind {
                BodyKind::File => {
                    result.note(format!("The service declares the body as {}.", media_type.essence))
                }
                _ => result,
            }
        }
        _ => file(reply, media_type.essence),
    }
}

/// Returns the sentence about a body whose content coding cannot be decoded.
pub(super) fn remedy_for_coding(coding: &str) -> String {
    match missing_feature(coding) {
        Some(feature) => format!(
            "The user can add `features = [\"{feature}\"]` to `jackfield-runtime` in Cargo.toml of this connector."
        ),
        None => "This connector does not support this content coding.".to_owned(),
    }
}

/// Creates the result of a JSON reply. The text keeps the service's spelling.
fn json(reply: &Reply, shaping: Shaping<'_>) -> ToolResult {
    let received = std::str::from_utf8(&reply.body);
    let is_usual = shaping.is_usual();
    let verbatim = match received {
        Ok(received) if is_usual && reply.is_whole && received.len() <= MOST_BYTES => {
            Verbatim::check(received)
        }
        _ => None,
    };
    let spelled = match (received, &verbatim) {
        (Ok(received), Some(Verbatim { is_compact: true, .. })) => received.to_owned(),
        (Ok(received), _) => compact(received),
        (Err(_), _) => compact(&reply.text()),
    };
    if !reply.is_whole {
        return text(reply, shaping, spelled);
    }
    if !shaping.is_fit(&spelled) {
        return shaped(reply, shaping, &spelled).unwrap_or_else(|| text(reply, shaping, spelled));
    }
    if verbatim.is_some() {
        return ToolResult::verbatim(spelled);
    }
    match serde_json::from_slice(&reply.body) {
        Ok(value) => ToolResult::spelled(value, spelled),
        Err(error) => text(reply, shaping, reply.text())
            .note(format!("The service declares the body as JSON, but it is not valid JSON: {error}.")),
    }
}

/// Creates the result of JSON text by the rule of its tool. `None` if the text is not JSON.
fn shaped(reply: &Reply, shaping: Shaping<'_>, text: &str) -> Option<ToolResult> {
    // The tape of the values takes about as much memory as the text.
    if !reply.can_hold(text.len()) {
        return None;
    }
    let Shaped { text, notes } = match shaping.fit(text)? {
        Ok(shaped) => shaped,
        Err(why) => {
            return Some(ToolResult::error(format!(
                "The service answered {}, so the request took effect, but the filter in connector.toml failed: {why}. The user has to \
                 correct `jq` in `[replies.{}]`.",
                reply.status, shaping.tool.name
            )));
        }
    };
    let result = if Verbatim::check(&text).is_some() {
        ToolResult::verbatim(text)
    } else {
        match serde_json::from_str(&text) {
            Ok(value) => ToolResult::spelled(value, text),
            Err(_) => ToolResult::text(text),
        }
    };
    Some(notes.into_iter().fold(result, ToolResult::note))
}

/// Creates the result of a reply in which values are redacted. A reply that is not complete JSON is withheld, because the values cannot
/// be found in it.
fn redacted(reply: &Reply, shaping: Shaping<'_>, kind: BodyKind) -> ToolResult {
    let text = match kind {
        BodyKind::Events(format) => {
            stream::read(format, &reply.body, reply.is_whole, false).map(|(_, text)| text)
        }
        _ => reply.is_whole.then(|| compact(&reply.text())),
    };
    // Text with another media type may be valid JSON by chance, such as `40`.
    let is_declared = matches!(kind, BodyKind::Json | BodyKind::Events(_));
    let text = text.filter(|text| is_declared || text.starts_with(['{', '[']));
    let result = text.and_then(|text| shaped(reply, shaping, &text));
    result.unwrap_or_else(|| {
        ToolResult::text(format!(
            "The service answered {} with {} of {}, which is withheld: connector.toml redacts parts of the replies of this \
             tool, and this reply is not complete JSON, or too large to be searched.",
            reply.status,
            amount(reply.body.len()),
            reply.media_type().essence
        ))
    })
}

/// Creates the result of text that is not JSON, with a note if the call selects fields.
fn text(reply: &Reply, shaping: Shaping<'_>, text: String) -> ToolResult {
    let mut result = beginning(reply, shaping, text);
    if shaping.rule.is_computed() {
        result = result
            .note("The filter in connector.toml was not applied, because this reply is not complete JSON.");
    }
    match shaping.fields {
        Some(_) => result.note(format!(
            "`{}` has no effect, because this reply is not complete JSON.",
            shaping.tool.fields
        )),
        None => result,
    }
}

/// Creates the result of text, which is truncated at the limit.
fn beginning(reply: &Reply, shaping: Shaping<'_>, mut text: String) -> ToolResult {
    let most = shaping.rule.bytes;
    if text.len() <= most && reply.is_whole {
        return ToolResult::text(text);
    }
    let is_end = |at: &usize| text.is_char_boundary(*at);
    text.truncate((0..=text.len().min(most)).rev().find(is_end).unwrap_or_default());
    let note = format!(
        "This is the beginning, {} of {}. {}",
        amount(text.len()),
        match size(reply) {
            Some(size) => amount(size),
            None => format!("more than {}", amount(reply.body.len())),
        },
        shaping.remedy(true, false, true)
    );
    ToolResult::text(text).note(note)
}

/// Returns the size of the body: the received size if the body is complete, else the size that the service declares.
fn size(reply: &Reply) -> Option<usize> {
    let declared = || reply.header("content-length").and_then(|field| field.trim().parse().ok());
    if reply.is_whole { Some(reply.body.len()) } else { declared() }
}

fn file(reply: &Reply, media_type: String) -> ToolResult {
    let is_one = media_type.split_once('/').is_some_and(|(_, name)| !name.is_empty() && name != "*");
    let media_type = if is_one { media_type } else { "application/octet-stream".to_owned() };
    let disposition = reply.header("content-disposition").and_then(file_name);
    let path = reply.address.split('?').next().unwrap_or_default();
    let name = disposition.as_deref().unwrap_or(path).trim_end_matches('/').rsplit(['/', '\\']).next();
    let name = excerpt(name.unwrap_or_default(), 200);
    ToolResult::named_file(reply.address.clone(), name, media_type, &reply.body, size(reply))
}

/// Returns the text of a reply without a body: its status and location.
fn empty(reply: &Reply) -> String {
    let status = reply.status;
    let mut text = match status {
        StatusCode::ACCEPTED => "The request is accepted but not complete yet.".to_owned(),
        _ => "Done.".to_owned(),
    };
    _ = write!(text, " The service answered {status} without a body.");
    if let Some(whereabouts) = whereabouts(reply) {
        _ = write!(text, "\n{whereabouts}");
    }
    text
}

/// Returns the sentence about the `location` header.
fn whereabouts(reply: &Reply) -> Option<String> {
    let location = excerpt(reply.field(&LOCATION)?, 1000);
    match reply.status {
        StatusCode::CREATED => Some(format!("The created resource is at {location}")),
        StatusCode::ACCEPTED => Some(format!("The progress is shown at {location}")),
        _ if reply.body.is_empty() => Some(format!("It points to {location}")),
        _ => None,
    }
}

/// Returns the headers that the next call needs.
fn next_steps(reply: &Reply, wants_etag: bool, has_page: bool) -> Option<String> {
    let mut text = String::new();
    for (name, is_wanted) in [(&LINK, !has_page), (&TOTAL_COUNT, !has_page), (&ETAG, wants_etag)] {
        let value = if is_wanted { reply.field(name) } else { None };
        let value = value.filter(|value| name != LINK || is_next(value));
        if let Some(value) = value {
            _ = write!(text, "\n{name}: {}", excerpt(value, 1000));
        }
    }
    (!text.is_empty()).then(|| format!("Response headers:{text}"))
}

/// Whether a `link` header contains the URL of the next page. Other links are for browsers.
fn is_next(link: &str) -> bool {
    link.split(['"', ' ', '=', ';', ',']).any(|word| word.eq_ignore_ascii_case("next"))
}

/// Returns the text of a HEAD reply: its headers.
fn fields(reply: &Reply) -> String {
    let mut text = format!("The service answered {}.", reply.status);
    for name in USEFUL {
        if let Some(value) = reply.header(name) {
            _ = write!(text, "\n{name}: {}", excerpt(value, 1000));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::remedy_for_coding;

    #[test]
    fn note_about_a_missing_decoder_names_the_cargo_feature_to_enable() {
        assert_eq!(remedy_for_coding("compress"), "This connector does not support this content coding.");
        #[cfg(not(feature = "br"))]
        assert_eq!(
            remedy_for_coding("BR"),
            "The user can add `features = [\"br\"]` to `jackfield-runtime` in Cargo.toml of this connector."
        );
    }
}
