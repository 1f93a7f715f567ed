//! Detects validators (ETag, Last-Modified) of responses, with which a client can revalidate a cached reply (ADR 0057).

use crate::document::Node;

/// Whether the operation declares a 304 response, or a successful response with the header ETag or Last-Modified.
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

/// Whether the header makes a request conditional on the version that the client has cached.
pub(super) fn is_condition(header: &str) -> bool {
    ["if-none-match", "if-modified-since"].iter().any(|name| header.eq_ignore_ascii_case(name))
}
