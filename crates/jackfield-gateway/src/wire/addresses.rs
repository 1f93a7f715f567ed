//! URL elicitations that servers have not yet completed with `notifications/elicitation/complete`.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jackfield_runtime::ConnectedClient;
use serde_json::{Map, Value};

/// The maximum number of open URL elicitations of a connection. Beyond it, the oldest elicitation is forgotten.
const MOST: usize = 256;
/// The maximum number of bytes of an elicitation id.
const LONGEST_ID: usize = 256;

/// The notification that a URL elicitation is complete.
pub(super) const COMPLETE: &str = "notifications/elicitation/complete";

/// The client of each open URL elicitation, by `elicitationId`.
#[derive(Default)]
pub(super) struct OpenAddresses {
    clients: HashMap<String, Arc<dyn ConnectedClient>>,
    in_order: VecDeque<String>,
}

/// Returns the `elicitationId` of the parameters, if it is within the limit.
fn id_of(parameters: &Map<String, Value>) -> Option<&str> {
    parameters.get("elicitationId")?.as_str().filter(|id| id.len() <= LONGEST_ID)
}

impl OpenAddresses {
    /// Keeps the client of an elicitation whose mode is `url`.
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

    /// Removes a completed elicitation, and returns its client, so that the client is notified only once.
    pub(super) fn close(&mut self, parameters: &Map<String, Value>) -> Option<Arc<dyn ConnectedClient>> {
        let id = id_of(parameters)?;
        self.in_order.retain(|known| known != id);
        self.clients.remove(id)
    }
}
