//! The destination of a call, for approval and audit.

/// The destination of a prepared request, without its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDestination {
    /// The HTTP method; empty if it is not an HTTP request.
    pub method: String,
    /// The scheme, host and port, or the name of an MCP server.
    pub origin: String,
    /// The path, without its query.
    pub path: String,
}
