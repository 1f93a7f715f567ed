//! A first look at the lists of a program that nobody has accepted yet.

use std::sync::Arc;

use jackfield_runtime::{LogMessage, Pending};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::era::Era;
use super::greeting::{Greeting, greet};
use super::lists::{self, ListFault};
use super::pinned::FetchedLists;
use super::unreachable::Unreachable;
use crate::config::ChildCommand;
use crate::wire::announced::Announced;
use crate::wire::connection::Connection;

/// Ignores what a server announces, and tells it that there are no roots.
struct Unheard;

impl Announced for Unheard {
    fn lists_changed(&self) {}

    fn resource_updated(&self, _: &str) {}

    fn log(&self, _: LogMessage) {}

    fn roots(&self) -> Pending<'static, Value> {
        Box::pin(async { json!({ "roots": [] }) })
    }
}

/// What a server has sent, and the last output of its program on stderr.
pub(crate) struct Looked {
    pub(crate) lists: FetchedLists,
    pub(crate) last_words: String,
}

/// Starts a program without secrets, reads its lists as a client with the name `client`, and ends it. `started` gets the id of each process
/// group that is started.
///
/// # Errors
/// Returns an error if the program cannot be started, or if its lists cannot be read.
pub(crate) async fn look(
    command: &ChildCommand,
    client: &str,
    deadline: Instant,
    started: &(dyn Fn(u32) + Sync),
) -> Result<Looked, Unreachable> {
    let mut known = None;
    loop {
        let connection = Connection::start(command, &[], Arc::new(Unheard));
        let connection = connection.map_err(|fault| Unreachable::of(&fault, None))?;
        connection.process_id().into_iter().for_each(started);
        match read(&connection, client, known, deadline).await {
            Ok(lists) => {
                connection.close().await;
                return Ok(Looked { lists, last_words: connection.last_words() });
            }
            // A program that exits at the unknown method `server/discover` is started again, and greeted with `initialize`.
            Err(_) if known.is_none() && connection.is_closed() => known = Some(Era::Legacy),
            Err(ListFault::Link(fault)) => return Err(Unreachable::of(&fault, Some(&connection))),
            Err(fault) => {
                return Err(Unreachable {
                    why: fault.to_string(),
                    last_words: connection.last_words(),
                    no_account: None,
                    is_unauthorized: false,
                });
            }
        }
    }
}

async fn read(
    connection: &Connection,
    client: &str,
    known: Option<Era>,
    deadline: Instant,
) -> Result<FetchedLists, ListFault> {
    let greeting = greet(connection, client, known, deadline).await;
    let Greeting { era, capabilities } = greeting.map_err(ListFault::Link)?;
    lists::fetch(connection, client, era, &capabilities, deadline).await
}
