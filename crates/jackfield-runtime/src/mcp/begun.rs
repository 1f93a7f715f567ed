//! The end of the request of a call: with a result, or with a task.

#[cfg(feature = "serve")]
use rmcp::model::CreateTaskResult;

use crate::engine::outcome::Outcome;

/// The end of the request of a call. The call itself may continue as a task.
pub(super) enum Begun {
    /// The call has ended within its request.
    Done(Outcome),
    /// The call continues as a task.
    #[cfg(feature = "serve")]
    Task(Box<CreateTaskResult>),
}
