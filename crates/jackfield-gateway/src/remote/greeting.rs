//! Negotiation of the protocol revision and the capabilities with a server.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::beginning::beginning;
use super::era::{Era, MODERN, OFFERED, WITH_HANDSHAKE, client_info, session_capabilities};
use crate::wire::connection::Connection;
use crate::wire::link_fault::LinkFault;

/// The timeout of `server/discover`. Some servers do not answer unknown methods.
const LONGEST_PROBE: Duration = Duration::from_secs(3);

/// The code for an unsupported protocol revision.
const UNSUPPORTED: i64 = -32022;

/// The kind of revision that was negotiated, and the capabilities of the server.
#[derive(Clone, Debug)]
pub(super) struct Greeting {
    pub(super) era: Era,
    pub(super) capabilities: Map<String, Value>,
}

/// Negotiates a revision with a server, as a client with the name `client`. `known` is the kind of revision of the last session.
///
/// # Errors
/// Returns an error if the server does not answer, or does not support a known revision.
pub(super) async fn greet(
    connection: &Connection,
    client: &str,
    known: Option<Era>,
    deadline: Instant,
) -> Result<Greeting, LinkFault> {
    if known != Some(Era::Legacy)
        && let Some(greeting) = discover(connection, client, deadline).await?
    {
        return Ok(greeting);
    }
    match initialize(connection, client, deadline).await {
        // This server has no `initialize`, and started too slowly to answer the first `server/discover` in time.
        Err(LinkFault::Answered(error)) if error.code == UNSUPPORTED => {
            discover(connection, client, deadline).await?.ok_or(LinkFault::Answered(error))
        }
        greeted => greeted,
    }
}

/// Sends `server/discover`. Returns `None` if the server does not answer it or does not support `MODERN`.
async fn discover(
    connection: &Connection,
    client: &str,
    deadline: Instant,
) -> Result<Option<Greeting>, LinkFault> {
    connection.agree_on(MODERN);
    let now = Instant::now();
    let half = now + deadline.saturating_duration_since(now) / 2;
    let params = Era::with_meta(Map::new(), Era::Modern.meta_as(client));
    let answered = connection.probe(params, half.min(now + LONGEST_PROBE)).await;
    let found = match answered {
        Ok(found) => found,
        // The request was not sent, or the connection has ended.
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

/// Negotiates a revision with `initialize`.
async fn initialize(connection: &Connection, client: &str, deadline: Instant) -> Result<Greeting, LinkFault> {
    let hello = Map::from_iter([
        ("protocolVersion".to_owned(), json!(OFFERED)),
        ("capabilities".to_owned(), session_capabilities()),
        ("clientInfo".to_owned(), client_info(client)),
    ]);
    let said = connection.request("initialize", hello, deadline).await?;
    let revision = said["protocolVersion"].as_str().unwrap_or_default();
    if !WITH_HANDSHAKE.contains(&revision) {
        let known = WITH_HANDSHAKE.join(", ");
        let why = format!(
            "it uses revision `{}` of MCP; the gateway supports {MODERN}, {known}",
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
