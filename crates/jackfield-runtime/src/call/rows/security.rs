//! The table entries of security schemes and requirements.

use jackfield_recipe::{ClientAuthentication, FlowKind, Location};

/// A security requirement: one scheme, and the scopes that the operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) scopes: &'a [&'a str],
}

impl<'a> Need<'a> {
    /// Requires the scheme with the given name.
    pub const fn scheme(scheme: &'a str) -> Self {
        Self { scheme, scopes: &[] }
    }

    /// Sets the scopes that the operation needs.
    pub const fn scopes(self, scopes: &'a [&'a str]) -> Self {
        Self { scopes, ..self }
    }
}

/// The kind of a generated scheme.
pub(crate) type SchemeKind<'a> = jackfield_recipe::SchemeKind<&'a str>;

/// A security scheme that the document declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: SchemeKind<'a>,
    /// Other names with which the document declares the same scheme.
    pub(crate) aliases: &'a [&'a str],
    /// The document's description of the credential, as one sentence. Empty if there is none.
    pub(crate) description: &'a str,
    /// The prefix of the credential, if it differs from the default of the scheme's kind.
    pub(crate) prefix: Option<&'a str>,
    pub(crate) commands: &'a [Command<'a>],
    pub(crate) flows: &'a [Flow<'a>],
    /// The URL of the authorization server's metadata.
    pub(crate) metadata: Option<&'a str>,
    pub(crate) client: Client<'a>,
}

impl<'a> Scheme<'a> {
    const fn new(name: &'a str, kind: SchemeKind<'a>) -> Self {
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

    /// Creates a scheme for a bearer token: `Authorization: Bearer …`
    pub const fn bearer(name: &'a str) -> Self {
        Self::new(name, SchemeKind::Bearer)
    }

    /// Creates a scheme for OAuth 2.0.
    pub const fn oauth2(name: &'a str) -> Self {
        Self::new(name, SchemeKind::OAuth2)
    }

    /// Creates a scheme for OpenID Connect.
    pub const fn openid_connect(name: &'a str) -> Self {
        Self::new(name, SchemeKind::OpenIdConnect)
    }

    /// Creates a scheme for HTTP Basic authentication: `Authorization: Basic …`
    pub const fn basic(name: &'a str) -> Self {
        Self::new(name, SchemeKind::Basic)
    }

    /// Creates a scheme for HTTP Digest authentication.
    pub const fn digest(name: &'a str) -> Self {
        Self::new(name, SchemeKind::Digest)
    }

    /// Creates a scheme for an API key with its location and name.
    pub const fn api_key(name: &'a str, location: Location, wire: &'a str) -> Self {
        Self::new(name, SchemeKind::ApiKey { location, wire })
    }

    /// Creates a scheme for a client certificate.
    pub const fn mutual_tls(name: &'a str) -> Self {
        Self::new(name, SchemeKind::MutualTls)
    }

    /// Creates a scheme for any other HTTP authentication scheme, which a hand-written signer implements.
    pub const fn http(name: &'a str, scheme: &'a str) -> Self {
        Self::new(name, SchemeKind::Http(scheme))
    }

    /// Sets the prefix of the credential, such as `Bot `.
    pub const fn prefix(self, prefix: &'a str) -> Self {
        Self { prefix: Some(prefix), ..self }
    }

    /// Sets other names with which the document declares the same scheme.
    pub const fn aliases(self, aliases: &'a [&'a str]) -> Self {
        Self { aliases, ..self }
    }

    /// Sets the document's description of the credential, as one sentence.
    pub const fn described(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Sets the commands that print the scheme's credentials.
    pub const fn commands(self, commands: &'a [Command<'a>]) -> Self {
        Self { commands, ..self }
    }

    /// Sets the OAuth 2.0 flows.
    pub const fn flows(self, flows: &'a [Flow<'a>]) -> Self {
        Self { flows, ..self }
    }

    /// Sets the URL of the authorization server's metadata: RFC 8414, or OpenID Connect Discovery.
    pub const fn metadata(self, url: &'a str) -> Self {
        Self { metadata: Some(url), ..self }
    }

    /// Sets the OAuth client.
    pub const fn client(self, client: Client<'a>) -> Self {
        Self { client, ..self }
    }

    /// Whether the document declares the scheme with that name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Returns the name by which security requirements refer to the scheme.
    pub const fn name(&self) -> &'a str {
        self.name
    }
}

/// A command that prints one of a scheme's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// The field of the credential, as `CredentialField::as_str` returns it.
    pub(crate) what: &'a str,
    /// The program and its arguments. They are not passed to a shell.
    pub(crate) words: &'a [&'a str],
}

impl<'a> Command<'a> {
    /// Creates a command that prints the given field of a credential.
    pub const fn new(what: &'a str, words: &'a [&'a str]) -> Self {
        Self { what, words }
    }
}

/// An OAuth 2.0 flow and its endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow<'a> {
    pub(crate) kind: FlowKind,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) device: Option<&'a str>,
    pub(crate) token: Option<&'a str>,
    pub(crate) refresh: Option<&'a str>,
    /// The scopes that the document declares, including scopes that no operation needs.
    pub(crate) scopes: &'a [&'a str],
}

impl<'a> Flow<'a> {
    /// Creates a flow of the given kind without endpoints.
    pub const fn new(kind: FlowKind) -> Self {
        Self { kind, authorization: None, device: None, token: None, refresh: None, scopes: &[] }
    }

    /// Sets the authorization endpoint.
    pub const fn authorization(self, url: &'a str) -> Self {
        Self { authorization: Some(url), ..self }
    }

    /// Sets the device authorization endpoint.
    pub const fn device(self, url: &'a str) -> Self {
        Self { device: Some(url), ..self }
    }

    /// Sets the token endpoint.
    pub const fn token(self, url: &'a str) -> Self {
        Self { token: Some(url), ..self }
    }

    /// Sets the endpoint for refresh requests, if it differs from the token endpoint.
    pub const fn refresh(self, url: &'a str) -> Self {
        Self { refresh: Some(url), ..self }
    }

    /// Sets the available scopes.
    pub const fn scopes(self, scopes: &'a [&'a str]) -> Self {
        Self { scopes, ..self }
    }

    /// Returns the endpoints that the connector itself requests. The other endpoints are opened in the user's browser.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        [self.device, self.token, self.refresh].into_iter().flatten()
    }
}

/// The OAuth client that the connector uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client<'a> {
    /// The client identifier, if all users of the connector share the same client.
    pub(crate) id: Option<&'a str>,
    pub(crate) authentication: ClientAuthentication,
    /// The port of 127.0.0.1 that is registered for redirects. If `None`, a free port is used.
    pub(crate) redirect_port: Option<u16>,
    /// The `resource` parameter of RFC 8707.
    pub(crate) resource: Option<&'a str>,
    /// The `audience` parameter, which some authorization servers expect instead of `resource`.
    pub(crate) audience: Option<&'a str>,
    /// Additional scopes to request, such as `offline_access`, besides the scopes that operations need.
    pub(crate) scopes: &'a [&'a str],
}

impl<'a> Client<'a> {
    /// Creates a client that the user configures.
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

    /// Sets the client identifier.
    pub const fn id(self, id: &'a str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Sets the method of client authentication.
    pub const fn authentication(self, authentication: ClientAuthentication) -> Self {
        Self { authentication, ..self }
    }

    /// Sets the port of 127.0.0.1 for redirects.
    pub const fn redirect_port(self, port: u16) -> Self {
        Self { redirect_port: Some(port), ..self }
    }

    /// Sets the `resource` parameter.
    pub const fn resource(self, resource: &'a str) -> Self {
        Self { resource: Some(resource), ..self }
    }

    /// Sets the `audience` parameter.
    pub const fn audience(self, audience: &'a str) -> Self {
        Self { audience: Some(audience), ..self }
    }

    /// Sets additional scopes to request, besides the scopes that operations need.
    pub const fn scopes(self, scopes: &'a [&'a str]) -> Self {
        Self { scopes, ..self }
    }
}

impl Default for Client<'_> {
    fn default() -> Self {
        Self::new()
    }
}
