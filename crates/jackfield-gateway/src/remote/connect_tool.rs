//! The tool with which a caller connects an account at a server whose tools are not known yet, because the server lists them only to
//! callers with an account.

use std::sync::Arc;

use jackfield_recipe::Effect;
use jackfield_runtime::{Answered, CallError, Caller, Listed, SourceRequest, SourceResponse, ToolResult};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::upstream::Upstream;
use crate::config::ConnectorKind;

/// The connector's own name of the tool.
const NAME: &str = "connect_account";

/// Whether a request is a call of the tool.
pub(super) fn is_meant(request: &SourceRequest) -> bool {
    matches!(request, SourceRequest::CallTool { name, .. } if name == NAME)
}

impl Upstream {
    /// Returns the tool, if each caller has its own account. It is listed as long as the lists of the server are not known.
    pub(super) fn connect_tool(&self) -> Option<Listed> {
        let has_links =
            matches!(&self.entry.kind, ConnectorKind::Http(upstream) if upstream.secrets.is_empty());
        let has_accounts = self.entry.has_own_accounts() && has_links;
        has_accounts.then(|| Listed {
            name: NAME.to_owned(),
            title: "Connect an account".to_owned(),
            description: format!(
                "The server `{}` needs an account of the user, and lists its tools after that. Call this tool to get the link with which the user connects the account.",
                self.name()
            ),
            input: Map::from_iter([
                ("type".to_owned(), Value::from("object")),
                ("additionalProperties".to_owned(), Value::from(false)),
            ]),
            output: None,
            effect: Effect::Read,
            idempotent: true,
            further: Map::new(),
        })
    }

    /// Answers a call of the tool: connects to the server with the caller's account, which makes the tools of the server known.
    ///
    /// # Errors
    /// Returns the error with the link if the caller has no account, or an error if the server cannot be reached.
    pub(super) async fn connect_account(self: &Arc<Self>, caller: &Caller) -> Result<Answered, CallError> {
        let deadline = Instant::now() + self.entry.timeout;
        self.fresh_session(self.owner(caller), deadline).await?;
        let text = "The account is connected. List the tools again: the tools of the server are there now.";
        Ok(Answered::new(SourceResponse::Tool(ToolResult::text(text))))
    }
}
