//! The destination of a call, for approval and audit.

/// The destination of a prepared request, without its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDestination {
    /// The HTTP method; empty if it is not an HTTP request.
    pub method: String,
    /// The scheme, host and port, or the name of an MCP server.
    pub origin: String,
    /// The path of a generated tool with its placeholders (`/books/{id}`), because arguments may be secrets; otherwise the
    /// target of the request. Without its query.
    pub path: String,
}

/// A path or a URI without its query and its fragment.
pub(crate) fn without_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or(text)
}
