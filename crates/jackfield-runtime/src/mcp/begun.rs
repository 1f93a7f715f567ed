//! How the request of a call ended.

#[cfg(feature = "serve")]
use rmcp::model::CreateTaskResult;

use crate::engine::outcome::Outcome;

/// How the request of a call ended.
pub(super) enum Begun {
    /// The call has ended within its request.
    Done(Outcome),
    /// The call continues as a task.
    #[cfg(feature = "serve")]
    Task(Box<CreateTaskResult>),
}
