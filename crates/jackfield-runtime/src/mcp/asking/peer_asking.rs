//! Asks questions by requests from the server to the client, until revision 2025-11-25.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    ClientResult, CustomNotification, CustomRequest, ErrorData, ServerNotification, ServerRequest,
};
use rmcp::service::{Peer, RoleServer, ServiceError};
use serde_json::{Map, Value};

use super::wire;
use crate::engine::context::{Answer, Asking, ConnectedClient, Question, QuestionKind};
use crate::engine::pending::Pending;

/// The maximum time that a person has to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(600);

/// The maximum number of times that a question is asked, if the answers are invalid.
const ATTEMPTS: usize = 3;

/// Asks the client of a session.
#[derive(Clone)]
pub(in crate::mcp) struct PeerAsking(pub(in crate::mcp) Peer<RoleServer>);

impl Asking for PeerAsking {
    fn ask<'a>(&'a self, question: Question<'a>) -> Pending<'a, Answer> {
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                let request = CustomRequest::new(wire::method(&question), wire::parameters(&question));
                let asked = self.0.send_request(ServerRequest::CustomRequest(request));
                let response = match tokio::time::timeout(ANSWER_TIMEOUT, asked).await {
                    Ok(Ok(response)) => response,
                    Ok(Err(ServiceError::McpError(error)))
                        if matches!(question.kind, QuestionKind::Relayed { .. }) =>
                    {
                        let ErrorData { code, message, .. } = error;
                        return Answer::Failed { code: code.0.into(), message: message.into_owned() };
                    }
                    // The client may have refused the request, or disconnected.
                    _ => return Answer::Cancelled,
                };
                if let Some(answer) = wire::answer(&question, &json_of(&response)) {
                    return answer;
                }
            }
            tracing::warn!(question = question.key, "the client's answers do not fit the question");
            Answer::Cancelled
        })
    }

    fn client(&self) -> Option<Arc<dyn ConnectedClient>> {
        Some(Arc::new(self.clone()))
    }
}

impl ConnectedClient for PeerAsking {
    fn tell<'a>(&'a self, method: &'a str, parameters: Map<String, Value>) -> Pending<'a, ()> {
        Box::pin(async move {
            let notification = CustomNotification::new(method, Some(Value::Object(parameters)));
            // An error only means that the client has disconnected.
            let _ = self.0.send_notification(ServerNotification::CustomNotification(notification)).await;
        })
    }
}

fn json_of(response: &ClientResult) -> Value {
    serde_json::to_value(response).unwrap_or_default()
}
