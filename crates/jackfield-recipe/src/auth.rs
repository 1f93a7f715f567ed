//! How a request is authenticated: credential fields, OAuth flows, client authentication.

/// A credential that a security scheme asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// A bearer or access token.
    Token,
    /// An API key.
    ApiKey,
    /// A user name.
    Username,
    /// A password.
    Password,
    /// The OAuth client id.
    ClientId,
    /// The OAuth client secret.
    ClientSecret,
    /// A client certificate, in PEM.
    Certificate,
    /// The certificate's private key, in PEM.
    CertificateKey,
}

impl Word {
    /// Every variant.
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

    /// The name in connector.toml and in the vault; variables use it in upper case.
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

/// An OAuth 2.0 flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// A person consents in a browser.
    AuthorizationCode,
    /// The connector authenticates as itself.
    ClientCredentials,
    /// A person consents on another device.
    DeviceCode,
    /// Hands tokens to browsers. Recognised, but not used.
    Implicit,
    /// Hands the user's password to the connector. Recognised, but not used.
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
    /// As the server's metadata says.
    #[default]
    Discovered,
    /// In the `Authorization` header.
    Basic,
    /// In the form of the request.
    Post,
    /// By the client id alone.
    None,
}
