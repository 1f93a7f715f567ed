//! One other server: its sessions are begun when they are needed, ended when they are idle, and delayed by a back-off after failures.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use jackfield_runtime::{
    CallError, Caller, Environment, LogFeed, Principal, RemoteError, RemoteProblem, ResourceUpdates,
    ResourceWatch,
};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::announcements::Announcements;
use super::answered_error::problem_of;
use super::backoff::Backoff;
use super::clients::Clients;
use super::era::Era;
use super::keep_task::KeepTask;
use super::lists::ListFault;
use super::parked::ParkedCalls;
use super::pin_book::PinBook;
use super::pinned::{FetchedLists, PinnedServer};
use super::program_variables::secrets_of;
use super::ready_command::ReadyCommand;
use super::session::{InFlight, Session};
use super::session_key::key_of;
use super::slots::{Evicted, Slot, Slots};
use super::unreachable::Unreachable;
use super::watches::Watches;
use crate::config::{ConnectorEntry, ConnectorKind, Sessions};
use crate::connect::Connect;
use crate::wire::connection::Connection;
use crate::wire::http::HttpSettings;
use crate::wire::link_fault::LinkFault;

/// The minimum lifetime of a connection. A connection that ends earlier counts as a failure.
const STEADY: Duration = Duration::from_secs(10);
/// The maximum number of sessions of a connector over standard streams, where each session is a process, and over HTTP.
const MOST_CHILDREN: usize = 20;
const MOST_SESSIONS: usize = 1000;

/// The state of one connector that is another MCP server.
pub(crate) struct Upstream {
    pub(super) entry: ConnectorEntry,
    environment: Environment,
    pub(super) pins: Arc<PinBook>,
    /// The digest of the server's command or URL.
    pub(super) source: String,
    slots: Slots,
    backoff: Backoff,
    ready: ReadyCommand,
    /// The kind of revision of the last session.
    era: Mutex<Option<Era>>,
    pub(super) parked: Arc<ParkedCalls>,
    pub(super) logs: LogFeed,
    pub(super) updates: ResourceUpdates,
    pub(super) watches: Arc<Watches>,
    pub(super) clients: Arc<Clients>,
    follow: Follow,
    /// The pages on which callers connect their accounts.
    pub(super) connect: Option<Arc<Connect>>,
    /// Whether the server has refused a connection without an account of a caller.
    pub(super) is_refused: AtomicBool,
    /// The task that renews tokens.
    pub(super) keeping: OnceLock<KeepTask>,
}

/// A function that starts to follow a new session.
pub(super) type Follow = fn(&Arc<Upstream>, Option<&Principal>, &Arc<Session>, Arc<Notify>);

impl Upstream {
    pub(crate) fn new(entry: ConnectorEntry, environment: Environment, pins: Arc<PinBook>) -> Self {
        let source = entry.kind.digest();
        let most = if matches!(entry.kind, ConnectorKind::Child(_)) { MOST_CHILDREN } else { MOST_SESSIONS };
        let parked = Arc::new(ParkedCalls::new(entry.answer_timeout));
        Self {
            logs: LogFeed::new(entry.name.clone()),
            entry,
            environment,
            pins,
            source,
            slots: Slots::new(most),
            backoff: Backoff::default(),
            ready: ReadyCommand::default(),
            era: Mutex::default(),
            parked,
            updates: ResourceUpdates::new(),
            watches: Arc::default(),
            clients: Arc::default(),
            follow: |_, _, _, _| {},
            connect: None,
            is_refused: AtomicBool::new(false),
            keeping: OnceLock::new(),
        }
    }

    /// Sets the function that follows each new session.
    pub(super) fn followed_by(self, follow: Follow) -> Self {
        Self { follow, ..self }
    }

    pub(super) fn name(&self) -> &str {
        self.entry.name.as_str()
    }

    pub(super) const fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(super) const fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Returns the principal that the caller's session belongs to. Returns `None` if all callers share a session.
    pub(super) fn owner<'c>(&self, caller: &'c Caller) -> Option<&'c Principal> {
        (self.entry.sessions == Sessions::Agent).then_some(caller.principal())
    }

    /// Returns the recorded lists for a caller.
    pub(super) fn pinned_for(&self, caller: &Caller) -> Arc<PinnedServer> {
        self.pins.get(self.name(), &key_of(self.owner(caller))).unwrap_or_default()
    }

    /// Watches a resource for a client that has subscribed to it.
    pub(super) fn watch(self: &Arc<Self>, uri: &str, caller: &Caller) -> Option<ResourceWatch> {
        let owner = self.owner(caller).cloned();
        let watched = self.watches.add(&key_of(owner.as_ref()), uri)?;
        let (upstream, deadline) = (Arc::clone(self), Instant::now() + self.entry.timeout);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The task that follows the session subscribes to the resource.
            runtime.spawn(async move { upstream.session(owner.as_ref(), deadline).await.map(drop) });
        }
        Some(watched)
    }

    /// Returns a session whose lists were read recently.
    ///
    /// # Errors
    /// Returns an error if the server cannot be reached.
    pub(super) async fn fresh_session(
        self: &Arc<Self>,
        owner: Option<&Principal>,
        deadline: Instant,
    ) -> Result<InFlight, CallError> {
        let session = self.session(owner, deadline).await?;
        self.relist(owner, &session, deadline).await?;
        Ok(session)
    }

    /// Reads and records the lists of a session again, if they are old.
    pub(super) async fn relist(
        &self,
        owner: Option<&Principal>,
        session: &Session,
        deadline: Instant,
    ) -> Result<(), CallError> {
        let relisted = session.relist(deadline).await.map_err(|fault| match fault {
            ListFault::Link(LinkFault::NoAccount(missing)) => self.account_missing(missing),
            fault => self.down(fault.to_string()),
        })?;
        if let Some((lists, unrecorded)) = relisted {
            self.record(&key_of(owner), lists).await?;
            unrecorded.finish();
        }
        Ok(())
    }

    /// Begins a session in the background, and records its lists.
    pub(super) fn attach_in_background(self: &Arc<Self>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let upstream = Arc::clone(self);
        runtime.spawn(async move {
            let deadline = Instant::now() + upstream.entry.timeout;
            let owner = upstream.attaching_owner();
            // Without an account, the server would refuse again.
            if owner.is_some() || !upstream.is_refused.load(Relaxed) {
                // After a failure, the next request for a list tries again, when the back-off is over.
                let _ = upstream.session(owner.as_ref(), deadline).await;
            }
        });
    }

    /// Connects, reads the lists, and ends the connection.
    ///
    /// # Errors
    /// Returns an error if the server cannot be connected, or if its lists cannot be read.
    pub(crate) async fn probe(&self) -> Result<FetchedLists, Unreachable> {
        let unheard = Arc::new(Notify::new());
        let (session, lists) = self
            .connect(self.attaching_owner().as_ref(), &unheard, Instant::now() + self.entry.timeout)
            .await?;
        session.connection.close().await;
        Ok(self.marked(lists))
    }

    /// Returns the session of a principal, and begins it if necessary. The session is not ended as idle while the returned value lives.
    async fn session(
        self: &Arc<Self>,
        owner: Option<&Principal>,
        deadline: Instant,
    ) -> Result<InFlight, CallError> {
        let key = key_of(owner);
        let slot = self.slot(&key)?;
        let late = || self.failed(LinkFault::Unsent("it has not been connected in time".to_owned()));
        let mut state = timeout_at(deadline, slot.0.lock()).await.map_err(|_| late())?;
        if let Some(session) = &state.session {
            if !session.connection.is_closed() {
                return Ok(Session::enter(session));
            }
            let was_steady = state.began.is_some_and(|began| began.elapsed() >= STEADY);
            state.session = None;
            if was_steady {
                self.backoff.forgive();
            } else {
                self.backoff.fail("it ended soon after its start");
            }
        }
        if let Some(why) = self.backoff.refusal() {
            return Err(self.down(why));
        }
        let changed = Arc::new(Notify::new());
        match self.connect(owner, &changed, deadline).await {
            Ok((session, lists)) => {
                self.record(&key, lists).await?;
                let session = Arc::new(session);
                let in_flight = Session::enter(&session);
                let weak = Arc::downgrade(&session);
                tokio::spawn(end_when_idle(Arc::downgrade(self), Arc::downgrade(&slot), key, weak));
                (self.follow)(self, owner, &session, changed);
                (state.session, state.began) = (Some(session), Some(Instant::now()));
                self.backoff.end_pause();
                Ok(in_flight)
            }
            // The server has not failed, so a back-off must not delay other callers.
            Err(Unreachable { is_unauthorized: true, why, .. }) if self.needs_account(owner) => {
                self.is_refused.store(true, Relaxed);
                Err(self.down(why))
            }
            Err(Unreachable { no_account: Some(missing), .. }) => Err(self.account_missing(missing)),
            Err(Unreachable { why, last_words, .. }) => {
                tracing::warn!(connector = self.name(), %why, %last_words, "a server cannot be reached");
                self.backoff.fail(&why);
                Err(self.down(why))
            }
        }
    }

    /// Returns the slot of a key. An idle session is ended if there are too many.
    fn slot(&self, key: &str) -> Result<Arc<Slot>, CallError> {
        let (slot, evicted) = self.slots.get(key).map_err(|most| {
            // The client of the call was kept for a session that does not begin.
            self.clients.forget(key);
            self.down(format!("all {most} sessions with it are in use; try it again a little later"))
        })?;
        if let Some(Evicted { key, session }) = evicted {
            self.clients.forget(&key);
            if let Some(session) = session {
                tokio::spawn(async move { session.connection.close().await });
            }
        }
        Ok(slot)
    }

    /// Returns the open session of a key, if there is one.
    pub(super) async fn open_session(&self, key: &str) -> Option<InFlight> {
        let slot = self.slots.find(key)?;
        let state = slot.0.lock().await;
        state.session.as_ref().filter(|session| !session.connection.is_closed()).map(Session::enter)
    }

    async fn connect(
        &self,
        owner: Option<&Principal>,
        changed: &Arc<Notify>,
        deadline: Instant,
    ) -> Result<(Session, FetchedLists), Unreachable> {
        let known = *self.era.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = self.open(owner, changed).await.map_err(|fault| Unreachable::of(&fault, None))?;
        let mut begun = Session::begin(connection, known, deadline).await;
        // A child that exits at the unknown method `server/discover` is started again, and greeted with `initialize`.
        if let (None, Err(failed)) = (known, &begun)
            && matches!(self.entry.kind, ConnectorKind::Child(_))
            && failed.1.is_closed()
        {
            let connection =
                self.open(owner, changed).await.map_err(|fault| Unreachable::of(&fault, None))?;
            begun = Session::begin(connection, Some(Era::Legacy), deadline).await;
        }
        let mut era = self.era.lock().unwrap_or_else(PoisonError::into_inner);
        match begun {
            Ok((session, lists)) => {
                *era = Some(session.era);
                Ok((session, lists))
            }
            Err(failed) => {
                // The server may have another version next time.
                *era = None;
                let (fault, connection) = *failed;
                Err(match fault {
                    // The last of several requests had only the remaining time, so the error names the whole timeout.
                    ListFault::Link(LinkFault::Late(_)) => {
                        Unreachable::of(&LinkFault::Late(self.entry.timeout), Some(&connection))
                    }
                    ListFault::Link(fault) => Unreachable::of(&fault, Some(&connection)),
                    other => Unreachable {
                        why: other.to_string(),
                        ..Unreachable::of(&LinkFault::TooLarge, Some(&connection))
                    },
                })
            }
        }
    }

    async fn open(&self, owner: Option<&Principal>, changed: &Arc<Notify>) -> Result<Connection, LinkFault> {
        let (logs, updates) = (self.logs.clone(), self.updates.clone());
        let (changed, clients) = (Arc::clone(changed), Arc::clone(&self.clients));
        let announced = Arc::new(Announcements::new(logs, updates, owner.cloned(), changed, clients));
        let account = self.account_owner(owner);
        let secrets = secrets_of(self.name(), &self.entry.kind, account, &self.environment)?;
        match &self.entry.kind {
            ConnectorKind::Child(command) => {
                Connection::start(&self.ready.get(command).await?, &secrets, announced)
            }
            ConnectorKind::Http(upstream) => {
                let (pins, environment) = (self.pins.store(), &self.environment);
                let link = HttpSettings { pins, name: self.name(), upstream, environment, secrets: &secrets };
                Connection::open(&link, account, announced)
            }
            ConnectorKind::Served(_) | ConnectorKind::Linked(_) => {
                Err(LinkFault::Unsent("it is served from its folder".to_owned()))
            }
        }
    }

    /// Adds the digest of the server's command or URL to lists.
    fn marked(&self, lists: FetchedLists) -> FetchedLists {
        FetchedLists { source: self.source.clone(), ..lists }
    }

    /// Records the lists of the session `key`.
    async fn record(&self, key: &str, lists: FetchedLists) -> Result<(), CallError> {
        let lists = self.marked(lists);
        let (pins, name, key) = (Arc::clone(&self.pins), self.name().to_owned(), key.to_owned());
        let recorded = tokio::task::spawn_blocking(move || pins.record(&name, &key, lists)).await;
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

    /// Removes a session that the server does not know any more.
    pub(super) async fn forget(&self, owner: Option<&Principal>, ended: &InFlight) {
        let key = key_of(owner);
        let Some(slot) = self.slots.find(&key) else { return };
        let mut state = slot.0.lock().await;
        if state.session.as_ref().is_some_and(|session| ended.is_of(session)) {
            state.session = None;
        }
    }

    pub(super) fn down(&self, why: String) -> CallError {
        self.remote(RemoteProblem::Down(why))
    }

    pub(super) fn remote(&self, problem: RemoteProblem) -> CallError {
        CallError::Remote(RemoteError::new(self.name(), problem))
    }

    pub(super) fn failed(&self, fault: LinkFault) -> CallError {
        let text = fault.to_string();
        self.remote(match fault {
            LinkFault::NoAccount(missing) => return self.account_missing(missing),
            LinkFault::Unsent(_) | LinkFault::SessionEnded => RemoteProblem::Down(text),
            LinkFault::Late(_) => RemoteProblem::NoAnswer(text),
            LinkFault::Ended(_) => RemoteProblem::Ended(text),
            LinkFault::TooLarge | LinkFault::Unreadable(_) => RemoteProblem::Unreadable(text),
            LinkFault::Refused(status, why) => RemoteProblem::Answered { code: status.into(), message: why },
            LinkFault::Answered(error) => match problem_of(error) {
                Ok(error) => return error,
                Err(problem) => problem,
            },
        })
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({})", self.name())
    }
}

/// Waits until a session is idle or closed, and then ends it.
async fn end_when_idle(upstream: Weak<Upstream>, slot: Weak<Slot>, key: String, session: Weak<Session>) {
    let Some(idle) = upstream.upgrade().map(|upstream| upstream.entry.idle) else { return };
    let mut wait = idle;
    loop {
        tokio::time::sleep(wait).await;
        let (Some(upstream), Some(slot), Some(session)) =
            (upstream.upgrade(), slot.upgrade(), session.upgrade())
        else {
            return;
        };
        // A request takes the session only while it holds this lock, so a request cannot begin meanwhile.
        let mut state = slot.0.lock().await;
        let unused = session.idle_for();
        let is_closed = session.connection.is_closed();
        let is_watched = upstream.watches.has(&key);
        if !is_closed && (unused < idle || is_watched) {
            wait = if is_watched { idle } else { idle - unused };
            continue;
        }
        if !is_closed {
            state.session.take_if(|kept| Arc::ptr_eq(kept, &session));
        }
        // A later session of the same key keeps its client.
        if state.session.as_ref().is_none_or(|kept| Arc::ptr_eq(kept, &session)) {
            upstream.clients.forget(&key);
        }
        drop(state);
        drop(slot);
        upstream.slots.forget(&key);
        if !is_closed {
            tracing::debug!(connector = upstream.name(), "an idle connection is closed");
            session.connection.close().await;
        }
        return;
    }
}
