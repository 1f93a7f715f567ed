//! Addresses of calls, for approval and audit.

/// The address that a prepared request goes to, without its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDestination {
    /// The HTTP method; empty if it is not an HTTP request.
    pub method: String,
    /// The scheme, host and port, or the name of an MCP server.
    pub origin: String,
    /// The path, without its query.
    pub path: String,
}
