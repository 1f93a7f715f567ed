//! Checks whether a server can do its work.

use crate::engine::pending::Pending;

/// Something without which a server should get no calls, such as a store.
pub trait Readiness: Send + Sync {
    /// Its name, for whoever operates the server. Strangers may read it.
    fn name(&self) -> &'static str;

    /// Whether it works now.
    fn check(&self) -> Pending<'_, bool>;
}
