//! The first connection to servers whose lists are not in the store yet.

use std::sync::Arc;
use std::time::Duration;

use jackfield_runtime::Environment;
use tokio::time::timeout;

use super::pin_book::PinBook;
use super::pinned::PinnedServer;
use super::upstream::Upstream;
use crate::config::ConnectorEntry;

/// How long the gateway waits for new servers before it starts to serve.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The outcome of the first connection to a server.
pub(crate) struct FirstContact {
    pub(crate) connector: String,
    /// The recorded server, or why it could not be reached or recorded.
    pub(crate) server: Result<Arc<PinnedServer>, String>,
}

/// Connects to new servers concurrently, and records their lists.
pub(crate) async fn attach_new(
    entries: impl IntoIterator<Item = ConnectorEntry>,
    environment: &Environment,
    pins: &Arc<PinBook>,
) -> Vec<FirstContact> {
    let mut contacts = tokio::task::JoinSet::new();
    for entry in entries {
        let (environment, pins) = (environment.clone(), Arc::clone(pins));
        contacts.spawn(async move {
            let connector = entry.name.as_str().to_owned();
            let upstream = Upstream::new(entry, environment, Arc::clone(&pins));
            let server = match timeout(LONGEST_WAIT, upstream.probe()).await {
                Ok(Ok(lists)) => pins.record(&connector, "", lists).map_err(|error| error.to_string()),
                Ok(Err(unreachable)) => Err(unreachable.why),
                Err(_) => Err(format!("it has not answered within {} seconds", LONGEST_WAIT.as_secs())),
            };
            FirstContact { connector, server }
        });
    }
    let mut found = contacts.join_all().await;
    found.sort_by(|one, other| one.connector.cmp(&other.connector));
    found
}
