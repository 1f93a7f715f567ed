//! Calls that continue after their request was answered, as tasks.

use crate::engine::pending::Pending;

/// Lets a call continue while its client polls it as a task.
pub(crate) trait Deferral: Send + Sync {
    /// Answers the client's request with a task whose status is the given message. Later messages replace
    /// the status. Returns `false` if no task can be created, or if the task has ended; the call then ends.
    fn defer<'a>(&'a self, message: &'a str) -> Pending<'a, bool>;
}
