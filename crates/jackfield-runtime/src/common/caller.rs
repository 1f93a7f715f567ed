//! The one who makes a call.

use std::sync::Arc;

/// The one who makes a call, as the request says: lists, credentials, limits and audit depend on it. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller(Arc<Facts>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Facts {
    principal: Principal,
    channel: Channel,
    agent: Option<Agent>,
    scopes: Vec<String>,
    capabilities: Capabilities,
}

/// The person or service that a call is made for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Principal {
    /// The user who runs this process.
    Local,
    /// One that an authorization server has named.
    Named(String),
}

/// The way that a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// MCP over standard input and output, or another pair of streams.
    Stdio,
    /// MCP over HTTP.
    Http,
    /// A command in a shell.
    CommandLine,
}

/// The program that makes calls, as it names itself. It may claim any name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The parts of MCP that a client supports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Capabilities {
    /// It can put a question to its user.
    pub elicitation: bool,
    /// It can ask a model.
    pub sampling: bool,
    /// It names its folders.
    pub roots: bool,
}

impl Capabilities {
    /// With or without elicitation.
    #[must_use]
    pub const fn elicitation(mut self, elicitation: bool) -> Self {
        self.elicitation = elicitation;
        self
    }

    /// With or without sampling.
    #[must_use]
    pub const fn sampling(mut self, sampling: bool) -> Self {
        self.sampling = sampling;
        self
    }

    /// With or without roots.
    #[must_use]
    pub const fn roots(mut self, roots: bool) -> Self {
        self.roots = roots;
        self
    }
}

impl Caller {
    /// The user who runs this process.
    pub fn local(channel: Channel) -> Self {
        Self::new(Principal::Local, channel)
    }

    /// A principal that calls through a channel.
    pub fn new(principal: Principal, channel: Channel) -> Self {
        let (agent, scopes, capabilities) = (None, Vec::new(), Capabilities::default());
        Self(Arc::new(Facts { principal, channel, agent, scopes, capabilities }))
    }

    /// The caller with the program that it uses.
    #[must_use]
    pub fn with_agent(self, agent: Agent) -> Self {
        self.with(|facts| facts.agent = Some(agent))
    }

    /// The caller with the scopes of its token.
    #[must_use]
    pub fn with_scopes(self, scopes: Vec<String>) -> Self {
        self.with(|facts| facts.scopes = scopes)
    }

    /// The caller with the capabilities of its client.
    #[must_use]
    pub fn with_capabilities(self, capabilities: Capabilities) -> Self {
        self.with(|facts| facts.capabilities = capabilities)
    }

    fn with(self, change: impl FnOnce(&mut Facts)) -> Self {
        let mut facts = Arc::unwrap_or_clone(self.0);
        change(&mut facts);
        Self(Arc::new(facts))
    }

    /// The person or service that the call is made for.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// The way that the call came.
    pub fn channel(&self) -> Channel {
        self.0.channel
    }

    /// The program that makes the call, where it has named itself.
    pub fn agent(&self) -> Option<&Agent> {
        self.0.agent.as_ref()
    }

    /// The scopes of the caller's token.
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// The capabilities of the caller's client.
    pub fn capabilities(&self) -> Capabilities {
        self.0.capabilities
    }
}
