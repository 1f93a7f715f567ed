//! The destination of a call, for approval and audit.

/// The destination of a prepared request, without its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDestination {
    /// The HTTP method. It is empty if the request is not an HTTP request.
    pub method: String,
    /// The scheme, host and port, or the name of an MCP server.
    pub origin: String,
    /// The path without its query. For a generated tool, it is the path template (`/books/{id}`), because arguments may be secrets. For
    /// other calls, it is the target of the request.
    pub path: String,
}

/// Returns a path or a URI without its query and fragment.
pub(crate) fn without_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or(text)
}
