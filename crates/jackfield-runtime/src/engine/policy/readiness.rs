//! Checks whether a server can do its work.

use crate::engine::pending::Pending;

/// A component that a server needs to answer calls, such as a store.
pub trait Readiness: Send + Sync {
    /// Returns the component's name, for the operator of the server. The name is public, so it must not contain anything confidential.
    fn name(&self) -> &'static str;

    /// Whether the component works now.
    fn check(&self) -> Pending<'_, bool>;
}
