//! A session with a server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::lists::{self, ListFault};
use super::pinned::FetchedLists;
use crate::wire::connection::Connection;
use crate::wire::link_fault::LinkFault;

/// The revision that the gateway offers. Servers that know only others answer with one of them.
const REVISION: &str = "2025-11-25";
/// The revisions that the gateway speaks.
const REVISIONS: [&str; 4] = [REVISION, "2025-06-18", "2025-03-26", "2024-11-05"];
/// How old the lists may be when a tool is called. A server can change them without saying so.
const FRESH: Duration = Duration::from_secs(60);

/// A session with a server.
pub(crate) struct Session {
    pub(super) connection: Connection,
    capabilities: Map<String, Value>,
    /// When the lists were read. `None` if they have to be read again.
    listed: tokio::sync::Mutex<Option<Instant>>,
    last_used: Mutex<Instant>,
    in_flight: AtomicUsize,
}

/// A session that a request uses, so it is not ended as idle.
pub(super) struct InFlight(Arc<Session>);

impl InFlight {
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

/// Lists that were read and not recorded yet. While it lives, every other call waits, and if it is dropped, they are read again.
pub(super) struct Unrecorded<'s>(tokio::sync::MutexGuard<'s, Option<Instant>>);

impl Unrecorded<'_> {
    /// Lets other calls be compared with the lists, which are recorded now.
    pub(super) fn finish(mut self) {
        *self.0 = Some(Instant::now());
    }
}

impl Session {
    /// Agrees on a revision with the server, and reads its lists.
    ///
    /// # Errors
    /// Returns an error if the server does not answer as a server does.
    pub(super) async fn begin(
        connection: Connection,
        deadline: Instant,
    ) -> Result<(Self, FetchedLists), Box<(ListFault, Connection)>> {
        match greet(&connection, deadline).await {
            Ok((capabilities, lists)) => {
                let now = Instant::now();
                let (listed, last_used) = (tokio::sync::Mutex::new(Some(now)), Mutex::new(now));
                Ok((
                    Self { connection, capabilities, listed, last_used, in_flight: AtomicUsize::new(0) },
                    lists,
                ))
            }
            Err(fault) => Err(Box::new((fault, connection))),
        }
    }

    /// Begins a request.
    pub(super) fn enter(session: &Arc<Self>) -> InFlight {
        session.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(Arc::clone(session))
    }

    /// How long the session has been unused.
    pub(super) fn idle_for(&self) -> Duration {
        match self.in_flight.load(Ordering::Acquire) {
            0 => self.last_used.lock().unwrap_or_else(PoisonError::into_inner).elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// Reads the lists again if they are old, or if the server has announced that they changed.
    ///
    /// # Errors
    /// Returns an error if they cannot be read.
    pub(super) async fn relist(
        &self,
        deadline: Instant,
    ) -> Result<Option<(FetchedLists, Unrecorded<'_>)>, ListFault> {
        let began = Instant::now();
        let late = |_| ListFault::Link(LinkFault::Late(deadline.saturating_duration_since(began)));
        // A second call waits for the lists that the first one reads, because it needs them as well.
        let mut listed = tokio::time::timeout_at(deadline, self.listed.lock()).await.map_err(late)?;
        let is_fresh = listed.is_some_and(|listed| listed.elapsed() < FRESH);
        if !self.connection.take_lists_changed() && is_fresh {
            return Ok(None);
        }
        // If they cannot be read, the next call tries again.
        *listed = None;
        let lists = lists::fetch(&self.connection, &self.capabilities, deadline).await?;
        Ok(Some((lists, Unrecorded(listed))))
    }
}

async fn greet(
    connection: &Connection,
    deadline: Instant,
) -> Result<(Map<String, Value>, FetchedLists), ListFault> {
    let client = json!({ "name": "jackfield-gateway", "version": env!("CARGO_PKG_VERSION") });
    let hello = Map::from_iter([
        ("protocolVersion".to_owned(), json!(REVISION)),
        // Requests of a server are refused, and a server should not send those that are not declared.
        ("capabilities".to_owned(), json!({})),
        ("clientInfo".to_owned(), client),
    ]);
    let said = connection.request("initialize", hello, None, deadline).await.map_err(ListFault::Link)?;
    let revision = said["protocolVersion"].as_str().unwrap_or_default();
    if !REVISIONS.contains(&revision) {
        let known = REVISIONS.join(", ");
        let why =
            format!("it speaks the revision `{}` of the protocol, and the gateway {known}", shown(revision));
        return Err(ListFault::Link(LinkFault::Unreadable(why)));
    }
    connection.agree_on(revision);
    let capabilities = said["capabilities"].as_object().cloned().unwrap_or_default();
    connection.notify("notifications/initialized", deadline).await.map_err(ListFault::Link)?;
    let lists = lists::fetch(connection, &capabilities, deadline).await?;
    Ok((capabilities, lists))
}

/// The beginning of a text of a server.
fn shown(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(40).collect()
}
