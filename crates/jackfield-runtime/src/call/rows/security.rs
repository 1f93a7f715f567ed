//! The rows that say how requests are authenticated.

use jackfield_recipe::{ClientAuthentication, FlowKind, Location};

/// One scheme that an operation needs, and the scopes it asks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    pub(crate) scheme: &'static str,
    pub(crate) scopes: &'static [&'static str],
}

impl Need {
    /// The scheme of that name.
    pub const fn scheme(scheme: &'static str) -> Self {
        Self { scheme, scopes: &[] }
    }

    /// With these scopes.
    pub const fn scopes(self, scopes: &'static [&'static str]) -> Self {
        Self { scopes, ..self }
    }
}

/// The kind of a scheme that was generated.
pub(crate) type SchemeKind = jackfield_recipe::SchemeKind<&'static str>;

/// A way to authenticate that the document declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub(crate) name: &'static str,
    pub(crate) kind: SchemeKind,
    /// Other names by which the document declares the same login.
    pub(crate) aliases: &'static [&'static str],
    /// The document's description of the credential, in a sentence; empty where it has none.
    pub(crate) description: &'static str,
    /// What stands in front of the credential, where it is not the kind's own word.
    pub(crate) prefix: Option<&'static str>,
    pub(crate) commands: &'static [Command],
    pub(crate) flows: &'static [Flow],
    /// Where an authorization server describes itself.
    pub(crate) metadata: Option<&'static str>,
    pub(crate) client: Client,
}

impl Scheme {
    const fn new(name: &'static str, kind: SchemeKind) -> Self {
        Self {
            name,
            kind,
            aliases: &[],
            description: "",
            prefix: None,
            commands: &[],
            flows: &[],
            metadata: None,
            client: Client::new(),
        }
    }

    /// `Authorization: Bearer …`
    pub const fn bearer(name: &'static str) -> Self {
        Self::new(name, SchemeKind::Bearer)
    }

    /// OAuth 2.0.
    pub const fn oauth2(name: &'static str) -> Self {
        Self::new(name, SchemeKind::OAuth2)
    }

    /// OpenID Connect.
    pub const fn openid_connect(name: &'static str) -> Self {
        Self::new(name, SchemeKind::OpenIdConnect)
    }

    /// `Authorization: Basic …`
    pub const fn basic(name: &'static str) -> Self {
        Self::new(name, SchemeKind::Basic)
    }

    /// HTTP digest.
    pub const fn digest(name: &'static str) -> Self {
        Self::new(name, SchemeKind::Digest)
    }

    /// A key, at its place.
    pub const fn api_key(name: &'static str, location: Location, wire: &'static str) -> Self {
        Self::new(name, SchemeKind::ApiKey { location, wire })
    }

    /// A client certificate.
    pub const fn mutual_tls(name: &'static str) -> Self {
        Self::new(name, SchemeKind::MutualTls)
    }

    /// A scheme of HTTP that is none of the above: a hand-written signer answers it.
    pub const fn http(name: &'static str, scheme: &'static str) -> Self {
        Self::new(name, SchemeKind::Http(scheme))
    }

    /// What stands in front of the credential, such as `Bot `.
    pub const fn prefix(self, prefix: &'static str) -> Self {
        Self { prefix: Some(prefix), ..self }
    }

    /// Other names by which the document declares the same login.
    pub const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// Sets the document's description of the credential, in a sentence.
    pub const fn described(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// Commands that print what the scheme asks of the user.
    pub const fn commands(self, commands: &'static [Command]) -> Self {
        Self { commands, ..self }
    }

    /// The ways to a token of OAuth 2.0.
    pub const fn flows(self, flows: &'static [Flow]) -> Self {
        Self { flows, ..self }
    }

    /// Where the authorization server describes itself: RFC 8414, or OpenID Connect's discovery.
    pub const fn metadata(self, url: &'static str) -> Self {
        Self { metadata: Some(url), ..self }
    }

    /// What the connector is to the authorization server.
    pub const fn client(self, client: Client) -> Self {
        Self { client, ..self }
    }

    /// Whether the document declares it by that name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// The name by which requirements mention it.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A program that prints one of the texts that a scheme asks of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Which text, as `CredentialField::as_str` spells it.
    pub(crate) what: &'static str,
    /// The program and its arguments. No shell reads them.
    pub(crate) words: &'static [&'static str],
}

impl Command {
    /// The program that prints that text, and its arguments.
    pub const fn new(what: &'static str, words: &'static [&'static str]) -> Self {
        Self { what, words }
    }
}

/// One way to a token, and its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    pub(crate) kind: FlowKind,
    pub(crate) authorization: Option<&'static str>,
    pub(crate) device: Option<&'static str>,
    pub(crate) token: Option<&'static str>,
    pub(crate) refresh: Option<&'static str>,
    /// Those that the document declares, whoever needs them.
    pub(crate) scopes: &'static [&'static str],
}

impl Flow {
    /// That way, without addresses.
    pub const fn new(kind: FlowKind) -> Self {
        Self { kind, authorization: None, device: None, token: None, refresh: None, scopes: &[] }
    }

    /// Where a person consents.
    pub const fn authorization(self, url: &'static str) -> Self {
        Self { authorization: Some(url), ..self }
    }

    /// Where a device asks for its codes.
    pub const fn device(self, url: &'static str) -> Self {
        Self { device: Some(url), ..self }
    }

    /// Where tokens are given out.
    pub const fn token(self, url: &'static str) -> Self {
        Self { token: Some(url), ..self }
    }

    /// Where they are refreshed, if elsewhere.
    pub const fn refresh(self, url: &'static str) -> Self {
        Self { refresh: Some(url), ..self }
    }

    /// What may be asked for.
    pub const fn scopes(self, scopes: &'static [&'static str]) -> Self {
        Self { scopes, ..self }
    }

    /// The addresses that the connector itself sends requests to: a person's browser goes to the others.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &'static str> + use<> {
        [self.device, self.token, self.refresh].into_iter().flatten()
    }
}

/// What the connector is to an authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name there, where every user of the connector has the same.
    pub(crate) id: Option<&'static str>,
    pub(crate) authentication: ClientAuthentication,
    /// The port of 127.0.0.1 that was registered for redirects; any other is a free one.
    pub(crate) redirect_port: Option<u16>,
    /// The resource that tokens are for: RFC 8707.
    pub(crate) resource: Option<&'static str>,
    /// The same, as some servers call it.
    pub(crate) audience: Option<&'static str>,
    /// Scopes asked for beside what operations need, such as `offline_access`.
    pub(crate) scopes: &'static [&'static str],
}

impl Client {
    /// A client that the user names.
    pub const fn new() -> Self {
        Self {
            id: None,
            authentication: ClientAuthentication::Discovered,
            redirect_port: None,
            resource: None,
            audience: None,
            scopes: &[],
        }
    }

    /// Its name at the authorization server.
    pub const fn id(self, id: &'static str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// How it shows who it is.
    pub const fn authentication(self, authentication: ClientAuthentication) -> Self {
        Self { authentication, ..self }
    }

    /// The port of 127.0.0.1 that redirects come to.
    pub const fn redirect_port(self, port: u16) -> Self {
        Self { redirect_port: Some(port), ..self }
    }

    /// The resource that tokens are for.
    pub const fn resource(self, resource: &'static str) -> Self {
        Self { resource: Some(resource), ..self }
    }

    /// The audience that tokens are for.
    pub const fn audience(self, audience: &'static str) -> Self {
        Self { audience: Some(audience), ..self }
    }

    /// Scopes beside what operations need.
    pub const fn scopes(self, scopes: &'static [&'static str]) -> Self {
        Self { scopes, ..self }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}
