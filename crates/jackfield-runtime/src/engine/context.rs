//! The context of a call.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::approval::deferral::Deferral;
use super::call_slot::LentSlot;
use super::client_log::{ClientLog, LogLevel, LogMessage};
use super::pending::Pending;
use crate::common::budget::CallScope;
use crate::common::caller::Caller;
use crate::common::cancellation::Cancellation;
use crate::common::permission_signal::PermissionSignal;
use crate::common::progress::Progress;
use crate::common::trace_context::TraceContext;

/// The maximum time that a call waits for a slot after a person has answered.
const LONGEST_REENTRY: Duration = Duration::from_secs(5);

/// The context of a call, which the transport creates.
#[derive(Clone)]
pub struct CallContext {
    caller: Caller,
    progress: Progress,
    asking: Option<Arc<dyn Asking>>,
    deferral: Option<Arc<dyn Deferral>>,
    log: Option<Arc<dyn ClientLog>>,
    cancellation: Cancellation,
    permission: Option<PermissionSignal>,
    trace: Option<TraceContext>,
}

/// Asks the caller's user questions while a call waits.
pub trait Asking: Send + Sync {
    /// Asks a question. With a stateless protocol revision, the client answers in its next request. This function then returns
    /// [`Answer::Later`] first, and the call ends without sending anything. When the client repeats the call, this function returns the
    /// answer at once.
    ///
    /// An answer counts only if this server asked the question in the previous request of the call. Each answer is thus used once.
    fn ask<'a>(&'a self, question: Question<'a>) -> Pending<'a, Answer>;

    /// Asks several questions in one request to the client. In contrast to [`ask`](Self::ask), an answer counts even if the client sent it
    /// without being asked, because hand-written code asks for input and not for permission.
    fn gather<'a>(&'a self, questions: &'a [Question<'a>]) -> Pending<'a, Vec<Answer>> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(questions.len());
            for question in questions {
                answers.push(self.ask(*question).await);
            }
            answers
        })
    }

    /// Keeps a value for the repeated call, if the client answers in its next request. The client cannot read or change it.
    fn carry(&self, _value: Value) {}

    /// Returns the value that [`carry`](Self::carry) kept in the previous request of this call.
    fn carried(&self) -> Option<Value> {
        None
    }

    /// Returns a handle to the client that remains usable after this call. Only clients with a session have one, so clients of revision
    /// 2026-07-28 have none.
    fn client(&self) -> Option<Arc<dyn ConnectedClient>> {
        None
    }
}

/// A client with a session, which can be reached between its calls.
pub trait ConnectedClient: Asking {
    /// Sends a notification.
    fn tell<'a>(&'a self, method: &'a str, parameters: Map<String, Value>) -> Pending<'a, ()>;
}

/// A question for the user of a client, or for the client itself.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The name of the question, unique within the call, so that a repeated call finds its answer.
    pub key: &'a str,
    /// The kind of the question.
    pub kind: QuestionKind<'a>,
}

/// Kinds of questions. Each requires the client capability of the same name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum QuestionKind<'a> {
    /// A form for the user (elicitation). The answer is an object that fits the schema.
    Form {
        /// The question.
        message: &'a str,
        /// A flat object of strings, numbers, booleans and enumerations.
        schema: &'a Map<String, Value>,
    },
    /// A completion by the client's model (sampling), with the parameters of the protocol.
    Sampling(&'a Map<String, Value>),
    /// The client's roots.
    Roots,
    /// A request of another server, which is passed on to the client unchanged. The answer is the whole result of the client.
    Relayed {
        /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
        method: &'a str,
        /// The parameters of the request.
        parameters: &'a Map<String, Value>,
    },
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// The user filled in the form, or the client answered.
    Accepted(Map<String, Value>),
    /// The user refused.
    Declined,
    /// The user dismissed the question, or no user is present.
    Cancelled,
    /// The client answered a relayed request with an error.
    Failed {
        /// The code of the error.
        code: i64,
        /// The message of the error.
        message: String,
    },
    /// The answer comes with the caller's next request. The call ends now, with [`CallError::InputRequired`].
    ///
    /// [`CallError::InputRequired`]: crate::CallError::InputRequired
    Later,
}

impl CallContext {
    /// Creates the context of a call by `caller`, without progress and without a user to ask.
    pub fn new(caller: Caller) -> Self {
        let (progress, cancellation) = (Progress::default(), Cancellation::default());
        Self {
            caller,
            progress,
            asking: None,
            deferral: None,
            log: None,
            cancellation,
            permission: None,
            trace: None,
        }
    }

    /// Sets the receiver of the progress.
    #[must_use]
    pub fn with_progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Sets the way to ask the caller's user.
    #[must_use]
    pub fn with_asking(mut self, asking: Arc<dyn Asking>) -> Self {
        self.asking = Some(asking);
        self
    }

    /// Sets the way to answer the request with a task while the call continues.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) fn with_deferral(mut self, deferral: Arc<dyn Deferral>) -> Self {
        self.deferral = Some(deferral);
        self
    }

    /// Returns the way to answer the request with a task, if the client supports tasks.
    pub(crate) fn deferral(&self) -> Option<&dyn Deferral> {
        self.deferral.as_deref()
    }

    /// Sets the log that the caller receives.
    #[must_use]
    pub(crate) fn with_log(mut self, log: Arc<dyn ClientLog>) -> Self {
        self.log = Some(log);
        self
    }

    /// Adds a receiver that is told whether the call is permitted.
    #[must_use]
    pub(crate) fn with_permission_signal(self, signal: Option<PermissionSignal>) -> Self {
        Self { permission: signal, ..self }
    }

    /// Sets the trace to which the call belongs.
    #[must_use]
    pub(crate) fn with_trace(self, trace: Option<TraceContext>) -> Self {
        Self { trace, ..self }
    }

    /// Returns the trace to which the call belongs.
    pub(crate) const fn trace(&self) -> Option<&TraceContext> {
        self.trace.as_ref()
    }

    /// Returns the members `traceparent` and `tracestate` of the trace to which the call belongs, for a message to another server.
    pub fn trace_members(&self) -> Map<String, Value> {
        let parent = self.trace.as_ref().map(|trace| ("traceparent", trace.parent()));
        let state = self.trace.as_ref().and_then(|trace| Some(("tracestate", trace.state()?)));
        parent.into_iter().chain(state).map(|(name, value)| (name.to_owned(), value.into())).collect()
    }

    /// Returns the receiver that is told whether the call is permitted.
    pub(crate) const fn permission_signal(&self) -> Option<&PermissionSignal> {
        self.permission.as_ref()
    }

    /// Returns this context with the cancellation of `scope`, which ends with the call.
    pub(crate) fn within(&self, scope: &CallScope) -> Self {
        Self { cancellation: scope.cancellation().clone(), ..self.clone() }
    }

    /// Returns the caller.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the receiver of the call's progress.
    pub const fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Whether the call has ended or the caller has stopped waiting. In both cases the future of the call is dropped, so only other async
    /// tasks can see `true`.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Waits until the call has ended. Async tasks that the call has spawned use this.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + use<> {
        self.cancellation.clone().cancelled()
    }

    /// Returns the way to ask the caller's user, if there is one.
    pub fn asking(&self) -> Option<&dyn Asking> {
        self.asking.as_deref()
    }

    /// Returns the way to ask the caller's user, shared with a wrapper.
    #[cfg(feature = "serve")]
    pub(crate) fn shared_asking(&self) -> Option<Arc<dyn Asking>> {
        self.asking.clone()
    }

    /// Returns the lowest level of log messages that the caller asked for.
    pub fn log_level(&self) -> Option<LogLevel> {
        self.log.as_ref().map(|log| log.least())
    }

    /// Passes on a log message of another server, if the caller asked for messages of its level.
    pub async fn relay_log(&self, message: LogMessage) {
        if let Some(log) = &self.log {
            log.write(message).await;
        }
    }

    /// Sends a log message to the caller, if the caller asked for messages of this level.
    pub async fn log(&self, level: LogLevel, message: impl Into<Value>) {
        if let Some(log) = &self.log {
            log.write(LogMessage { level, logger: None, data: message.into() }).await;
        }
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallContext({:?})", self.caller)
    }
}

/// A call in progress: its context and its limits.
#[derive(Clone, Debug)]
pub struct ActiveCall {
    pub(crate) context: CallContext,
    pub(crate) deadline: Instant,
    pub(crate) scope: CallScope,
    pub(crate) slot: LentSlot,
}

impl ActiveCall {
    /// Returns the context of the call.
    pub const fn context(&self) -> &CallContext {
        &self.context
    }

    /// Returns the deadline of the call.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Waits for a person. The call gives its slot back meanwhile, so that slow people do not block other calls.
    pub async fn wait_for_person<T>(&self, waiting: impl Future<Output = T>) -> T {
        self.slot.release();
        let done = waiting.await;
        // If no slot becomes free in time, the call continues without a slot, because the other server has already begun its work.
        let _ = self.slot.reenter(Instant::now() + LONGEST_REENTRY).await;
        done
    }

    /// Whether the call has ended, as [`CallContext::is_cancelled`] reports.
    pub fn is_cancelled(&self) -> bool {
        self.context.is_cancelled()
    }
}
