//! The addresses to which servers have sent users, until the servers announce that the users have finished there.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jackfield_runtime::ConnectedClient;
use serde_json::{Map, Value};

/// The most addresses of a connection that are kept. Older ones are forgotten.
const MOST: usize = 256;
/// The most bytes of an id.
const LONGEST_ID: usize = 256;

/// The notification about an address.
pub(super) const COMPLETE: &str = "notifications/elicitation/complete";

/// The client that was sent to each address, by the id that the server gave the question.
#[derive(Default)]
pub(super) struct OpenAddresses {
    clients: HashMap<String, Arc<dyn ConnectedClient>>,
    in_order: VecDeque<String>,
}

/// The id of a question with an address.
fn id_of(parameters: &Map<String, Value>) -> Option<&str> {
    parameters.get("elicitationId")?.as_str().filter(|id| id.len() <= LONGEST_ID)
}

impl OpenAddresses {
    /// Keeps the client of a question, if it sends the user to an address.
    pub(super) fn open(&mut self, parameters: &Map<String, Value>, client: &Arc<dyn ConnectedClient>) {
        let is_address = parameters.get("mode").and_then(Value::as_str) == Some("url");
        let Some(id) = id_of(parameters).filter(|_| is_address) else { return };
        if self.clients.insert(id.to_owned(), Arc::clone(client)).is_none() {
            self.in_order.push_back(id.to_owned());
        }
        if self.in_order.len() > MOST
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.clients.remove(&oldest);
        }
    }

    /// The client that is told that its user has finished. Each is told once.
    pub(super) fn close(&mut self, parameters: &Map<String, Value>) -> Option<Arc<dyn ConnectedClient>> {
        let id = id_of(parameters)?;
        self.in_order.retain(|known| known != id);
        self.clients.remove(id)
    }
}
