//! Reading the paginated lists of a server.

use std::fmt;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::era::Era;
use super::pinned::FetchedLists;
use crate::wire::connection::Connection;
use crate::wire::link_fault::LinkFault;

/// The limits of a list, so that an endless list does not exhaust memory.
const MOST_PAGES: usize = 200;
const MOST_ENTRIES: usize = 10_000;
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// The maximum number of bytes of a cursor.
const LONGEST_CURSOR: usize = 64 * 1024;

/// The reason why the lists of a server cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ListFault {
    Link(LinkFault),
    /// The list exceeds a limit.
    Endless(&'static str),
    /// The server repeats a cursor.
    Repeated(&'static str),
    /// The result does not contain the expected array.
    NoList(&'static str),
}

impl fmt::Display for ListFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(fault) => fault.fmt(f),
            Self::Endless(method) => write!(
                f,
                "its answer to `{method}` does not end: more than {MOST_ENTRIES} entries, {MOST_PAGES} pages or {} MB",
                MOST_BYTES >> 20
            ),
            Self::Repeated(method) => write!(f, "it names the same next page of `{method}` twice"),
            Self::NoList(method) => write!(f, "its answer to `{method}` is not a list"),
        }
    }
}

/// Reads the lists of the capabilities that the server has declared, as a client with the name `client`.
///
/// # Errors
/// Returns an error if a list cannot be read completely.
pub(super) async fn fetch(
    connection: &Connection,
    client: &str,
    era: Era,
    capabilities: &Map<String, Value>,
    deadline: Instant,
) -> Result<FetchedLists, ListFault> {
    let mut lists = FetchedLists { capabilities: capabilities.clone(), ..FetchedLists::default() };
    let meta = era.meta_as(client);
    if capabilities.contains_key("tools") {
        lists.tools = list(connection, &meta, "tools/list", "tools", deadline).await?;
    }
    if capabilities.contains_key("prompts") {
        lists.prompts = list(connection, &meta, "prompts/list", "prompts", deadline).await?;
    }
    if capabilities.contains_key("resources") {
        lists.resources = list(connection, &meta, "resources/list", "resources", deadline).await?;
        // Some servers with resources do not implement this method.
        lists.templates =
            match list(connection, &meta, "resources/templates/list", "resourceTemplates", deadline).await {
                Err(ListFault::Link(LinkFault::Answered(_))) => Vec::new(),
                templates => templates?,
            };
    }
    Ok(lists)
}

async fn list(
    connection: &Connection,
    meta: &Map<String, Value>,
    method: &'static str,
    member: &str,
    deadline: Instant,
) -> Result<Vec<Map<String, Value>>, ListFault> {
    let (mut entries, mut bytes) = (Vec::new(), 0);
    let mut cursors: Vec<String> = Vec::new();
    for _ in 0..MOST_PAGES {
        let mut params = Map::new();
        if let Some(cursor) = cursors.last() {
            params.insert("cursor".to_owned(), cursor.as_str().into());
        }
        let params = Era::with_meta(params, meta.clone());
        let mut page = connection.request(method, params, deadline).await.map_err(ListFault::Link)?;
        let Some(Value::Array(found)) = page.get_mut(member).map(Value::take) else {
            return Err(ListFault::NoList(method));
        };
        for entry in found {
            bytes += entry.to_string().len();
            // Entries that are not objects are skipped.
            if let Value::Object(entry) = entry {
                entries.push(entry);
            }
        }
        if entries.len() > MOST_ENTRIES || bytes > MOST_BYTES {
            return Err(ListFault::Endless(method));
        }
        match page.get("nextCursor").and_then(Value::as_str) {
            None => return Ok(entries),
            Some(next) if next.len() > LONGEST_CURSOR => return Err(ListFault::Endless(method)),
            Some(next) if cursors.iter().any(|cursor| cursor == next) => {
                return Err(ListFault::Repeated(method));
            }
            Some(next) => cursors.push(next.to_owned()),
        }
    }
    Err(ListFault::Endless(method))
}
