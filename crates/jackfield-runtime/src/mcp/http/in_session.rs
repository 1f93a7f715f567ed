//! Handles the requests that open or use a session.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, HeaderName, HeaderValue};
use http::{Extensions, HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use jackfield_recipe::hex_encode;
use rmcp::model::{InitializeRequestParams, JsonRpcMessage, ServerResult};
use rmcp::transport::streamable_http_server::SessionManager as _;
use tokio::sync::mpsc;

use super::activity::keep_while_streaming;
use super::announcement_stream::AnnouncementStream;
use super::answer::{Answer, events, json, refusal, status};
use super::endpoints::Endpoints;
use super::opening::Opening;
use super::running_answer::RunningAnswer;
use super::sessions::{InUse, SESSION_ID, STATE, SessionCall, TooManySessions, session_in};
use super::usual::{REVISION, is_known_revision, is_usual_in_session, usual_revision};
use crate::common::random::random_bytes;
use crate::mcp::announcing::{Changes, tell_session};
use crate::mcp::handler::{Handler, principal_of};
use crate::mcp::listener::Listener;
use crate::mcp::lists;
use crate::mcp::session::{MAX_STREAMS, Session};
use crate::mcp::structured_text::print;
use crate::mcp::usual_call::UsualCall;
use crate::mcp::usual_list::UsualList;
use crate::mcp::usual_message::UsualMessage;

/// The maximum number of queued events of a stream.
const EVENTS: usize = 16;
/// The header with which a client resumes the stream of a call.
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");
/// The methods whose response depends only on the caller. They are handled without the state of the session.
const WITHOUT_SESSION: [&str; 5] =
    ["ping", "notifications/initialized", "prompts/list", "resources/list", "resources/templates/list"];

impl Endpoints {
    /// Opens a session.
    pub(super) async fn open_session(&self, request: Request<Full<Bytes>>, opening: Opening) -> Answer {
        let Opening { id, parameters } = opening;
        let state = Arc::new(Session::new());
        state.set_told(Changes::mark_of(&self.handler.current));
        let (result, client) = match self.handler.greet(&parameters, &state, request.extensions()) {
            Ok(greeted) => greeted,
            Err(error) => return json(print(JsonRpcMessage::error(error, Some(id)))),
        };
        if !self.may_open(&request, &parameters) {
            let checked = self.stateless.handle(request).await;
            if !checked.status().is_success() {
                return checked.map(|body| body.boxed_unsync());
            }
        }
        let id_of_session = random_bytes::<16>().ok().map(|bytes| hex_encode(bytes.as_ref()));
        let header = id_of_session.as_ref().and_then(|id| HeaderValue::from_str(id).ok());
        let (Some(id_of_session), Some(header)) = (id_of_session, header) else {
            return status(StatusCode::INTERNAL_SERVER_ERROR, "This machine gives no random bytes.\n");
        };
        if let Err(TooManySessions(limit)) = self.sessions.open(id_of_session, client, parameters, state) {
            let text = format!("Too many sessions are open (limit {limit}, set by --max-sessions).\n");
            return refusal(StatusCode::SERVICE_UNAVAILABLE, text);
        }
        let mut answer = json(print(JsonRpcMessage::response(ServerResult::InitializeResult(result), id)));
        answer.headers_mut().insert(SESSION_ID, header);
        answer
    }

    /// Whether a session may be opened without a check by the SDK, which validates `Host`, `Origin` and other uncommon headers.
    fn may_open(&self, request: &Request<Full<Bytes>>, parameters: &InitializeRequestParams) -> bool {
        let revision = request.headers().get(REVISION).map(|it| it.to_str().unwrap_or_default());
        usual_revision(request, &self.hosts).is_some()
            && revision.is_none_or(|it| it == parameters.protocol_version.as_str())
            && parameters.meta.is_none()
    }

    /// Answers a request in a session.
    pub(super) async fn in_session(&self, request: Request<Full<Bytes>>, body: &Bytes) -> Answer {
        let caller = principal_of(request.extensions());
        let Some(session) = session_in(request.headers()).and_then(|id| self.sessions.find(id, caller))
        else {
            return status(StatusCode::NOT_FOUND, "There is no session with this id.\n");
        };
        let resumes = request.headers().contains_key(LAST_EVENT);
        let answer = match *request.method() {
            Method::GET if !resumes => self.listen(request, &session).await,
            Method::POST if is_usual_in_session(&request, &self.hosts) => {
                self.post(request, body, &session).await
            }
            _ => self.by_sdk(request, &session).await,
        };
        keep_while_streaming(answer, session)
    }

    async fn by_sdk(&self, request: Request<Full<Bytes>>, session: &InUse) -> Answer {
        let state = Arc::clone(&session.state);
        STATE.scope(state, self.of_sdk.handle(request)).await.map(|body| body.boxed_unsync())
    }

    async fn post(&self, request: Request<Full<Bytes>>, body: &Bytes, session: &InUse) -> Answer {
        let Some(message) = UsualMessage::parse(body) else { return self.by_sdk(request, session).await };
        if session.has_plain_calls()
            && let Some(call) = UsualCall::of(&message).filter(UsualCall::wants_only_an_answer)
        {
            let running = session.begin_call(call.id.clone());
            let (handler, extensions) = (self.handler.clone(), request.into_parts().0.extensions);
            return RunningAnswer::of(answer(handler, call, running, extensions)).response().await;
        }
        if let Some(list) = UsualList::of(&message).filter(UsualList::has_no_meta) {
            let agent = Some(session.client.agent.clone());
            return json(self.handler.answer_usual_list(&list, agent, false, request.extensions()));
        }
        if WITHOUT_SESSION.contains(&message.method) {
            return self.stateless.handle(request).await.map(|body| body.boxed_unsync());
        }
        match message.cancelled_call() {
            Some(call) if session.cancel(&call) || !self.sdk_has(request.headers()).await => {
                status(StatusCode::ACCEPTED, "")
            }
            _ => self.by_sdk(request, session).await,
        }
    }

    /// Whether the SDK holds the session.
    async fn sdk_has(&self, headers: &HeaderMap) -> bool {
        let Some(id) = session_in(headers) else { return false };
        self.of_sdk_sessions.has_session(&id.into()).await.unwrap_or(false)
    }

    /// Opens the stream of notifications for the client.
    async fn listen(&self, request: Request<Full<Bytes>>, session: &InUse) -> Answer {
        let (head, _) = request.into_parts();
        let accepts = head.headers.get_all(ACCEPT).iter().filter_map(|it| it.to_str().ok());
        let takes_events = accepts.flat_map(|it| it.split(',')).any(|it| {
            let essence = it.split(';').next().unwrap_or_default();
            essence.trim().eq_ignore_ascii_case("text/event-stream")
        });
        let knows_revision = is_known_revision(&head.headers);
        // The stateless handler of the SDK checks `Host` and `Origin`. If they are allowed, it refuses the method with 405.
        let checked = self.stateless.handle(Request::from_parts(head, Full::<Bytes>::default())).await;
        if checked.status() != StatusCode::METHOD_NOT_ALLOWED {
            return checked.map(|body| body.boxed_unsync());
        }
        if !takes_events {
            return status(StatusCode::NOT_ACCEPTABLE, "Clients have to accept text/event-stream.\n");
        }
        if !knows_revision {
            return status(StatusCode::BAD_REQUEST, "The header `mcp-protocol-version` is not known.\n");
        }
        let (sender, queued) = mpsc::channel(EVENTS);
        let telling = tell_session(self.handler.current.clone(), Listener::Stream(sender), &session.state);
        let Some(telling) = telling else {
            let text = format!("The session has too many streams (limit {MAX_STREAMS}).\n");
            return refusal(StatusCode::CONFLICT, text);
        };
        let end = self.config.cancellation_token.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = telling => {}
                () = end.cancelled() => {}
            }
        });
        events(AnnouncementStream::new(queued))
    }
}

/// Answers a call, unless its client cancels it.
async fn answer(
    handler: Handler,
    call: UsualCall,
    running: SessionCall,
    extensions: Extensions,
) -> serde_json::Result<Vec<u8>> {
    let (id, client) = (call.id.clone(), running.client());
    let agent = Some(client.agent.clone());
    print(tokio::select! {
        answer = handler.answer_usual(call, &client.revision, agent, &extensions) => answer,
        () = running.cancelled() => JsonRpcMessage::error(lists::cancelled(), Some(id)),
    })
}
