//! Calls that continue after their request was answered, as tasks.

use crate::engine::pending::Pending;

/// Lets a call continue while its client polls it as a task.
pub(crate) trait Deferral: Send + Sync {
    /// Answers the request of the client with a task, whose status is that message. Later messages replace it.
    /// `false` if no task can be made, or it is over; the call ends then.
    fn defer<'a>(&'a self, message: &'a str) -> Pending<'a, bool>;
}
