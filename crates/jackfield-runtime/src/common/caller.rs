//! The caller of a tool.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// The caller of a request. Tool lists, credentials, limits and audit depend on the caller. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller(Arc<Facts>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Facts {
    principal: Principal,
    channel: Channel,
    agent: Option<Agent>,
    scopes: Vec<String>,
    claims: Vec<(String, String)>,
    capabilities: Capabilities,
    address: Option<IpAddr>,
}

/// The person or service that a call is made for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Principal {
    /// The user who runs this process.
    Local,
    /// The holder of a static token, identified by the name of the token.
    Token(String),
    /// A subject of an authorization server.
    Subject {
        /// The issuer's identifier, which is a URL without a fragment.
        issuer: String,
        /// The subject, which is unique within the issuer.
        subject: String,
    },
}

impl fmt::Display for Principal {
    /// Writes the form that rights, approvals and audit records use: `local`, `token:NAME` or `ISSUER#SUBJECT`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Token(name) => write!(f, "token:{name}"),
            Self::Subject { issuer, subject } => write!(f, "{issuer}#{subject}"),
        }
    }
}

impl Principal {
    /// Parses the form that `Display` writes.
    #[cfg(feature = "serve")]
    pub fn parse(key: &str) -> Option<Self> {
        if key == "local" {
            return Some(Self::Local);
        }
        if let Some(name) = key.strip_prefix("token:") {
            return (!name.is_empty()).then(|| Self::Token(name.to_owned()));
        }
        // An issuer has no fragment, so the first `#` ends it.
        let (issuer, subject) = key.split_once('#')?;
        let is_url = issuer.split_once("://").is_some_and(|(scheme, rest)| {
            scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !scheme.is_empty() && !rest.is_empty()
        });
        (is_url && !subject.is_empty())
            .then(|| Self::Subject { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }
}

/// The channel through which a call arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// MCP over standard input and output, or over another pair of streams.
    Stdio,
    /// MCP over HTTP.
    Http,
    /// A shell command.
    CommandLine,
}

/// The program that makes calls. It chooses its name itself, so the name proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Agent {
    /// The name of the program.
    pub name: String,
    /// The version of the program.
    pub version: String,
}

/// The MCP capabilities of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether the client supports elicitation.
    pub elicitation: bool,
    /// Whether the client supports sampling.
    pub sampling: bool,
    /// Whether the client supports roots.
    pub roots: bool,
    /// Whether the client supports tasks, which are an extension.
    pub tasks: bool,
    /// Whether the client can open a URL for its user (elicitation in `url` mode).
    pub addresses: bool,
    /// Whether the client supports tools in sampling requests (the `tools` capability of sampling).
    pub sampling_tools: bool,
}

impl Capabilities {
    /// Sets whether the client supports elicitation.
    #[must_use]
    pub const fn elicitation(mut self, elicitation: bool) -> Self {
        self.elicitation = elicitation;
        self
    }

    /// Sets whether the client supports sampling.
    #[must_use]
    pub const fn sampling(mut self, sampling: bool) -> Self {
        self.sampling = sampling;
        self
    }

    /// Sets whether the client supports tasks.
    #[must_use]
    pub const fn tasks(mut self, tasks: bool) -> Self {
        self.tasks = tasks;
        self
    }

    /// Sets whether the client can open a URL for its user (elicitation in `url` mode).
    #[must_use]
    pub const fn addresses(mut self, addresses: bool) -> Self {
        self.addresses = addresses;
        self
    }

    /// Sets whether the client supports tools in sampling requests.
    #[must_use]
    pub const fn sampling_tools(mut self, tools: bool) -> Self {
        self.sampling_tools = tools;
        self
    }

    /// Sets whether the client supports roots.
    #[must_use]
    pub const fn roots(mut self, roots: bool) -> Self {
        self.roots = roots;
        self
    }
}

impl Capabilities {
    /// Returns the capabilities that `self` has and `other` lacks.
    pub const fn missing_in(self, other: Self) -> Self {
        Self {
            elicitation: self.elicitation && !other.elicitation,
            sampling: self.sampling && !other.sampling,
            roots: self.roots && !other.roots,
            tasks: self.tasks && !other.tasks,
            addresses: self.addresses && !other.addresses,
            sampling_tools: self.sampling_tools && !other.sampling_tools,
        }
    }

    /// Returns the capabilities that `self` or `other` has.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self {
            elicitation: self.elicitation || other.elicitation,
            sampling: self.sampling || other.sampling,
            roots: self.roots || other.roots,
            tasks: self.tasks || other.tasks,
            addresses: self.addresses || other.addresses,
            sampling_tools: self.sampling_tools || other.sampling_tools,
        }
    }

    /// Whether the client supports none of the capabilities with which a question is answered. Support for tasks does not count.
    pub const fn is_empty(self) -> bool {
        !self.elicitation && !self.sampling && !self.roots && !self.addresses && !self.sampling_tools
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = [
            (self.elicitation, "elicitation"),
            (self.sampling, "sampling"),
            (self.roots, "roots"),
            (self.tasks, "tasks"),
            (self.addresses, "elicitation.url"),
            (self.sampling_tools, "sampling.tools"),
        ];
        let names: Vec<&str> = each.into_iter().filter_map(|(has, name)| has.then_some(name)).collect();
        f.write_str(&names.join(" and "))
    }
}

impl Caller {
    /// Creates the caller for the user who runs this process.
    pub fn local(channel: Channel) -> Self {
        Self::new(Principal::Local, channel)
    }

    /// Creates a caller from a principal and a channel.
    pub fn new(principal: Principal, channel: Channel) -> Self {
        let (agent, scopes, claims, capabilities) = (None, Vec::new(), Vec::new(), Capabilities::default());
        Self(Arc::new(Facts { principal, channel, agent, scopes, claims, capabilities, address: None }))
    }

    /// Sets the program that the caller uses.
    #[must_use]
    pub fn with_agent(self, agent: Agent) -> Self {
        self.with(|facts| facts.agent = Some(agent))
    }

    /// Adds the scopes of the caller's token.
    #[must_use]
    pub fn with_scopes(self, scopes: Vec<String>) -> Self {
        self.with(|facts| facts.scopes = scopes)
    }

    /// Adds claims of the caller's access token, by their names.
    #[must_use]
    pub fn with_claims(self, claims: Vec<(String, String)>) -> Self {
        self.with(|facts| facts.claims = claims)
    }

    /// Adds the capabilities of the caller's client.
    #[must_use]
    pub fn with_capabilities(self, capabilities: Capabilities) -> Self {
        self.with(|facts| facts.capabilities = capabilities)
    }

    /// Sets the IP address from which the request came.
    #[must_use]
    pub fn with_address(self, address: IpAddr) -> Self {
        self.with(|facts| facts.address = Some(address))
    }

    fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Returns the person or service that the call is made for.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// Returns the channel through which the call arrived.
    pub fn channel(&self) -> Channel {
        self.0.channel
    }

    /// Returns the program that makes the call, if it has told its name.
    pub fn agent(&self) -> Option<&Agent> {
        self.0.agent.as_ref()
    }

    /// Returns the IP address from which the request came, if it came over HTTP.
    pub fn address(&self) -> Option<IpAddr> {
        self.0.address
    }

    /// Returns the scopes of the caller's token.
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// Returns the claims of the caller's access token as names with values. A claim that is an array has an entry for each item.
    pub fn claims(&self) -> &[(String, String)] {
        &self.0.claims
    }

    /// Returns the capabilities of the caller's client.
    pub fn capabilities(&self) -> Capabilities {
        self.0.capabilities
    }
}

#[cfg(all(test, feature = "serve"))]
mod tests {
    use super::*;

    #[test]
    fn client_can_be_asked_if_it_has_any_capability_for_questions() {
        let none = Capabilities::default();
        assert!(none.is_empty() && none.tasks(true).is_empty());
        for one in [
            none.elicitation(true),
            none.addresses(true),
            none.sampling(true),
            none.sampling_tools(true),
            none.roots(true),
        ] {
            assert!(!one.is_empty(), "{one}");
        }
    }

    #[test]
    fn principal_round_trips_through_text() {
        let subject = |subject: &str| Principal::Subject {
            issuer: "https://id.example.com/a".to_owned(),
            subject: subject.to_owned(),
        };
        for principal in [
            Principal::Local,
            Principal::Token("ci".to_owned()),
            subject("ada"),
            subject("a#b"),
            subject("token:ci"),
        ] {
            assert_eq!(Principal::parse(&principal.to_string()), Some(principal));
        }
        for wrong in [
            "",
            "ada",
            "token:",
            "Local",
            "https://id.example.com/a",
            "https://id.example.com/a#",
            "#ada",
            "://#a",
        ] {
            assert_eq!(Principal::parse(wrong), None, "{wrong}");
        }
    }
}
