use crate::{ClientAuthentication, CredentialField, FlowKind, Place, WireName};

/// A security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// The name that security requirements use.
    pub name: WireName,
    /// The file and JSON Pointer of the declaration.
    pub place: Place,
    /// The kind of scheme.
    pub kind: SchemeKind,
    /// The names of other OAuth schemes with the same authorization server, sorted. One login serves all of
    /// them.
    pub aliases: Vec<WireName>,
    /// The sentence in the document that describes the credential. Empty if the document has none.
    pub description: String,
    /// The prefix of the credential, if it differs from the usual prefix of this kind of scheme.
    pub prefix: Option<String>,
    /// Programs that print credential fields of the scheme, sorted by field. They come only from connector.toml, never from a document.
    pub commands: Vec<Command>,
    /// The OAuth 2.0 flows, sorted by kind, with at most one of each.
    pub flows: Vec<Flow>,
    /// The URL of the metadata of the scheme's authorization server.
    pub metadata: Option<String>,
    /// The connector as a client of the authorization server.
    pub client: Client,
}

impl Scheme {
    /// Creates a scheme of this kind without other details.
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

    /// Whether `name` is the name or an alias of the scheme.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_str() == name || self.aliases.iter().any(|alias| alias.as_str() == name)
    }
}

/// The kind of a declared scheme.
pub type SchemeKind = jackfield_recipe::SchemeKind<WireName>;

/// A program that prints a credential field of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The credential field that the program prints.
    pub field: CredentialField,
    /// The program and its arguments. They are not passed to a shell.
    pub program: Vec<String>,
}

/// An OAuth 2.0 flow. The endpoints are absolute HTTP URLs.
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
    /// Creates a flow of this kind without endpoints.
    pub const fn new(kind: FlowKind) -> Self {
        Self { kind, authorization: None, device: None, token: None, refresh: None, scopes: Vec::new() }
    }
}

/// The connector as a client of an authorization server. The values come only from connector.toml, never from a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The client id, if all users of the connector share one.
    pub id: Option<String>,
    /// The method with which the client authenticates at the token endpoint.
    pub authentication: ClientAuthentication,
    /// The local port that is registered for redirects.
    pub redirect_port: Option<u16>,
    /// The resource for which tokens are requested.
    pub resource: Option<String>,
    /// The audience for which tokens are requested. Some servers use it instead of a resource.
    pub audience: Option<String>,
    /// Scopes that are requested in addition to the scopes that operations need.
    pub scopes: Vec<String>,
}

/// Schemes that are required together. An operation has a list of alternative requirements; an empty requirement
/// means that no credential is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// The required schemes, sorted by name.
    pub needs: Vec<Need>,
}

/// A required scheme, with its scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The scheme's name.
    pub scheme: WireName,
    /// The required scopes or roles.
    pub scopes: Vec<String>,
}
