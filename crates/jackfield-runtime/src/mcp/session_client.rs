//! The client of a session, as described by its `initialize` request.

use rmcp::model::{ClientCapabilities, ElicitationCapability, InitializeRequestParams, ProtocolVersion};

use crate::common::caller::{Agent, Capabilities};

/// The client of a session.
#[derive(Clone, Debug)]
pub(super) struct SessionClient {
    pub(super) agent: Agent,
    pub(super) capabilities: Capabilities,
    /// The revision that the client and the server have agreed on.
    pub(super) revision: ProtocolVersion,
}

impl SessionClient {
    pub(super) fn of(parameters: &InitializeRequestParams, revision: ProtocolVersion) -> Self {
        let client = &parameters.client_info;
        let agent = Agent { name: client.name.clone(), version: client.version.clone() };
        Self { agent, capabilities: capabilities_of(&parameters.capabilities), revision }
    }
}

/// Converts the capabilities that the runtime uses.
pub(super) fn capabilities_of(known: &ClientCapabilities) -> Capabilities {
    // An empty elicitation capability means that the client supports forms.
    let shows_forms = |it: &ElicitationCapability| it.form.is_some() || it.url.is_none();
    Capabilities::default()
        .elicitation(known.elicitation.as_ref().is_some_and(shows_forms))
        .addresses(known.elicitation.as_ref().is_some_and(|it| it.url.is_some()))
        .sampling(known.sampling.is_some())
        .sampling_tools(known.sampling.as_ref().is_some_and(|it| it.tools.is_some()))
        .roots(known.roots.is_some())
        .tasks(known.supports_tasks())
}
