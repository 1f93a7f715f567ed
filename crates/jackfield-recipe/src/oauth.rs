//! OAuth 2.0: flows and client authentication.

/// An OAuth 2.0 flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// The authorization code flow: a person gives consent in a browser.
    AuthorizationCode,
    /// The client credentials flow: the connector authenticates with its own credentials.
    ClientCredentials,
    /// The device authorization flow: a person gives consent on another device.
    DeviceCode,
    /// The implicit flow, which exposes tokens to the browser. It is recognised, but not used.
    Implicit,
    /// The password flow, which exposes the user's password to the connector. It is recognised, but not used.
    Password,
}

impl FlowKind {
    /// Whether the flow is unsafe, because it exposes tokens or passwords.
    pub const fn is_unsafe(self) -> bool {
        matches!(self, Self::Implicit | Self::Password)
    }
}

/// The method with which an OAuth client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// The method that the authorization server's metadata requires.
    #[default]
    Discovered,
    /// HTTP Basic authentication in the `Authorization` header.
    Basic,
    /// The client id and secret as fields of the form body.
    Post,
    /// Only the client id is sent, without a secret.
    None,
}
