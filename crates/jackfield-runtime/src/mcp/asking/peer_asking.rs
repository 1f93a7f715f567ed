//! Questions as requests from the server to the client, until revision 2025-11-25.

use std::time::Duration;

use rmcp::model::{ClientResult, CustomRequest, ServerRequest};
use rmcp::service::{Peer, RoleServer};
use serde_json::Value;

use super::wire;
use crate::engine::context::{Answer, Asking, Question};
use crate::engine::pending::Pending;

/// The maximum time that a person has for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(600);

/// How often a question is asked if its answers are invalid.
const ATTEMPTS: usize = 3;

/// Asks the client of a session.
pub(in crate::mcp) struct PeerAsking(pub(in crate::mcp) Peer<RoleServer>);

impl Asking for PeerAsking {
    fn ask<'a>(&'a self, question: Question<'a>) -> Pending<'a, Answer> {
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                let request = CustomRequest::new(wire::method(&question), wire::parameters(&question));
                let asked = self.0.send_request(ServerRequest::CustomRequest(request));
                // The client may have refused the request, or disconnected.
                let Ok(Ok(response)) = tokio::time::timeout(ANSWER_TIMEOUT, asked).await else {
                    return Answer::Cancelled;
                };
                if let Some(answer) = wire::answer(&question, &json_of(&response)) {
                    return answer;
                }
            }
            tracing::warn!(question = question.key, "the client's answers do not fit the question");
            Answer::Cancelled
        })
    }
}

fn json_of(response: &ClientResult) -> Value {
    serde_json::to_value(response).unwrap_or_default()
}
