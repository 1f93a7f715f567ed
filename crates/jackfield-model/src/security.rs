use crate::{ClientAuthentication, CredentialField, FlowKind, Place, WireName};

/// A declared way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// The name by which requirements mention it.
    pub name: WireName,
    /// Where it is declared.
    pub place: Place,
    /// Which way it is.
    pub kind: SchemeKind,
    /// Other names by which the document declares the same login, sorted: OAuth schemes of one authorization server.
    pub aliases: Vec<WireName>,
    /// The sentence of the document that says what its credential looks like; empty where there is none.
    pub description: String,
    /// What stands in front of the credential, where it is not the kind's own word.
    pub prefix: Option<String>,
    /// Programs that print what it asks of the user, sorted by what. A document never names one.
    pub commands: Vec<Command>,
    /// The ways to a token of OAuth 2.0, sorted by kind, one of each.
    pub flows: Vec<Flow>,
    /// Where its authorization server describes itself.
    pub metadata: Option<String>,
    /// What the connector is to that server.
    pub client: Client,
}

impl Scheme {
    /// A scheme of that kind, of which nothing else is known.
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

    /// Whether the document declares it by that name.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_str() == name || self.aliases.iter().any(|alias| alias.as_str() == name)
    }
}

/// The kind of a declared scheme.
pub type SchemeKind = jackfield_recipe::SchemeKind<WireName>;

/// A program that prints one of the texts that a scheme asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Which text.
    pub field: CredentialField,
    /// The program and its arguments. No shell reads them.
    pub program: Vec<String>,
}

/// One way to a token of OAuth 2.0. Addresses are whole, and HTTP's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Which way.
    pub kind: FlowKind,
    /// Where a person consents.
    pub authorization: Option<String>,
    /// Where a device asks for its codes.
    pub device: Option<String>,
    /// Where tokens are given out.
    pub token: Option<String>,
    /// Where they are refreshed, if elsewhere.
    pub refresh: Option<String>,
    /// What may be asked for, sorted.
    pub scopes: Vec<String>,
}

impl Flow {
    /// That way, without addresses.
    pub const fn new(kind: FlowKind) -> Self {
        Self { kind, authorization: None, device: None, token: None, refresh: None, scopes: Vec::new() }
    }
}

/// What the connector is to an authorization server. A document says nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its name there, where every user of the connector has the same.
    pub id: Option<String>,
    /// How it shows who it is.
    pub authentication: ClientAuthentication,
    /// The port of this machine that was registered for redirects.
    pub redirect_port: Option<u16>,
    /// The resource that tokens are for.
    pub resource: Option<String>,
    /// The same, as some servers call it.
    pub audience: Option<String>,
    /// Scopes asked for beside what operations need.
    pub scopes: Vec<String>,
}

/// Schemes that are needed together. An operation lists alternatives; an empty one means that nothing is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// All of these, sorted by name.
    pub needs: Vec<Need>,
}

/// One scheme, and what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The scheme's name.
    pub scheme: WireName,
    /// The scopes or roles asked for.
    pub scopes: Vec<String>,
}
