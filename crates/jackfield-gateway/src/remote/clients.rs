//! The clients that can be reached between their calls.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_runtime::{Answer, ConnectedClient, Question};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

/// The most sessions whose clients are kept.
const MOST: usize = 1000;
/// How long a client may take to tell its roots.
const LONGEST: Duration = Duration::from_secs(30);

/// The client with roots that has called last, for each session of a connector by its key.
#[derive(Default)]
pub(super) struct Clients(Mutex<HashMap<String, Arc<dyn ConnectedClient>>>);

impl Clients {
    fn newest(&self) -> MutexGuard<'_, HashMap<String, Arc<dyn ConnectedClient>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the client of a call, instead of the one that called before in that session.
    pub(super) fn keep(&self, key: &str, client: Arc<dyn ConnectedClient>) {
        let mut newest = self.newest();
        if newest.len() < MOST || newest.contains_key(key) {
            newest.insert(key.to_owned(), client);
        }
    }

    /// Forgets the client of a session that has ended.
    pub(super) fn forget(&self, key: &str) {
        self.newest().remove(key);
    }

    /// The roots of the client of a session, as the result of `roots/list`. There are none if no client can be asked.
    pub(super) async fn roots(&self, key: &str) -> Value {
        let client = self.newest().get(key).cloned();
        let nothing = json!({ "roots": [] });
        let Some(client) = client else { return nothing };
        let parameters = Map::new();
        let asked = client.ask(Question::relayed("roots", "roots/list", &parameters));
        match timeout(LONGEST, asked).await {
            Ok(Answer::Accepted(result)) if result.get("roots").is_some_and(Value::is_array) => {
                Value::Object(result)
            }
            _ => nothing,
        }
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clients({})", self.newest().len())
    }
}
