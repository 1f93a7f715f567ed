//! Decides for each HTTP request whether it needs a session.
//!
//! Requests of revision 2026-07-28, and most requests of older revisions, need no session. A client of an older
//! revision gets a session if the server can ask it questions, or if the server sends messages between requests.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use rmcp::model::ProtocolVersion;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::Value;

use super::answer::{Answer, json, refusal};
use super::session_owners::SESSION_ID;
use super::usual::{is_usual_list, usual_revision};
use crate::mcp::handler::Handler;
use crate::mcp::structured_text::print;
use crate::mcp::usual_call::UsualCall;
use crate::mcp::usual_list::UsualList;

type Endpoint = StreamableHttpService<Handler, LocalSessionManager>;

/// The header that every request of revision 2026-07-28 contains.
const MCP_METHOD: &str = "mcp-method";

/// The endpoint for requests without a session, and the endpoint for sessions.
pub(super) struct Endpoints {
    /// Answers common tool calls without the SDK.
    handler: Handler,
    /// The values of `Host` that are accepted, with any port.
    hosts: Vec<String>,
    stateless: Endpoint,
    sessions: Endpoint,
    open_sessions: Arc<LocalSessionManager>,
    /// Whether the server sends messages to clients between requests.
    tells: bool,
    /// The maximum number of open sessions. An idle session ends after five minutes.
    max_sessions: usize,
}

impl Endpoints {
    pub(super) fn new(handler: Handler, config: &StreamableHttpServerConfig, max_sessions: usize) -> Self {
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
        let tells = handler.tells();
        let hosts = config.allowed_hosts.clone();
        Self { handler, hosts, stateless, sessions, open_sessions, tells, max_sessions }
    }

    /// Answers a request.
    pub(super) async fn handle(&self, request: Request<Full<Bytes>>, body: &Bytes) -> Answer {
        let headers = request.headers();
        let newest = ProtocolVersion::V_2026_07_28;
        if is_usual_list(&request, &self.hosts)
            && let Some(list) = UsualList::parse(body)
            && let Some(client) = list.client(newest.as_str())
        {
            return json(self.handler.answer_usual_list(&list, client, true, request.extensions()));
        }
        if headers.contains_key(SESSION_ID) && !headers.contains_key(MCP_METHOD) {
            return self.sessions.handle(request).await.map(BodyExt::boxed_unsync);
        }
        if request.method() != Method::POST || headers.contains_key(MCP_METHOD) {
            return self.stateless.handle(request).await.map(BodyExt::boxed_unsync);
        }
        if let Some(revision) = usual_revision(&request, &self.hosts) {
            let extensions = request.extensions();
            if let Some(call) = UsualCall::parse(body).filter(|call| call.meta.is_none()) {
                return json(print(self.handler.answer_usual(call, &revision, extensions).await));
            }
            if let Some(list) = UsualList::parse(body).filter(UsualList::has_no_meta) {
                return json(self.handler.answer_usual_list(&list, None, false, extensions));
            }
        }
        if !self.needs_session(body) {
            return self.stateless.handle(request).await.map(BodyExt::boxed_unsync);
        }
        let limit = self.max_sessions;
        if self.open_sessions.sessions.read().await.len() >= limit {
            let text = format!("Too many sessions are open (limit {limit}, set by --max-sessions).\n");
            return refusal(StatusCode::SERVICE_UNAVAILABLE, text);
        }
        self.sessions.handle(request).await.map(BodyExt::boxed_unsync)
    }

    /// Returns the ids of the open sessions.
    pub(super) async fn open_sessions(&self) -> HashSet<String> {
        self.open_sessions.sessions.read().await.keys().map(|id| id.to_string()).collect()
    }

    /// Whether a request initializes a client that needs a session.
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
