//! A session with a server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_runtime::LogLevel;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::era::{CLIENT, Era};
use super::greeting::{Greeting, greet};
use super::lists::{self, ListFault};
use super::pinned::FetchedLists;
use crate::wire::connection::Connection;
use crate::wire::link_fault::LinkFault;

/// The maximum age of the lists when a tool is called. A server may change its lists without a notification.
const FRESH: Duration = Duration::from_secs(60);

/// The timeout of `logging/setLevel`.
const LONGEST_SETTING: Duration = Duration::from_secs(2);

/// A session with a server.
pub(crate) struct Session {
    pub(super) connection: Connection,
    pub(super) era: Era,
    capabilities: Map<String, Value>,
    /// The most verbose level that was set with `logging/setLevel`.
    level: tokio::sync::Mutex<Option<LogLevel>>,
    /// The time at which the lists were read. `None` if they have to be read again.
    listed: tokio::sync::Mutex<Option<Instant>>,
    last_used: Mutex<Instant>,
    in_flight: AtomicUsize,
}

/// A use of a session by a request. The session is not ended as idle while this value lives.
pub(super) struct InFlight(Arc<Session>);

impl InFlight {
    /// Adds another use of the same session.
    pub(super) fn again(&self) -> Self {
        Session::enter(&self.0)
    }

    pub(super) fn is_of(&self, session: &Arc<Session>) -> bool {
        Arc::ptr_eq(&self.0, session)
    }
}

impl std::ops::Deref for InFlight {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        *self.0.last_used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A guard for lists that were read but not recorded yet. Other calls wait while it lives. If it is dropped without `finish`, the next
/// call reads the lists again.
pub(super) struct Unrecorded<'s>(tokio::sync::MutexGuard<'s, Option<Instant>>);

impl Unrecorded<'_> {
    /// Marks the lists as recorded, so that waiting calls continue.
    pub(super) fn finish(mut self) {
        *self.0 = Some(Instant::now());
    }
}

impl Session {
    /// Negotiates a revision with the server, and reads its lists.
    ///
    /// # Errors
    /// Returns an error and the connection if the negotiation fails, or if the lists cannot be read.
    pub(super) async fn begin(
        connection: Connection,
        known: Option<Era>,
        deadline: Instant,
    ) -> Result<(Self, FetchedLists), Box<(ListFault, Connection)>> {
        match greeted(&connection, known, deadline).await {
            Ok((era, capabilities, lists)) => {
                let (now, in_flight) = (Instant::now(), AtomicUsize::new(0));
                let (listed, last_used) = (tokio::sync::Mutex::new(Some(now)), Mutex::new(now));
                let level = tokio::sync::Mutex::default();
                Ok((Self { connection, era, capabilities, level, listed, last_used, in_flight }, lists))
            }
            Err(fault) => Err(Box::new((fault, connection))),
        }
    }

    /// Sets the level of the server's log messages, if it is more verbose than the current level. A failure does not fail the call.
    pub(super) async fn want_logs(&self, level: LogLevel, deadline: Instant) {
        if self.era == Era::Modern || !self.capabilities.contains_key("logging") {
            return;
        }
        let mut wanted = self.level.lock().await;
        if wanted.is_none_or(|wanted| level < wanted) {
            // The level is recorded before the request, so that a server that does not answer delays only one call.
            *wanted = Some(level);
            let params = Map::from_iter([("level".to_owned(), Value::from(level.as_str()))]);
            let soon = deadline.min(Instant::now() + LONGEST_SETTING);
            if let Err(fault) = self.connection.request("logging/setLevel", params, soon).await {
                tracing::debug!(%fault, "the log level of a server cannot be set");
            }
        }
    }

    /// Whether clients can subscribe to resources of the server.
    pub(super) fn has_subscriptions(&self) -> bool {
        self.capabilities.get("resources").is_some_and(|resources| resources["subscribe"] == true)
    }

    /// Adds a use of the session by a request.
    pub(super) fn enter(session: &Arc<Self>) -> InFlight {
        session.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(Arc::clone(session))
    }

    /// Returns how long the session has been idle.
    pub(super) fn idle_for(&self) -> Duration {
        match self.in_flight.load(Ordering::Acquire) {
            0 => self.last_used.lock().unwrap_or_else(PoisonError::into_inner).elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// Reads the lists again if they are older than `FRESH`, or if the server has announced a change. Returns `None` if they are fresh.
    ///
    /// # Errors
    /// Returns an error if the lists cannot be read.
    pub(super) async fn relist(
        &self,
        deadline: Instant,
    ) -> Result<Option<(FetchedLists, Unrecorded<'_>)>, ListFault> {
        let began = Instant::now();
        let late = |_| ListFault::Link(LinkFault::Late(deadline.saturating_duration_since(began)));
        // A concurrent call waits here until the first call has read the lists.
        let mut listed = tokio::time::timeout_at(deadline, self.listed.lock()).await.map_err(late)?;
        let is_fresh = listed.is_some_and(|listed| listed.elapsed() < FRESH);
        if !self.connection.take_lists_changed() && is_fresh {
            return Ok(None);
        }
        // If the lists cannot be read, the next call tries again.
        *listed = None;
        let lists = lists::fetch(&self.connection, CLIENT, self.era, &self.capabilities, deadline).await?;
        Ok(Some((lists, Unrecorded(listed))))
    }
}

/// Negotiates a revision with a server, and reads its lists.
async fn greeted(
    connection: &Connection,
    known: Option<Era>,
    deadline: Instant,
) -> Result<(Era, Map<String, Value>, FetchedLists), ListFault> {
    let greeting = greet(connection, CLIENT, known, deadline).await;
    let Greeting { era, capabilities } = greeting.map_err(ListFault::Link)?;
    let lists = lists::fetch(connection, CLIENT, era, &capabilities, deadline).await?;
    Ok((era, capabilities, lists))
}
