//! The open sessions of clients with MCP revisions that have `initialize`.
//!
//! A session in the SDK has tasks and queues, which take about 80 KB. So a session is only a record here, until a request needs the
//! SDK. Then the SDK restores the session from the record, as if another process had opened it.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::{InitializeRequestParams, NumberOrString, ProtocolVersion};
use rmcp::transport::streamable_http_server::session::{SessionState, SessionStore, SessionStoreError};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::common::caller::Capabilities;
use crate::mcp::session::Session;
use crate::mcp::session_client::SessionClient;

/// How long a session stays open without a request.
const IDLE: Duration = Duration::from_secs(300);

tokio::task_local! {
    /// The state of the session for which the SDK creates a handler.
    pub(super) static STATE: Arc<Session>;
}

/// The open sessions.
pub(super) struct Sessions {
    open: Mutex<HashMap<String, Arc<OpenSession>>>,
    /// The maximum number of open sessions.
    pub(super) most: usize,
}

/// A session.
pub(super) struct OpenSession {
    pub(super) client: SessionClient,
    pub(super) state: Arc<Session>,
    /// The parameters of `initialize`, with which the SDK restores the session.
    parameters: InitializeRequestParams,
    usage: Mutex<Usage>,
    /// The calls that are answered without the SDK, each with the signal that cancels it.
    calls: Mutex<Vec<(NumberOrString, Arc<Notify>)>>,
}

struct Usage {
    /// The number of requests and streams in flight.
    in_flight: usize,
    last: Instant,
}

/// A use of a session by a request or a stream. The session is not ended as idle while this value lives.
pub(super) struct InUse(Arc<OpenSession>);

/// A call that is answered without the SDK. The session is not ended as idle while this value lives.
pub(super) struct SessionCall {
    session: InUse,
    cancel: Arc<Notify>,
}

impl Sessions {
    pub(super) fn new(most: usize) -> Self {
        Self { open: Mutex::default(), most }
    }

    /// Ends sessions that have been idle for too long. Returns whether another session may be opened.
    pub(super) fn have_room(&self) -> bool {
        let mut open = self.lock();
        let now = Instant::now();
        open.retain(|_, session| !session.ends_if_idle(now));
        open.len() < self.most
    }

    /// Opens a session.
    pub(super) fn open(
        &self,
        id: String,
        parameters: InitializeRequestParams,
        revision: ProtocolVersion,
        state: Arc<Session>,
    ) {
        let client = SessionClient::of(&parameters, revision);
        let usage = Mutex::new(Usage { in_flight: 0, last: Instant::now() });
        let session = OpenSession { client, state, parameters, usage, calls: Mutex::default() };
        self.lock().insert(id, Arc::new(session));
    }

    /// Returns the session `id`, unless it has ended.
    pub(super) fn find(&self, id: &str) -> Option<InUse> {
        let mut open = self.lock();
        let session = open.get(id)?;
        if session.ends_if_idle(Instant::now()) {
            open.remove(id);
            return None;
        }
        Some(InUse::of(Arc::clone(session)))
    }

    /// Returns the ids of the open sessions.
    pub(super) fn ids(&self) -> HashSet<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<OpenSession>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenSession {
    /// Whether a call only needs a response, because the client supports neither questions nor tasks and has not asked for log messages.
    pub(super) fn has_plain_calls(&self) -> bool {
        self.client.capabilities == Capabilities::default() && self.state.level().is_none()
    }

    /// Cancels the call with a JSON-RPC id. Returns whether there is such a call.
    pub(super) fn cancel(&self, id: &NumberOrString) -> bool {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let found = calls.iter().find(|(call, _)| call == id);
        found.inspect(|(_, cancel)| cancel.notify_one()).is_some()
    }

    fn ends_if_idle(&self, now: Instant) -> bool {
        let usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = usage.in_flight == 0 && usage.last + IDLE <= now;
        if is_over {
            self.state.close();
        }
        is_over
    }

    fn used(&self, change: impl FnOnce(&mut usize)) {
        let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut usage.in_flight);
        usage.last = Instant::now();
    }
}

impl InUse {
    fn of(session: Arc<OpenSession>) -> Self {
        session.used(|in_flight| *in_flight += 1);
        Self(session)
    }

    /// Begins a call that is answered without the SDK.
    pub(super) fn begin_call(&self, id: NumberOrString) -> SessionCall {
        let cancel = Arc::new(Notify::new());
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push((id, Arc::clone(&cancel)));
        SessionCall { session: Self::of(Arc::clone(&self.0)), cancel }
    }
}

impl std::ops::Deref for InUse {
    type Target = OpenSession;

    fn deref(&self) -> &OpenSession {
        &self.0
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.used(|in_flight| *in_flight = in_flight.saturating_sub(1));
    }
}

impl SessionCall {
    pub(super) fn client(&self) -> &SessionClient {
        &self.session.client
    }

    /// Returns when the client cancels the call.
    pub(super) async fn cancelled(&self) {
        self.cancel.notified().await;
    }
}

impl Drop for SessionCall {
    fn drop(&mut self) {
        let mut calls = self.session.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.retain(|(_, cancel)| !Arc::ptr_eq(cancel, &self.cancel));
    }
}

type Stored<'a, T> = Pin<Box<dyn Future<Output = Result<T, SessionStoreError>> + Send + 'a>>;

/// The store from which the SDK restores sessions.
impl SessionStore for Sessions {
    fn load<'s, 'i, 'a>(&'s self, id: &'i str) -> Stored<'a, Option<SessionState>>
    where
        's: 'a,
        'i: 'a,
        Self: 'a,
    {
        let parameters = self.lock().get(id).map(|session| session.parameters.clone());
        Box::pin(std::future::ready(Ok(parameters.map(SessionState::new))))
    }

    /// Stores a session that the SDK has opened.
    fn store<'s, 'i, 't, 'a>(&'s self, id: &'i str, state: &'t SessionState) -> Stored<'a, ()>
    where
        's: 'a,
        'i: 'a,
        't: 'a,
        Self: 'a,
    {
        let session = STATE.try_with(Arc::clone).unwrap_or_else(|_| Arc::new(Session::new()));
        let parameters = state.initialize_params.clone();
        let revision = parameters.protocol_version.clone();
        self.open(id.to_owned(), parameters, revision, session);
        Box::pin(std::future::ready(Ok(())))
    }

    fn delete<'s, 'i, 'a>(&'s self, id: &'i str) -> Stored<'a, ()>
    where
        's: 'a,
        'i: 'a,
        Self: 'a,
    {
        if let Some(session) = self.lock().remove(id) {
            session.state.close();
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rmcp::model::{ClientCapabilities, Implementation};

    fn opened(sessions: &Sessions, id: &str) {
        let parameters =
            InitializeRequestParams::new(ClientCapabilities::default(), Implementation::new("t", "1"));
        let state = Arc::new(Session::new());
        sessions.open(id.to_owned(), parameters, ProtocolVersion::V_2025_11_25, state);
    }

    #[tokio::test(start_paused = true)]
    async fn session_with_an_open_stream_is_not_idle() {
        let sessions = Sessions::new(10);
        opened(&sessions, "idle");
        opened(&sessions, "listens");
        let stream = sessions.find("listens").unwrap();
        tokio::time::advance(IDLE / 2).await;
        // A request prolongs the session.
        drop(sessions.find("idle").unwrap());
        tokio::time::advance(IDLE / 2).await;
        assert!(sessions.find("idle").is_some() && sessions.find("unknown").is_none());
        tokio::time::advance(IDLE).await;
        let mut end = stream.state.end();
        assert!(sessions.find("idle").is_none() && sessions.find("listens").is_some());
        drop(stream);
        tokio::time::advance(IDLE).await;
        assert!(sessions.have_room() && sessions.ids().is_empty());
        assert!(end.has_changed().is_err() || end.changed().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn ended_session_does_not_count_towards_the_limit() {
        let sessions = Sessions::new(2);
        opened(&sessions, "a");
        assert!(sessions.have_room());
        opened(&sessions, "b");
        assert!(!sessions.have_room());
        sessions.delete("a").await.unwrap();
        assert!(sessions.have_room() && sessions.find("a").is_none());
        assert!(sessions.load("a").await.unwrap().is_none() && sessions.load("b").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn cancellation_ends_only_the_call_with_that_id() {
        let sessions = Sessions::new(1);
        opened(&sessions, "a");
        let session = sessions.find("a").unwrap();
        let (first, second) = (NumberOrString::Number(1), NumberOrString::String("1".into()));
        let (one, other) = (session.begin_call(first.clone()), session.begin_call(second.clone()));
        assert!(session.cancel(&second));
        other.cancelled().await;
        drop(other);
        assert!(!session.cancel(&second) && session.cancel(&first));
        one.cancelled().await;
    }
}
