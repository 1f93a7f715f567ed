//! OAuth 2.0: flows and client authentication.

/// An OAuth 2.0 flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// Authorization code: a person gives consent in a browser.
    AuthorizationCode,
    /// Client credentials: the connector authenticates itself.
    ClientCredentials,
    /// Device authorization: a person gives consent on another device.
    DeviceCode,
    /// Implicit: exposes tokens to browsers. Recognised, but not used.
    Implicit,
    /// Password: exposes the user's password to the connector. Recognised, but not used.
    Password,
}

impl FlowKind {
    /// Whether the flow is unsafe, because it exposes tokens or passwords to others.
    pub const fn is_unsafe(self) -> bool {
        matches!(self, Self::Implicit | Self::Password)
    }
}

/// How an OAuth client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// The method that the server's metadata require.
    #[default]
    Discovered,
    /// The `Authorization` header.
    Basic,
    /// Fields of the form body.
    Post,
    /// Only the client id, without a secret.
    None,
}
