use crate::{ClientAuthentication, FlowKind, Location, Place, WireName, WireSlot, Word};

/// A declared security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// The name that security requirements use.
    pub name: WireName,
    /// Where it is declared.
    pub place: Place,
    /// Its type.
    pub kind: SchemeKind,
    /// Other names of the same login, sorted: OAuth schemes that use the same authorization server.
    pub aliases: Vec<WireName>,
    /// The sentence of the document that shows the format of the credential; empty if there is none.
    pub description: String,
    /// The text in front of the credential, if it differs from that of the scheme's type.
    pub prefix: Option<String>,
    /// Commands that print its credentials, sorted by credential. Only connector.toml can name them.
    pub commands: Vec<Command>,
    /// OAuth 2.0 flows, sorted, at most one of each kind.
    pub flows: Vec<Flow>,
    /// The URL of the authorization server's metadata.
    pub metadata: Option<String>,
    /// The OAuth client that the connector uses.
    pub client: Client,
}

impl Scheme {
    /// A scheme of this type without further details.
    pub fn new(name: WireName, place: Place, kind: SchemeKind) -> Self {
        Self {
            name,
            place,
            kind,
            aliases: Vec::new(),
            description: String::new(),
            prefix: None,
            commands: Vec::new(),
            flows: Vec::new(),
            metadata: None,
            client: Client::default(),
        }
    }

    /// Whether this is its name or one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_str() == name || self.aliases.iter().any(|alias| alias.as_str() == name)
    }
}

/// The type of a security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// `Authorization: Bearer …`
    Bearer,
    /// `Authorization: Basic …`
    Basic,
    /// HTTP digest.
    Digest,
    /// Another HTTP authentication scheme, with its name.
    Http(String),
    /// An API key in a header, query parameter or cookie.
    ApiKey {
        /// The part of the request.
        location: Location,
        /// The name of the header, parameter or cookie.
        wire: WireName,
    },
    /// OAuth 2.0.
    OAuth2,
    /// OpenID Connect.
    OpenIdConnect,
    /// Mutual TLS, with a client certificate.
    MutualTls,
}

impl SchemeKind {
    /// The credentials that it asks for.
    pub const fn words(&self) -> &'static [Word] {
        match self {
            Self::Bearer => &[Word::Token],
            Self::OAuth2 | Self::OpenIdConnect => &[Word::Token, Word::ClientId, Word::ClientSecret],
            Self::ApiKey { .. } => &[Word::ApiKey],
            Self::Basic | Self::Digest => &[Word::Username, Word::Password],
            Self::MutualTls => &[Word::Certificate, Word::CertificateKey],
            Self::Http(_) => &[],
        }
    }

    /// The part of a request that its credential fills.
    pub fn slot(&self) -> WireSlot {
        match self {
            Self::ApiKey { location, wire } => WireSlot::of_key(*location, wire.as_str()),
            Self::MutualTls => WireSlot::connection(),
            _ => WireSlot::authorization(),
        }
    }

    /// The type as spelled in connector.toml; none for an HTTP scheme that Jackfield does not support.
    pub const fn as_str(&self) -> Option<&'static str> {
        Some(match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::Digest => "digest",
            Self::ApiKey { .. } => "api_key",
            Self::OAuth2 => "oauth2",
            Self::OpenIdConnect => "openid_connect",
            Self::MutualTls => "mutual_tls",
            Self::Http(_) => return None,
        })
    }
}

/// A command that prints a credential of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The credential that it prints.
    pub word: Word,
    /// The program and its arguments. It runs without a shell.
    pub program: Vec<String>,
}

/// An OAuth 2.0 flow. Its URLs are absolute HTTP URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The kind of flow.
    pub kind: FlowKind,
    /// The authorization endpoint.
    pub authorization: Option<String>,
    /// The device authorization endpoint.
    pub device: Option<String>,
    /// The token endpoint.
    pub token: Option<String>,
    /// The refresh endpoint, if it differs from the token endpoint.
    pub refresh: Option<String>,
    /// The scopes that can be requested, sorted.
    pub scopes: Vec<String>,
}

impl Flow {
    /// A flow of this kind without endpoints.
    pub const fn new(kind: FlowKind) -> Self {
        Self { kind, authorization: None, device: None, token: None, refresh: None, scopes: Vec::new() }
    }
}

/// The OAuth client that the connector uses. It is configured in connector.toml, not in the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The client id, if all users share one.
    pub id: Option<String>,
    /// How the client authenticates.
    pub authentication: ClientAuthentication,
    /// The registered port for redirects to this machine.
    pub redirect_port: Option<u16>,
    /// The `resource` that tokens are requested for.
    pub resource: Option<String>,
    /// The `audience` that tokens are requested for; some servers use it instead of `resource`.
    pub audience: Option<String>,
    /// Scopes to request in addition to those that operations need.
    pub scopes: Vec<String>,
}

/// Schemes that are needed together. An operation lists alternatives; an empty requirement needs no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// The schemes, sorted by name.
    pub needs: Vec<Need>,
}

/// A scheme and the scopes needed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The scheme's name.
    pub scheme: WireName,
    /// The scopes or roles.
    pub scopes: Vec<String>,
}
