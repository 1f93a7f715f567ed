//! Sends one request of the runtime itself, such as a token request. Redirects are not followed, nothing is
//! retried, and time and size are limited. The request may contain credentials.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use tokio::time::timeout;

use super::client::HttpClient;
use super::error::SendError;
use super::request_body::RequestBody;
use super::send_problem::{ReplyProblem, SendProblem};

/// A complete reply.
pub(crate) struct Whole {
    pub(crate) status: http::StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl HttpClient {
    /// Sends the request unchanged and reads the complete reply, up to `limit` bytes.
    pub(crate) async fn exchange(
        &self,
        request: http::Request<RequestBody>,
        limit: usize,
        time: Duration,
    ) -> Result<Whole, SendError> {
        let answer = async {
            let (head, body) = self.request(request, None).await?.into_parts();
            let body = Limited::new(body, limit).collect().await;
            let body = body.map_err(|error| {
                let problem = if error.is::<http_body_util::LengthLimitError>() {
                    ReplyProblem::TooLong { limit }
                } else {
                    ReplyProblem::Interrupted(error.to_string())
                };
                SendError::unanswered(problem.into())
            })?;
            Ok(Whole { status: head.status, headers: head.headers, body: body.to_bytes() })
        };
        timeout(time, answer)
            .await
            .unwrap_or_else(|_| Err(SendError::unanswered(SendProblem::NoAnswer { seconds: time.as_secs() })))
    }
}
