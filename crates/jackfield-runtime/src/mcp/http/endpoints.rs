//! Decides for each HTTP request whether it needs a session.
//!
//! Requests of revision 2026-07-28, and most requests of older revisions, need no session. A client of an older
//! revision gets a session if the server can ask it questions, or if the server sends messages between requests.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use rmcp::model::ProtocolVersion;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::answer::{Answer, json};
use super::comments::PAUSE;
use super::opening::Opening;
use super::raw_answers::{may_ask, with_raw_questions};
use super::sessions::{IDLE, SESSION_ID, STATE, Sessions};
use super::usual::{METHOD, is_usual_list, usual_revision};
use crate::mcp::handler::Handler;
use crate::mcp::session::Session;
use crate::mcp::structured_text::print;
use crate::mcp::usual_call::UsualCall;
use crate::mcp::usual_list::UsualList;
use crate::mcp::usual_message::UsualMessage;

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
        let mut of_sdk_sessions = LocalSessionManager::default();
        of_sdk_sessions.session_config.keep_alive = Some(IDLE);
        let of_sdk_sessions = Arc::new(of_sdk_sessions);
        let config = &config.clone().with_sse_keep_alive(Some(PAUSE));
        let sessions = Arc::new(Sessions::new(max_sessions));
        let each = handler.clone();
        let stateless = Endpoint::new(
            move || Ok(each.for_session(session_for_handler())),
            Arc::default(),
            config.clone().with_legacy_session_mode(false).with_json_response(true),
        );
        let each = handler.clone();
        let mut restoring = config.clone().with_legacy_session_mode(true);
        restoring.session_store = Some(Arc::<Sessions>::clone(&sessions));
        let of_sdk = Endpoint::new(
            move || Ok(each.for_session(session_for_handler())),
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
        if headers.contains_key(METHOD) {
            return self.modern(request, body).await;
        }
        if headers.contains_key(SESSION_ID) {
            return self.in_session(request, body).await;
        }
        if request.method() != Method::POST {
            return self.stateless.handle(request).await.map(BodyExt::boxed_unsync);
        }
        let revision = usual_revision(&request, &self.hosts);
        let message = revision.is_some().then(|| UsualMessage::parse(body)).flatten();
        if let Some((revision, message)) = revision.as_ref().zip(message.as_ref()) {
            let extensions = request.extensions();
            if let Some(call) = UsualCall::of(message).filter(|call| call.meta.is_none()) {
                return json(print(self.handler.answer_usual(call, revision, None, extensions).await));
            }
            if let Some(list) = UsualList::of(message).filter(UsualList::has_no_meta) {
                return json(self.handler.answer_usual_list(&list, None, false, extensions));
            }
        }
        let may_open = match message {
            Some(message) => message.method == "initialize",
            None => std::str::from_utf8(body).is_ok_and(|text| text.contains("\"initialize\"")),
        };
        match may_open.then(|| Opening::parse(body)).flatten() {
            Some(opening) if self.tells || opening.can_be_asked() => {
                self.open_session(request, opening).await
            }
            _ => self.stateless.handle(request).await.map(BodyExt::boxed_unsync),
        }
    }

    /// Answers a request of revision 2026-07-28.
    async fn modern(&self, request: Request<Full<Bytes>>, body: &Bytes) -> Answer {
        if is_usual_list(&request, &self.hosts)
            && let Some(list) = UsualMessage::parse(body).as_ref().and_then(UsualList::of)
            && let Some(client) = list.client(ProtocolVersion::V_2026_07_28.as_str())
        {
            return json(self.handler.answer_usual_list(&list, client, true, request.extensions()));
        }
        let method = request.headers().get(METHOD);
        let may_ask = may_ask(method);
        // The SDK checks the headers of a call before it tells the handler who the caller is.
        let is_call = method.is_some_and(|method| method == "tools/call");
        let answer = match is_call.then(|| self.handler.session_of(request.extensions())).flatten() {
            Some(session) => STATE.scope(session, self.stateless.handle(request)).await,
            None => self.stateless.handle(request).await,
        };
        let answer = answer.map(BodyExt::boxed_unsync);
        if may_ask { with_raw_questions(answer).await } else { answer }
    }
}

/// The session of a request for which the SDK creates a handler.
fn session_for_handler() -> Arc<Session> {
    STATE.try_with(Arc::clone).unwrap_or_else(|_| Arc::new(Session::new()))
}
