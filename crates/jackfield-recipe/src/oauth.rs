//! How tokens of OAuth 2.0 are obtained.

/// The ways to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// A person consents in a browser.
    AuthorizationCode,
    /// The connector asks in its own name.
    ClientCredentials,
    /// A person consents on another device.
    DeviceCode,
    /// Hands tokens to browsers. Recognised, and not taken.
    Implicit,
    /// Hands a person's password to the connector. Recognised, and not taken.
    Password,
}

impl FlowKind {
    /// Whether it is given up: what it hands out, others get to see.
    pub const fn is_unsafe(self) -> bool {
        matches!(self, Self::Implicit | Self::Password)
    }
}

/// How a client shows a token endpoint who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// As the server describes itself.
    #[default]
    Discovered,
    /// In the `Authorization` header.
    Basic,
    /// In the form.
    Post,
    /// By its name alone.
    None,
}
