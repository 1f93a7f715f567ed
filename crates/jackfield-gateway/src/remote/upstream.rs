//! One other server: connected when it is first needed, ended when it is idle, and left alone for a while after failures.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jackfield_runtime::{CallError, Environment, Progress, RemoteError, RemoteProblem};
use serde_json::{Map, Value};
use tokio::sync::MutexGuard;
use tokio::time::{Instant, timeout_at};

use super::lists::ListFault;
use super::pin_book::PinBook;
use super::pinned::{FetchedLists, PinnedServer};
use super::session::{InFlight, Session};
use crate::config::{ConnectorEntry, ConnectorKind};
use crate::wire::connection::Connection;
use crate::wire::link_fault::LinkFault;

/// The longest time for which a server that fails is left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A server that ends sooner after its start counts as one that has failed.
const STEADY: Duration = Duration::from_secs(10);

/// Another server.
pub(crate) struct Upstream {
    pub(super) entry: ConnectorEntry,
    environment: Environment,
    pub(super) pins: Arc<PinBook>,
    /// The digest of its command or address.
    pub(super) source: String,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    began: Option<Instant>,
    /// The failures since the last connection that lasted.
    failures: u32,
    /// The time until which it is left alone, and why.
    pause: Option<(Instant, String)>,
}

/// Why a server could not be reached, and the end of a child's stderr.
pub(crate) struct Unreachable {
    pub(crate) why: String,
    pub(crate) last_words: String,
}

impl Upstream {
    pub(crate) fn new(entry: ConnectorEntry, environment: Environment, pins: Arc<PinBook>) -> Self {
        let source = entry.kind.digest();
        Self { entry, environment, pins, source, state: tokio::sync::Mutex::default() }
    }

    pub(super) fn name(&self) -> &str {
        self.entry.name.as_str()
    }

    /// Sends a request. `check` decides by the newest lists whether it may still be sent.
    ///
    /// # Errors
    /// Returns an error if the check refuses it, or if there is no answer that can be used.
    pub(super) async fn request(
        self: &Arc<Self>,
        method: &str,
        params: Map<String, Value>,
        progress: &Progress,
        deadline: Instant,
        check: impl Fn(&PinnedServer) -> Result<(), CallError>,
    ) -> Result<Value, CallError> {
        let deadline = deadline.min(Instant::now() + self.entry.timeout);
        let mut is_repeated = false;
        loop {
            let session = self.session(deadline).await?;
            let relisted = session.relist(deadline).await.map_err(|fault| self.down(fault.to_string()))?;
            if let Some((lists, unrecorded)) = relisted {
                self.record(lists).await?;
                unrecorded.finish();
            }
            check(&self.pins.get(self.name()).unwrap_or_default())?;
            let connection = &session.connection;
            let answer = connection.request(method, params.clone(), Some(progress), deadline).await;
            match answer {
                Ok(answer) => return Ok(answer),
                // The server has not acted, so the request is sent once more, in a new session.
                Err(LinkFault::SessionEnded) if !is_repeated => {
                    self.forget(&session).await;
                    is_repeated = true;
                }
                Err(fault) => return Err(self.failed(fault)),
            }
        }
    }

    /// Connects in the background, and records the lists.
    pub(super) fn attach_in_background(self: &Arc<Self>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let upstream = Arc::clone(self);
        runtime.spawn(async move {
            let deadline = Instant::now() + upstream.entry.timeout;
            // The next list tries it again, after a pause.
            let _ = upstream.session(deadline).await;
        });
    }

    /// Connects, reads the lists, and ends the connection.
    ///
    /// # Errors
    /// Returns an error if the server does not answer as a server does.
    pub(crate) async fn probe(&self) -> Result<FetchedLists, Unreachable> {
        let (session, lists) = self.connect(Instant::now() + self.entry.timeout).await?;
        session.connection.close().await;
        Ok(self.marked(lists))
    }

    /// The session, which is begun if there is none. It is not ended as idle while the value lives.
    async fn session(self: &Arc<Self>, deadline: Instant) -> Result<InFlight, CallError> {
        let late = || self.failed(LinkFault::Unsent("it has not been connected in time".to_owned()));
        let mut state = timeout_at(deadline, self.state.lock()).await.map_err(|_| late())?;
        if let Some(session) = &state.session {
            if !session.connection.is_closed() {
                return Ok(Session::enter(session));
            }
            let was_steady = state.began.is_some_and(|began| began.elapsed() >= STEADY);
            state.session = None;
            if was_steady {
                state.failures = 0;
            } else {
                state.fail("it ended soon after its start");
            }
        }
        if let Some((until, why)) = &state.pause {
            let left = until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                let seconds = left.as_secs() + 1;
                return Err(self.down(format!("{why}; it is tried again in {seconds} s")));
            }
        }
        match self.connect(deadline).await {
            Ok((session, lists)) => {
                self.record(lists).await?;
                Ok(self.keep(&mut state, session))
            }
            Err(Unreachable { why, last_words }) => {
                tracing::warn!(connector = self.name(), %why, %last_words, "a server cannot be reached");
                state.fail(&why);
                Err(self.down(why))
            }
        }
    }

    fn keep(self: &Arc<Self>, state: &mut MutexGuard<'_, State>, session: Session) -> InFlight {
        let session = Arc::new(session);
        let in_flight = Session::enter(&session);
        tokio::spawn(end_when_idle(Arc::downgrade(self), Arc::downgrade(&session), self.entry.idle));
        (state.session, state.began, state.pause) = (Some(session), Some(Instant::now()), None);
        in_flight
    }

    async fn connect(&self, deadline: Instant) -> Result<(Session, FetchedLists), Unreachable> {
        let connection = match &self.entry.kind {
            ConnectorKind::Child(command) => Connection::start(command),
            ConnectorKind::Http(upstream) => Connection::open(self.name(), upstream, &self.environment),
            ConnectorKind::Served(_) | ConnectorKind::Linked(_) => {
                Err(LinkFault::Unsent("it is served from its folder".to_owned()))
            }
        };
        let unreachable = |why: String, connection: Option<&Connection>| Unreachable {
            why,
            last_words: connection.map(Connection::last_words).unwrap_or_default(),
        };
        let connection = connection.map_err(|fault| unreachable(fault.to_string(), None))?;
        Session::begin(connection, deadline).await.map_err(|failed| {
            let (fault, connection) = *failed;
            // The last of several requests had only the rest of the time.
            let fault = match fault {
                ListFault::Link(LinkFault::Late(_)) => ListFault::Link(LinkFault::Late(self.entry.timeout)),
                other => other,
            };
            unreachable(fault.to_string(), Some(&connection))
        })
    }

    /// Lists with the digest of this server's command or address.
    fn marked(&self, lists: FetchedLists) -> FetchedLists {
        FetchedLists { source: self.source.clone(), ..lists }
    }

    async fn record(&self, lists: FetchedLists) -> Result<(), CallError> {
        let lists = self.marked(lists);
        let (pins, name) = (Arc::clone(&self.pins), self.name().to_owned());
        let recorded = tokio::task::spawn_blocking(move || pins.record(&name, lists)).await;
        let server = match recorded {
            Ok(Ok(server)) => server,
            Ok(Err(error)) => return Err(self.down(format!("its lists cannot be recorded: {error}"))),
            Err(_) => return Err(self.down("its lists cannot be recorded".to_owned())),
        };
        let withheld: Vec<&str> = server.withheld().map(|entry| entry.name.as_str()).collect();
        if !withheld.is_empty() {
            tracing::warn!(connector = self.name(), ?withheld, "tools are withheld until `accept`");
        }
        Ok(())
    }

    /// Forgets a session that the server no longer knows.
    async fn forget(&self, ended: &InFlight) {
        let mut state = self.state.lock().await;
        if state.session.as_ref().is_some_and(|session| ended.is_of(session)) {
            state.session = None;
        }
    }

    fn down(&self, why: String) -> CallError {
        CallError::Remote(RemoteError::new(self.name(), RemoteProblem::Down(why)))
    }

    fn failed(&self, fault: LinkFault) -> CallError {
        let text = fault.to_string();
        let problem = match fault {
            LinkFault::Unsent(_) | LinkFault::SessionEnded => RemoteProblem::Down(text),
            LinkFault::Late(_) => RemoteProblem::NoAnswer(text),
            LinkFault::Ended(_) => RemoteProblem::Ended(text),
            LinkFault::TooLarge | LinkFault::Unreadable(_) => RemoteProblem::Unreadable(text),
            LinkFault::Refused(status, why) => RemoteProblem::Answered { code: status.into(), message: why },
            LinkFault::Answered(error) => {
                RemoteProblem::Answered { code: error.code, message: error.message }
            }
        };
        CallError::Remote(RemoteError::new(self.name(), problem))
    }
}

impl State {
    /// Records a failure, and how long the server is left alone.
    fn fail(&mut self, why: &str) {
        let pause = Duration::from_secs(1 << self.failures.min(6)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.pause = Some((Instant::now() + pause, why.to_owned()));
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({})", self.name())
    }
}

/// Ends a session that is idle.
async fn end_when_idle(upstream: Weak<Upstream>, session: Weak<Session>, idle: Duration) {
    let mut wait = idle;
    loop {
        tokio::time::sleep(wait).await;
        let (Some(upstream), Some(session)) = (upstream.upgrade(), session.upgrade()) else { return };
        // A request takes the session while it holds the state, so none begins meanwhile.
        let mut state = upstream.state.lock().await;
        let unused = session.idle_for();
        if session.connection.is_closed() {
            return;
        }
        if unused >= idle {
            state.session.take_if(|kept| Arc::ptr_eq(kept, &session));
            drop(state);
            tracing::debug!(connector = upstream.name(), "an idle connection is ended");
            session.connection.close().await;
            return;
        }
        wait = idle - unused;
    }
}
