//! Converts the result of a tool call to the contents of a resource.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::engine::error::CallError;
use crate::reply::content::ResourceContents;
use crate::reply::tool_result::{Extra, ToolResult};

/// The status codes of a service that mean that the resource does not exist.
const ABSENT: [u16; 2] = [404, 410];

/// Returns the contents of a resource: the reply of the service, and the notes about it. `media_type` is the media type of the resource. It
/// is empty if unknown.
///
/// # Errors
/// Returns the text of a tool error. A file that is too large is an error too, because a note would look like the file's contents.
pub(crate) fn contents(
    uri: &str,
    media_type: &str,
    result: ToolResult,
    status: Option<u16>,
) -> Result<Vec<ResourceContents>, CallError> {
    let is_text = |media_type: &str| {
        let essence = media_type.split(';').next().unwrap_or_default();
        essence.starts_with("text/") || essence.ends_with("xml") || essence.ends_with("json")
    };
    let ToolResult { text, structured, extras, is_error, .. } = result;
    let mut contents = Vec::new();
    let mut notes = Vec::new();
    let mut has_file = false;
    let mut too_large = None;
    for extra in extras {
        match extra {
            Extra::Note(note) => notes.push(note),
            // Only generated tools are resources.
            Extra::Relayed(block) => notes.push(block.to_string()),
            Extra::Image { media_type, data }
            | Extra::Audio { media_type, data, .. }
            | Extra::Blob { media_type, data, .. } => {
                has_file = true;
                let bytes = STANDARD.decode(data).unwrap_or_default();
                contents.push(ResourceContents::bytes(uri, bytes).with_media_type(media_type));
            }
            Extra::Embedded { media_type, text, .. } => {
                let embedded = ResourceContents::text(uri, text);
                contents.push(match media_type {
                    Some(media_type) => embedded.with_media_type(media_type),
                    None => embedded,
                });
            }
            Extra::Link { address, .. } => too_large = Some(address),
        }
    }
    if is_error || too_large.is_some() {
        let mut text = std::iter::once(text).chain(notes).collect::<Vec<_>>().join("\n");
        if let Some(address) = too_large {
            text.push_str(&format!(" It is at {address}"));
        }
        let is_absent = is_error && status.is_some_and(|status| ABSENT.contains(&status));
        return Err(CallError::Unreadable { text, is_absent });
    }
    if !has_file {
        let media_type = match structured.is_some() {
            true if media_type.split(';').next().unwrap_or_default().ends_with("json") => media_type,
            true => "application/json",
            false if is_text(media_type) && !media_type.ends_with("json") => media_type,
            false => "text/plain",
        };
        contents.insert(0, ResourceContents::text(uri, text).with_media_type(media_type));
    }
    if !notes.is_empty() {
        contents.push(ResourceContents::text(uri, notes.join("\n")).with_media_type("text/plain"));
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::content::ResourceBody;
    use serde_json::json;

    #[test]
    fn reply_becomes_resource_contents_with_its_media_type() {
        let png = || ToolResult::file("https://x/a.png", "image/png", b"abc");
        for (media_type, result, expected) in [
            (
                "application/json",
                ToolResult::json(json!({ "a": 1 })),
                &[("application/json", "{\"a\":1}")][..],
            ),
            ("application/hal+json", ToolResult::json(json!([1])), &[("application/hal+json", "[1]")]),
            ("", ToolResult::json(json!(1)).note("old"), &[("application/json", "1"), ("text/plain", "old")]),
            ("text/csv", ToolResult::text("a,b"), &[("text/csv", "a,b")]),
            ("application/json", ToolResult::text("no JSON"), &[("text/plain", "no JSON")]),
            ("image/png", png(), &[("image/png", "3 bytes")]),
            ("image/png", png().note("old"), &[("image/png", "3 bytes"), ("text/plain", "old")]),
        ] {
            let found = contents("x:1", media_type, result, Some(200)).unwrap();
            let shown: Vec<_> = found
                .iter()
                .map(|it| {
                    let body = match &it.body {
                        ResourceBody::Text(text) => text.clone(),
                        ResourceBody::Bytes(bytes) => format!("{} bytes", bytes.len()),
                    };
                    (it.media_type.clone().unwrap(), body)
                })
                .collect();
            let shown: Vec<_> = shown.iter().map(|(kind, body)| (kind.as_str(), body.as_str())).collect();
            assert_eq!(shown, expected);
            assert!(found.iter().all(|it| it.uri == "x:1"));
        }
    }

    #[test]
    fn tool_error_or_oversized_file_becomes_an_error_of_the_resource_read() {
        let large = ToolResult::file("https://x/a.zip", "application/zip", &vec![0; 2 << 20]);
        for (result, status, text, absent) in [
            (
                ToolResult::error("No such book.").note("Sent twice."),
                Some(404),
                "No such book.\nSent twice.",
                true,
            ),
            (ToolResult::error("Failed."), Some(500), "Failed.", false),
            (
                large,
                Some(200),
                "2 MiB of application/zip: more than the limit of a result, 1 MiB. It is at https://x/a.zip",
                false,
            ),
        ] {
            let error = contents("x:1", "", result, status).unwrap_err();
            assert_eq!(error, CallError::Unreadable { text: text.to_owned(), is_absent: absent });
            assert_eq!(error.to_string(), text);
        }
    }
}
