//! The statements of the document about versions of replies, which a client can keep and ask about (ADR 0057).

use crate::document::Node;

/// Whether a response is 304, or a successful one declares a header with the version of its content.
pub(super) fn declares_versions(operation: &Node<'_>) -> bool {
    let responses = operation.get("responses");
    responses.iter().flat_map(Node::entries).any(|(status, written)| {
        let status = status.trim();
        if status == "304" {
            return true;
        }
        let headers = written.resolve().ok().and_then(|response| response.get("headers"));
        status.starts_with('2') && headers.iter().flat_map(Node::entries).any(|(name, _)| is_version(name))
    })
}

fn is_version(header: &str) -> bool {
    ["etag", "last-modified"].iter().any(|name| header.eq_ignore_ascii_case(name))
}

/// Whether a header of a request names the version that the client has.
pub(super) fn is_condition(header: &str) -> bool {
    ["if-none-match", "if-modified-since"].iter().any(|name| header.eq_ignore_ascii_case(name))
}
