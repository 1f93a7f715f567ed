//! OAuth 2.0: flows and client authentication.

/// An OAuth 2.0 flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// A person consents in a browser.
    AuthorizationCode,
    /// The connector authenticates with its own credentials.
    ClientCredentials,
    /// A person consents on another device.
    DeviceCode,
    /// Exposes tokens to browsers. Recognised, but not used.
    Implicit,
    /// Gives the user's password to the connector. Recognised, but not used.
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
    /// As the server's metadata requires.
    #[default]
    Discovered,
    /// In the `Authorization` header.
    Basic,
    /// In the form of the request.
    Post,
    /// By the client id alone.
    None,
}
