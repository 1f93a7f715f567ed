use crate::{ClientAuthentication, FlowKind, Location, Place, WireName, WireSlot, Word};

/// A security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// The name that security requirements use.
    pub name: WireName,
    /// The place of its declaration.
    pub place: Place,
    /// The kind of scheme.
    pub kind: SchemeKind,
    /// The names of other OAuth schemes with the same authorization server, sorted: they are one login.
    pub aliases: Vec<WireName>,
    /// The sentence of the document that describes its credential; may be empty.
    pub description: String,
    /// The prefix of the credential, if it is not the usual one of the kind.
    pub prefix: Option<String>,
    /// Programs that print its credential fields, sorted by field. Only connector.toml names them, never a document.
    pub commands: Vec<Command>,
    /// The flows of OAuth 2.0, sorted by kind, one of each.
    pub flows: Vec<Flow>,
    /// The URL of its authorization server's metadata.
    pub metadata: Option<String>,
    /// The connector as a client of that server.
    pub client: Client,
}

impl Scheme {
    /// Makes a scheme of that kind with no other details.
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

    /// Whether that is its name or an alias.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_str() == name || self.aliases.iter().any(|alias| alias.as_str() == name)
    }
}

/// The kinds of security scheme that a document can declare.
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
        /// The location of the key.
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
    /// The credential fields that the user provides.
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

    /// The `type` in connector.toml; none for an HTTP scheme that connector.toml cannot describe.
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

/// A program that prints a credential field of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The credential field.
    pub word: Word,
    /// The program and its arguments. It runs without a shell.
    pub program: Vec<String>,
}

/// A flow of OAuth 2.0. Its addresses are absolute HTTP URLs.
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
    /// The refresh endpoint, if it is not the token endpoint.
    pub refresh: Option<String>,
    /// The available scopes, sorted.
    pub scopes: Vec<String>,
}

impl Flow {
    /// Makes a flow of that kind without addresses.
    pub const fn new(kind: FlowKind) -> Self {
        Self { kind, authorization: None, device: None, token: None, refresh: None, scopes: Vec::new() }
    }
}

/// The connector as a client of an authorization server. Only connector.toml sets it, never a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The client id, if all users of the connector share one.
    pub id: Option<String>,
    /// How the client authenticates.
    pub authentication: ClientAuthentication,
    /// The local port that is registered for redirects.
    pub redirect_port: Option<u16>,
    /// The resource that tokens are requested for.
    pub resource: Option<String>,
    /// The audience, as some servers call the resource.
    pub audience: Option<String>,
    /// Scopes to request in addition to those that operations need.
    pub scopes: Vec<String>,
}

/// Schemes that are required together. An operation lists alternatives; an empty one means that no credential is
/// needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// The required schemes, sorted by name.
    pub needs: Vec<Need>,
}

/// A required scheme with its scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The scheme's name.
    pub scheme: WireName,
    /// The required scopes or roles.
    pub scopes: Vec<String>,
}
