//! The roots of clients, for servers that send `roots/list` outside of a call.

use jackfield_runtime::{Asking, CallContext, Caller, Channel};
use tokio::time::Instant;

use super::era::Era;
use super::session_key::key_of;
use super::upstream::Upstream;

impl Upstream {
    /// Returns the key of the caller's session. Returns `None` if other callers may use the session too, because their calls would be
    /// answered with the roots of this caller.
    fn own_key(&self, caller: &Caller) -> Option<String> {
        let owner = self.owner(caller);
        // A gateway over standard streams has only one client.
        (owner.is_some() || caller.channel() == Channel::Stdio).then(|| key_of(owner))
    }

    /// Keeps the client of a call, so that the server can ask for the client's roots outside of a call.
    pub(super) fn keep_client(&self, call: &CallContext) {
        let caller = call.caller();
        if !caller.capabilities().roots {
            return;
        }
        if let (Some(key), Some(client)) = (self.own_key(caller), call.asking().and_then(Asking::client)) {
            self.clients.keep(&key, client);
        }
    }

    /// Notifies the server in the caller's session that the roots of the client have changed.
    pub(super) async fn tell_roots_changed(&self, caller: &Caller) {
        let Some(key) = self.own_key(caller) else { return };
        let Some(session) = self.open_session(&key).await else { return };
        if session.era == Era::Modern {
            return;
        }
        let deadline = Instant::now() + self.entry.timeout;
        if let Err(fault) = session.connection.notify("notifications/roots/list_changed", deadline).await {
            tracing::debug!(connector = self.name(), %fault, "a server cannot be notified of changed roots");
        }
    }
}
