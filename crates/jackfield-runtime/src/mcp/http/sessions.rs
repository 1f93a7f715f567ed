//! The open sessions of clients with MCP revisions that have `initialize`.
//!
//! A session in the SDK has tasks and queues, which take about 80 KB. So a session is only a record here, until a request needs the
//! SDK. Then the SDK restores the session from the record, as if another process had opened it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use rmcp::model::{InitializeRequestParams, NumberOrString};
use rmcp::transport::streamable_http_server::session::{SessionState, SessionStore, SessionStoreError};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::common::caller::{Capabilities, Principal};
use crate::mcp::session::Session;
use crate::mcp::session_client::SessionClient;

/// The header with the id of a session.
pub(super) const SESSION_ID: &str = "mcp-session-id";

/// The time for which a session stays open without a request, as a record and in the SDK.
pub(super) const IDLE: Duration = Duration::from_secs(300);

tokio::task_local! {
    /// The state of the session for which the SDK creates a handler.
    pub(super) static STATE: Arc<Session>;
}

/// The open sessions.
pub(super) struct Sessions {
    open: Mutex<HashMap<String, Arc<OpenSession>>>,
    /// The maximum number of open sessions.
    most: usize,
}

/// The error if the maximum number of sessions is open.
#[derive(Debug)]
pub(super) struct TooManySessions(pub(super) usize);

/// Returns the session id in the headers, if there is exactly one.
pub(super) fn session_in(headers: &HeaderMap) -> Option<&str> {
    let mut ids = headers.get_all(SESSION_ID).iter();
    let (id, None) = (ids.next()?, ids.next()) else { return None };
    id.to_str().ok()
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

/// Marks a session as in use by a request or a stream. While this value exists, the session is not ended as idle.
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

    /// Opens a session for the client. The session belongs to the owner of `state`. Sessions that have been idle for too long are ended
    /// first.
    ///
    /// # Errors
    /// Returns an error if the maximum number of sessions is open.
    pub(super) fn open(
        &self,
        id: String,
        client: SessionClient,
        parameters: InitializeRequestParams,
        state: Arc<Session>,
    ) -> Result<(), TooManySessions> {
        let usage = Mutex::new(Usage { in_flight: 0, last: Instant::now() });
        let session = OpenSession { client, state, parameters, usage, calls: Mutex::default() };
        let mut open = self.lock();
        let now = Instant::now();
        open.retain(|_, session| !session.ends_if_idle(now));
        if open.len() >= self.most {
            return Err(TooManySessions(self.most));
        }
        open.insert(id, Arc::new(session));
        Ok(())
    }

    /// Returns the session `id`, unless it has ended or belongs to another principal.
    pub(super) fn find(&self, id: &str, principal: &Principal) -> Option<InUse> {
        let mut open = self.lock();
        let session = open.get(id).filter(|session| session.belongs_to(principal))?;
        if session.ends_if_idle(Instant::now()) {
            open.remove(id);
            return None;
        }
        Some(InUse::of(Arc::clone(session)))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<OpenSession>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenSession {
    fn belongs_to(&self, principal: &Principal) -> bool {
        self.state.owner().is_some_and(|owner| owner.principal() == principal)
    }

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

    /// Stores nothing, because the SDK opens no sessions here.
    fn store<'s, 'i, 't, 'a>(&'s self, _: &'i str, _: &'t SessionState) -> Stored<'a, ()>
    where
        's: 'a,
        'i: 'a,
        't: 'a,
        Self: 'a,
    {
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
    use rmcp::model::{ClientCapabilities, Implementation, ProtocolVersion};

    use crate::common::caller::{Caller, Channel};

    fn named(name: &str) -> Principal {
        Principal::Token(name.to_owned())
    }

    fn try_open(sessions: &Sessions, id: &str, owner: Principal) -> Result<(), TooManySessions> {
        let parameters =
            InitializeRequestParams::new(ClientCapabilities::default(), Implementation::new("t", "1"));
        let state = Arc::new(Session::new());
        state.admit(&Caller::new(owner, Channel::Http)).unwrap();
        let client = SessionClient::of(&parameters, ProtocolVersion::V_2025_11_25);
        sessions.open(id.to_owned(), client, parameters, state)
    }

    fn opened(sessions: &Sessions, id: &str) {
        try_open(sessions, id, Principal::Local).unwrap();
    }

    fn find(sessions: &Sessions, id: &str) -> Option<InUse> {
        sessions.find(id, &Principal::Local)
    }

    #[tokio::test(start_paused = true)]
    async fn session_with_an_open_stream_is_not_idle() {
        let sessions = Sessions::new(2);
        opened(&sessions, "idle");
        opened(&sessions, "listens");
        let stream = find(&sessions, "listens").unwrap();
        tokio::time::advance(IDLE / 2).await;
        // A request prolongs the session.
        drop(find(&sessions, "idle").unwrap());
        tokio::time::advance(IDLE / 2).await;
        assert!(find(&sessions, "idle").is_some() && find(&sessions, "unknown").is_none());
        tokio::time::advance(IDLE).await;
        let mut end = stream.state.end();
        assert!(find(&sessions, "idle").is_none() && find(&sessions, "listens").is_some());
        drop(stream);
        tokio::time::advance(IDLE).await;
        opened(&sessions, "next");
        opened(&sessions, "last");
        assert!(end.has_changed().is_err() || end.changed().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn ended_session_does_not_count_towards_the_limit() {
        let sessions = Sessions::new(2);
        opened(&sessions, "a");
        opened(&sessions, "b");
        assert!(try_open(&sessions, "c", Principal::Local).is_err());
        sessions.delete("a").await.unwrap();
        assert!(find(&sessions, "a").is_none());
        opened(&sessions, "c");
        assert!(sessions.load("a").await.unwrap().is_none() && sessions.load("b").await.unwrap().is_some());
    }

    #[test]
    fn parallel_initializations_do_not_exceed_the_limit() {
        let sessions = Sessions::new(8);
        let open = |at: usize| try_open(&sessions, &at.to_string(), Principal::Local).is_ok();
        let opened = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..32).map(|at| scope.spawn(move || open(at))).collect();
            threads.into_iter().map(|it| it.join().unwrap()).filter(|is_open| *is_open).count()
        });
        assert_eq!((opened, sessions.lock().len()), (8, 8));
    }

    #[tokio::test(start_paused = true)]
    async fn session_serves_only_its_owner() {
        let sessions = Sessions::new(10);
        try_open(&sessions, "a", named("a")).unwrap();
        try_open(&sessions, "local", Principal::Local).unwrap();
        for (id, caller, is_found) in [
            ("a", named("a"), true),
            ("local", Principal::Local, true),
            ("a", named("b"), false),
            ("a", Principal::Local, false),
            ("local", named("a"), false),
            ("unknown", named("a"), false),
        ] {
            assert_eq!(sessions.find(id, &caller).is_some(), is_found, "{id} {caller}");
        }
        tokio::time::advance(IDLE - Duration::from_secs(1)).await;
        // A request of another caller does not prolong the session.
        assert!(sessions.find("a", &named("b")).is_none());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(sessions.find("a", &named("a")).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn open_session_keeps_its_owner_while_other_sessions_open_and_end() {
        let sessions = Sessions::new(4);
        try_open(&sessions, "kept", named("a")).unwrap();
        let in_use = sessions.find("kept", &named("a")).unwrap();
        for at in 0..1000 {
            let id = format!("s{at}");
            // Another caller opens as many sessions as it can, and lets some of them end as idle.
            while try_open(&sessions, &id, named("b")).is_err() {
                tokio::time::advance(IDLE).await;
            }
            assert!(sessions.lock().len() <= 4 && sessions.find("kept", &named("b")).is_none());
        }
        drop(in_use);
        assert!(sessions.find("kept", &named("a")).is_some());
    }

    #[test]
    fn session_id_that_one_request_sends_twice_is_ignored() {
        let headers = |ids: &[&str]| {
            let mut headers = HeaderMap::new();
            ids.iter().for_each(|id| _ = headers.append(SESSION_ID, id.parse().unwrap()));
            headers
        };
        assert_eq!(session_in(&headers(&["s1"])), Some("s1"));
        assert_eq!(
            [&headers(&[]), &headers(&["s1", "s1"]), &headers(&["s1", "s2"])].map(session_in),
            [None; 3]
        );
    }

    #[tokio::test]
    async fn cancellation_with_a_request_id_ends_only_the_call_with_this_id() {
        let sessions = Sessions::new(1);
        opened(&sessions, "a");
        let session = find(&sessions, "a").unwrap();
        let (first, second) = (NumberOrString::Number(1), NumberOrString::String("1".into()));
        let (one, other) = (session.begin_call(first.clone()), session.begin_call(second.clone()));
        assert!(session.cancel(&second));
        other.cancelled().await;
        drop(other);
        assert!(!session.cancel(&second) && session.cancel(&first));
        one.cancelled().await;
    }
}
