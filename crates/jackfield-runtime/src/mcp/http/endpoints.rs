//! Decides for each HTTP request whether it needs a session.
//!
//! Requests of revision 2026-07-28, and most requests of older revisions, need no session. A client of an older
//! revision gets a session if the server can ask it questions, or if the server sends messages between requests.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use rmcp::model::ProtocolVersion;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::Value;

use super::answer::{Answer, json};
use super::raw_answers::{may_ask, with_raw_questions};
use super::session_owners::SESSION_ID;
use super::sessions::{STATE, Sessions};
use super::usual::{METHOD, is_usual_list, usual_revision};
use crate::mcp::handler::Handler;
use crate::mcp::session::Session;
use crate::mcp::structured_text::print;
use crate::mcp::usual_call::UsualCall;
use crate::mcp::usual_list::UsualList;

type Endpoint = StreamableHttpService<Handler, LocalSessionManager>;

/// The endpoint for requests without a session, and the endpoint for sessions.
pub(super) struct Endpoints {
    /// Answers common requests without the SDK.
    pub(super) handler: Handler,
    pub(super) config: StreamableHttpServerConfig,
    /// The values of `Host` that are accepted, with any port.
    pub(super) hosts: Vec<String>,
    pub(super) stateless: Endpoint,
    /// Answers the requests of sessions that need the SDK.
    pub(super) of_sdk: Endpoint,
    /// The sessions that the SDK has restored.
    pub(super) of_sdk_sessions: Arc<LocalSessionManager>,
    pub(super) sessions: Arc<Sessions>,
    /// Whether the server sends messages to clients between requests.
    tells: bool,
}

impl Endpoints {
    pub(super) fn new(handler: Handler, config: &StreamableHttpServerConfig, max_sessions: usize) -> Self {
        let of_sdk_sessions = Arc::new(LocalSessionManager::default());
        let sessions = Arc::new(Sessions::new(max_sessions));
        let each = handler.clone();
        let stateless = Endpoint::new(
            move || Ok(each.for_session(Arc::new(Session::new()))),
            Arc::default(),
            config.clone().with_legacy_session_mode(false).with_json_response(true),
        );
        let each = handler.clone();
        let mut restoring = config.clone().with_legacy_session_mode(true);
        restoring.session_store = Some(Arc::<Sessions>::clone(&sessions));
        let of_sdk = Endpoint::new(
            move || {
                let state = STATE.try_with(Arc::clone);
                Ok(each.for_session(state.unwrap_or_else(|_| Arc::new(Session::new()))))
            },
            Arc::clone(&of_sdk_sessions),
            restoring,
        );
        let tells = handler.tells();
        let (hosts, config) = (config.allowed_hosts.clone(), config.clone());
        Self { handler, config, hosts, stateless, of_sdk, of_sdk_sessions, sessions, tells }
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
        if headers.contains_key(SESSION_ID) && !headers.contains_key(METHOD) {
            return self.in_session(request, body).await;
        }
        if request.method() != Method::POST || headers.contains_key(METHOD) {
            let may_ask = may_ask(headers.get(METHOD));
            let answer = self.stateless.handle(request).await.map(BodyExt::boxed_unsync);
            return if may_ask { with_raw_questions(answer).await } else { answer };
        }
        if let Some(revision) = usual_revision(&request, &self.hosts) {
            let extensions = request.extensions();
            if let Some(call) = UsualCall::parse(body).filter(|call| call.meta.is_none()) {
                return json(print(self.handler.answer_usual(call, &revision, None, extensions).await));
            }
            if let Some(list) = UsualList::parse(body).filter(UsualList::has_no_meta) {
                return json(self.handler.answer_usual_list(&list, None, false, extensions));
            }
        }
        if !self.needs_session(body) {
            return self.stateless.handle(request).await.map(BodyExt::boxed_unsync);
        }
        self.open_session(request, body).await
    }

    /// The ids of the open sessions.
    pub(super) fn open_sessions(&self) -> HashSet<String> {
        self.sessions.ids()
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
