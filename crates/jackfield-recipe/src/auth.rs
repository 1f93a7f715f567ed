//! The words in which it is said how a request is authenticated.

/// The texts that schemes ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// A token, however it was come by.
    Token,
    /// A key.
    ApiKey,
    /// Who.
    Username,
    /// And what they know.
    Password,
    /// What the connector is called at the authorization server.
    ClientId,
    /// And what it knows.
    ClientSecret,
    /// A certificate, in PEM.
    Certificate,
    /// Its private key, in PEM.
    CertificateKey,
}

impl Word {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::ApiKey,
        Self::Username,
        Self::Password,
        Self::ClientId,
        Self::ClientSecret,
        Self::Certificate,
        Self::CertificateKey,
    ];

    /// As connector.toml and the vault spell it; variables do in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::ApiKey => "api_key",
            Self::Username => "username",
            Self::Password => "password",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Certificate => "certificate",
            Self::CertificateKey => "certificate_key",
        }
    }
}

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
