//! The first contact with a server, which tells its revision and its capabilities.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::beginning::beginning;
use super::era::{Era, MODERN, OFFERED, WITH_HANDSHAKE, client_info, session_capabilities};
use crate::wire::connection::Connection;
use crate::wire::link_fault::LinkFault;

/// The time limit of `server/discover`. Some servers do not answer a method that they do not know.
const LONGEST_PROBE: Duration = Duration::from_secs(3);

/// The code with which a server refuses a revision.
const UNSUPPORTED: i64 = -32022;

/// The revision and the capabilities of a server.
#[derive(Clone, Debug)]
pub(super) struct Greeting {
    pub(super) era: Era,
    pub(super) capabilities: Map<String, Value>,
}

/// Agrees on a revision with a server. `known` is the kind of revision that it spoke before.
///
/// # Errors
/// Returns an error if the server does not answer as a server does.
pub(super) async fn greet(
    connection: &Connection,
    known: Option<Era>,
    deadline: Instant,
) -> Result<Greeting, LinkFault> {
    if known != Some(Era::Legacy)
        && let Some(greeting) = discover(connection, deadline).await?
    {
        return Ok(greeting);
    }
    match initialize(connection, deadline).await {
        // It was slow to start, and has answered the first question meanwhile.
        Err(LinkFault::Answered(error)) if error.code == UNSUPPORTED => {
            discover(connection, deadline).await?.ok_or(LinkFault::Answered(error))
        }
        greeted => greeted,
    }
}

/// Asks a server for its revisions and capabilities. `None` if it knows only revisions with a handshake.
async fn discover(connection: &Connection, deadline: Instant) -> Result<Option<Greeting>, LinkFault> {
    connection.agree_on(MODERN);
    let now = Instant::now();
    let half = now + deadline.saturating_duration_since(now) / 2;
    let params = Era::with_meta(Map::new(), Era::Modern.own_meta());
    let answered = connection.probe("server/discover", params, half.min(now + LONGEST_PROBE)).await;
    let found = match answered {
        Ok(found) => found,
        // It never got the question, or it is gone.
        Err(fault @ LinkFault::Unsent(_)) => return Err(fault),
        Err(fault) if connection.is_closed() => return Err(fault),
        Err(fault) => {
            tracing::debug!(%fault, "a server is greeted with a handshake");
            connection.agree_on("");
            return Ok(None);
        }
    };
    let versions = found["supportedVersions"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !versions.iter().any(|version| version == MODERN) {
        connection.agree_on("");
        return Ok(None);
    }
    let capabilities = found["capabilities"].as_object().cloned().unwrap_or_default();
    Ok(Some(Greeting { era: Era::Modern, capabilities }))
}

/// Agrees on a revision in a handshake.
async fn initialize(connection: &Connection, deadline: Instant) -> Result<Greeting, LinkFault> {
    let hello = Map::from_iter([
        ("protocolVersion".to_owned(), json!(OFFERED)),
        ("capabilities".to_owned(), session_capabilities()),
        ("clientInfo".to_owned(), client_info()),
    ]);
    let said = connection.request("initialize", hello, deadline).await?;
    let revision = said["protocolVersion"].as_str().unwrap_or_default();
    if !WITH_HANDSHAKE.contains(&revision) {
        let known = WITH_HANDSHAKE.join(", ");
        let why = format!(
            "it speaks the revision `{}` of the protocol, and the gateway {MODERN}, {known}",
            beginning(revision, 40)
        );
        return Err(LinkFault::Unreadable(why));
    }
    connection.agree_on(revision);
    connection.notify("notifications/initialized", deadline).await?;
    connection.listen();
    let capabilities = said["capabilities"].as_object().cloned().unwrap_or_default();
    Ok(Greeting { era: Era::Legacy, capabilities })
}
