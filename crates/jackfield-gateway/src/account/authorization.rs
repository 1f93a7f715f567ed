//! The authorization server that an MCP server names.

/// The authorization server that an MCP server names in its metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) issuer: String,
    /// The resource for which tokens are requested. It is the audience of the tokens.
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
}
