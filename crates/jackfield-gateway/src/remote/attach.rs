//! The first connection to servers whose lists are not in the store yet.

use std::sync::Arc;
use std::time::Duration;

use jackfield_runtime::Environment;
use tokio::task::{JoinError, JoinSet, spawn_blocking};
use tokio::time::timeout;

use super::pin_book::PinBook;
use super::pinned::{FetchedLists, PinnedServer};
use super::upstream::Upstream;
use crate::config::ConnectorEntry;

/// The time for which the gateway waits for new servers before it starts to serve.
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
    let mut probes = JoinSet::new();
    for entry in entries {
        probes.spawn(probe(entry, environment.clone(), Arc::clone(pins)));
    }
    let mut found = Vec::new();
    while let Some(first) = probes.join_next().await {
        // Each commit waits for the disk. So the lists that arrive during a commit are recorded together by the next one.
        let others = std::iter::from_fn(|| probes.try_join_next());
        let probed: Vec<_> = std::iter::once(first).chain(others).map(finished).collect();
        let pins = Arc::clone(pins);
        found.extend(finished(spawn_blocking(move || record(&pins, probed)).await));
    }
    found.sort_by(|one, other| one.connector.cmp(&other.connector));
    found
}

/// The name of a server, and the lists that it has sent or why it could not be reached.
type Probed = (String, Result<FetchedLists, String>);

async fn probe(entry: ConnectorEntry, environment: Environment, pins: Arc<PinBook>) -> Probed {
    let connector = entry.name.as_str().to_owned();
    let upstream = Upstream::new(entry, environment, pins);
    let lists = match timeout(LONGEST_WAIT, upstream.probe()).await {
        Ok(lists) => lists.map_err(|unreachable| unreachable.why),
        Err(_) => Err(format!("it has not answered within {} seconds", LONGEST_WAIT.as_secs())),
    };
    (connector, lists)
}

fn record(pins: &PinBook, probed: Vec<Probed>) -> Vec<FirstContact> {
    let (mut found, mut reached) = (Vec::new(), Vec::new());
    for (connector, lists) in probed {
        match lists {
            Ok(lists) => reached.push((connector, lists)),
            Err(why) => found.push(FirstContact { connector, server: Err(why) }),
        }
    }
    let recorded = pins.record_first(reached).into_iter();
    found.extend(recorded.map(|(connector, server)| FirstContact {
        connector,
        server: server.map_err(|error| error.to_string()),
    }));
    found
}

/// Returns the result of a task that is never cancelled. A panic of the task is propagated.
fn finished<T>(result: Result<T, JoinError>) -> T {
    result.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
