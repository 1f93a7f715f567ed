//! The surroundings of a call.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::pending::Pending;
use crate::common::budget::CallScope;
use crate::common::caller::Caller;
use crate::common::progress::Progress;

/// The surroundings of a call, as the edge that received it knows them.
#[derive(Clone)]
pub struct CallContext {
    caller: Caller,
    progress: Progress,
    asking: Option<Arc<dyn Asking>>,
}

/// Puts questions to the caller's user while a call waits.
pub trait Asking: Send + Sync {
    /// Asks a question whose answer is an object of this schema.
    fn ask<'a>(&'a self, question: &'a str, schema: &'a Map<String, Value>) -> Pending<'a, Answer>;
}

/// The user's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The user filled in the form.
    Accepted(Map<String, Value>),
    /// The user refused.
    Declined,
    /// The user closed the question, or nobody is there.
    Cancelled,
}

impl CallContext {
    /// A call of that caller, whom nobody can ask and whom no progress reaches.
    pub fn new(caller: Caller) -> Self {
        Self { caller, progress: Progress::default(), asking: None }
    }

    /// The context with progress that the caller listens to.
    #[must_use]
    pub fn with_progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// The context with a way to ask the caller's user.
    #[must_use]
    pub fn with_asking(mut self, asking: Arc<dyn Asking>) -> Self {
        self.asking = Some(asking);
        self
    }

    /// The one who calls.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Receives the progress of the call.
    pub const fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The way to ask the caller's user, where there is one.
    pub fn asking(&self) -> Option<&dyn Asking> {
        self.asking.as_deref()
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallContext({:?})", self.caller)
    }
}

/// A call in progress: its context, and the limits that it keeps.
#[derive(Clone, Debug)]
pub struct ActiveCall {
    pub(crate) context: CallContext,
    pub(crate) deadline: Instant,
    pub(crate) scope: CallScope,
}

impl ActiveCall {
    /// The surroundings of the call.
    pub const fn context(&self) -> &CallContext {
        &self.context
    }

    /// The instant at which the call is given up.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the caller no longer waits. The future of a call is dropped then; work that goes on elsewhere asks here.
    pub fn is_cancelled(&self) -> bool {
        self.scope.is_stopped()
    }
}
