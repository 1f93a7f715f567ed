//! The clients that a server can ask for their roots outside of calls.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_runtime::{Answer, ConnectedClient, Question};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

/// The maximum number of sessions whose client is kept.
const MOST: usize = 1000;
/// The timeout of `roots/list`.
const LONGEST: Duration = Duration::from_secs(30);

/// For each session of a connector, the client that called last among the clients with roots.
#[derive(Default)]
pub(super) struct Clients(Mutex<HashMap<String, Arc<dyn ConnectedClient>>>);

impl Clients {
    fn newest(&self) -> MutexGuard<'_, HashMap<String, Arc<dyn ConnectedClient>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the client of a call. It replaces the client of an earlier call in the session.
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

    /// Returns the result of `roots/list` from the client of a session. The array of roots is empty if the client does not answer.
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
