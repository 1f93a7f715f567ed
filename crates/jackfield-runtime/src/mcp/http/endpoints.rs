//! Chooses for each HTTP request whether a session serves it.
//!
//! Requests of revision 2026-07-28 are complete, and so are most of older ones, so they need no session. A client of an
//! older revision gets one if it can be asked, or if the server has something to tell between requests.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::Value;

use super::answer::{Answer, status};
use super::session_owners::SESSION_ID;
use crate::mcp::handler::Handler;

type Endpoint = StreamableHttpService<Handler, LocalSessionManager>;

/// The header that every request of revision 2026-07-28 has.
const MCP_METHOD: &str = "mcp-method";

/// The longest request, as in the SDK.
const LONGEST_REQUEST: usize = 4 * 1024 * 1024;

/// The most sessions at one time. An idle session ends after five minutes.
const MAX_SESSIONS: usize = 1024;

/// The endpoint for complete requests, and the one for sessions.
pub(super) struct Endpoints {
    stateless: Endpoint,
    sessions: Endpoint,
    open_sessions: Arc<LocalSessionManager>,
    /// Whether the server has something to tell between requests.
    tells: bool,
}

impl Endpoints {
    pub(super) fn new(handler: &Handler, config: &StreamableHttpServerConfig) -> Self {
        let open_sessions = Arc::new(LocalSessionManager::default());
        let each = handler.clone();
        let stateless = Endpoint::new(
            move || Ok(each.for_session()),
            Arc::default(),
            config.clone().with_legacy_session_mode(false).with_json_response(true),
        );
        let each = handler.clone();
        let sessions = Endpoint::new(
            move || Ok(each.for_session()),
            Arc::clone(&open_sessions),
            config.clone().with_legacy_session_mode(true),
        );
        Self { stateless, sessions, open_sessions, tells: handler.tells() }
    }

    /// Answers a request.
    pub(super) async fn handle(&self, request: Request<Either<Incoming, Full<Bytes>>>) -> Answer {
        let headers = request.headers();
        if headers.contains_key(SESSION_ID) && !headers.contains_key(MCP_METHOD) {
            return self.sessions.handle(request).await.map(BodyExt::boxed_unsync);
        }
        if request.method() != Method::POST || headers.contains_key(MCP_METHOD) {
            return self.stateless.handle(request).await.map(BodyExt::boxed_unsync);
        }
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, LONGEST_REQUEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return status(StatusCode::PAYLOAD_TOO_LARGE, "A request has at most 4 MiB.\n");
            }
            Err(_) => return status(StatusCode::BAD_REQUEST, "The request is not complete.\n"),
        };
        let needs_session = self.needs_session(&body);
        let request = Request::from_parts(head, Full::new(body));
        if !needs_session {
            return self.stateless.handle(request).await.map(BodyExt::boxed_unsync);
        }
        if self.open_sessions.sessions.read().await.len() >= MAX_SESSIONS {
            return status(StatusCode::SERVICE_UNAVAILABLE, "Too many sessions are open (limit 1024).\n");
        }
        self.sessions.handle(request).await.map(BodyExt::boxed_unsync)
    }

    /// Whether a request opens a session that its client needs.
    fn needs_session(&self, body: &Bytes) -> bool {
        let name = b"\"initialize\"";
        if !body.windows(name.len()).any(|part| part == name) {
            return false;
        }
        let Ok(message) = serde_json::from_slice::<Value>(body) else { return false };
        let capabilities = message.pointer("/params/capabilities");
        let can_be_asked = ["elicitation", "sampling", "roots"]
            .iter()
            .any(|name| capabilities.and_then(|it| it.get(name)).is_some_and(Value::is_object));
        message["method"] == "initialize" && (self.tells || can_be_asked)
    }
}
