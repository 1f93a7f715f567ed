//! The requests that open sessions.

use rmcp::model::{ClientRequest, InitializeRequestParams, JsonRpcMessage, NumberOrString};
use rmcp::service::{RoleServer, RxJsonRpcMessage};

/// An `initialize` request.
pub(super) struct Opening {
    pub(super) id: NumberOrString,
    pub(super) parameters: InitializeRequestParams,
}

impl Opening {
    /// Parses a message. Returns `None` if it is another request, or invalid.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let message: RxJsonRpcMessage<RoleServer> = serde_json::from_slice(body).ok()?;
        let JsonRpcMessage::Request(request) = message else { return None };
        let ClientRequest::InitializeRequest(initialize) = request.request else { return None };
        Some(Self { id: request.id, parameters: initialize.params })
    }

    /// Whether the server can ask the client questions.
    pub(super) fn can_be_asked(&self) -> bool {
        let capabilities = &self.parameters.capabilities;
        capabilities.elicitation.is_some() || capabilities.sampling.is_some() || capabilities.roots.is_some()
    }
}
