//! Log messages of other servers between calls.

use std::fmt;

use tokio::sync::broadcast;

use super::client_log::LogMessage;
use super::joined::attached_name::AttachedName;
use crate::common::caller::Principal;

/// The maximum number of messages that a slow session may lag behind. A session that lags further behind loses the oldest messages.
const KEPT: usize = 64;

/// Sends log messages of another MCP server to the sessions of the principals that may use the server. Clones send to the same sessions.
#[derive(Clone)]
pub struct LogFeed {
    sender: broadcast::Sender<FedLog>,
    /// The name under which the server is attached.
    name: AttachedName,
}

/// A log message, and who may receive it.
#[derive(Clone, Debug)]
pub(crate) struct FedLog {
    pub(crate) message: LogMessage,
    /// The server that wrote the message.
    pub(crate) server: AttachedName,
    /// The only principal that may receive the message. `None` if every principal that may use the server may receive it.
    pub(crate) only: Option<Principal>,
}

impl LogFeed {
    /// Creates the feed of the server that is attached as `name`. The feed has no listeners yet.
    pub fn new(name: AttachedName) -> Self {
        Self { sender: broadcast::channel(KEPT).0, name }
    }

    /// Sends a message to the principal `only`, or to every principal that may use the server.
    pub fn send(&self, message: LogMessage, only: Option<Principal>) {
        // An error only means that no client listens.
        let _ = self.sender.send(FedLog { message, server: self.name.clone(), only });
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<FedLog> {
        self.sender.subscribe()
    }
}

impl fmt::Debug for LogFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogFeed({})", self.name.as_str())
    }
}
