//! The media types in the `Accept` header of an operation, taken from all responses that the operation
//! declares.

use jackfield_model::Status;

use super::context::Context;
use super::reply::status;
use super::text::is_token;
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;

/// The maximum number of media types, and the maximum length of the header. Beyond them the header is `*/*`,
/// because servers refuse headers that are too long.
const MOST_TYPES: usize = 32;
const LONGEST: usize = 1024;

/// Returns the media types of the declared responses. Empty if any type is accepted.
///
/// The order has no meaning in HTTP, but many servers consider only the first media type. Types of successes
/// come before types of failures, and JSON comes before the other types of a response.
pub(crate) fn accepts(operation: &Node<'_>, context: &Context<'_>) -> Vec<String> {
    let mut accepts: Vec<String> = Vec::new();
    let mut add = |media_type: &str| {
        let media_type = media_type.trim();
        let is_new = !accepts.iter().any(|known| known.eq_ignore_ascii_case(media_type));
        if is_media_range(media_type) && is_new && accepts.len() <= MOST_TYPES {
            accepts.push(media_type.to_owned());
        }
    };
    if context.dialect == Dialect::Swagger2 {
        let types = swagger2::media_types(&context.document.root(), operation, "produces");
        json_first(types).into_iter().for_each(&mut add);
    } else {
        let responses = operation.get("responses");
        let mut found: Vec<(bool, Vec<&str>)> = Vec::new();
        for (key, written) in responses.iter().flat_map(Node::entries) {
            let Some(status) = status(key) else { continue };
            let Ok(node) = written.resolve() else { continue };
            let is_success = matches!(status, Status::Code(..=299) | Status::Range(..=2));
            let content = node.get("content");
            let types = content.iter().flat_map(Node::entries).map(|(media_type, _)| media_type).collect();
            found.push((!is_success, json_first(types)));
        }
        found.sort_by_key(|(is_failure, _)| *is_failure);
        found.into_iter().flat_map(|(_, types)| types).for_each(&mut add);
    }
    let length = accepts.iter().map(|media_type| media_type.len() + 2).sum::<usize>();
    if accepts.len() > MOST_TYPES || length > LONGEST { Vec::new() } else { accepts }
}

fn json_first(mut types: Vec<&str>) -> Vec<&str> {
    types.sort_by_key(|media_type| !media_type.contains("json"));
    types
}

/// Whether the text is a valid media type for the header: a type and a subtype, optional parameters, and no
/// character that would end the list item.
fn is_media_range(media_type: &str) -> bool {
    let (essence, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
    let is_essence =
        essence.trim().split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub));
    is_essence && parameters.bytes().all(|b| (0x20..0x7F).contains(&b) && b != b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_media_type_is_not_a_media_range() {
        for media_type in ["application/json", "*/*", "text/*", "text/html; charset=utf-8", "a/b;q=\"x\""] {
            assert!(is_media_range(media_type), "{media_type}");
        }
        for media_type in
            ["json", "", "/", "a/", "a/b/c", "a/b, c/d", "a/b;x,c/d", "a/b\r\nX: y", "a b/c", "a/b;ü"]
        {
            assert!(!is_media_range(media_type), "{media_type}");
        }
    }
}
