//! The caller of a request, and the queue of the messages that the server sends it before the response.

use std::fmt;
use std::sync::Arc;

use jackfield_runtime::{
    Asking, CallContext, Caller, ConnectedClient, LogLevel, LogMessage, Progress, Question,
};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::printed_length::fits;

/// The maximum number of queued events of a request. Beyond it, questions are refused and log messages are dropped.
const MOST_EVENTS: usize = 32;
/// The maximum number of bytes of a log message that is forwarded.
const LONGEST_LOG: usize = 64 * 1024;

/// A message that a server sends while it handles a request.
#[derive(Debug)]
pub(crate) enum Event {
    Question(Box<ServerQuestion>),
    Log(Box<LogMessage>),
}

/// A request of a server to the client of a call, such as an elicitation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServerQuestion {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

/// The caller of a request, and the sender of its events.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) caller: Caller,
    pub(crate) progress: Progress,
    /// The client of the caller, if it can receive messages after the call.
    pub(super) client: Option<Arc<dyn ConnectedClient>>,
    pub(super) events: mpsc::Sender<Event>,
}

impl Listener {
    /// Creates the listener of a call, and the receiver of its events.
    pub(crate) fn of(call: &CallContext) -> (Self, mpsc::Receiver<Event>) {
        let (events, receiver) = mpsc::channel(MOST_EVENTS);
        let (caller, progress) = (call.caller().clone(), call.progress().clone());
        (Self { caller, progress, client: call.asking().and_then(Asking::client), events }, receiver)
    }

    /// Checks whether the client has declared the capabilities that a question needs. The error names the missing ones.
    pub(super) fn can_answer(&self, question: &ServerQuestion) -> Result<(), String> {
        let asked = Question::relayed("", &question.method, &question.params);
        let missing = asked.needs().missing_in(self.caller.capabilities());
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!("the client of this call has not declared the capability {missing}"))
    }
}

/// Parses the parameters of a log message. Returns `None` if they are invalid or too long.
pub(super) fn log_message(mut params: Map<String, Value>) -> Option<LogMessage> {
    let level = LogLevel::parse(params.get("level")?.as_str()?)?;
    let data = params.remove("data").filter(|data| fits(data, LONGEST_LOG))?;
    let logger = params.get("logger").and_then(Value::as_str).map(|name| name.chars().take(200).collect());
    Some(LogMessage { level, logger, data })
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({:?})", self.caller)
    }
}
