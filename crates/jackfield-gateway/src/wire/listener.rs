//! The caller of a request, and the messages that reach it meanwhile.

use std::fmt;
use std::sync::Arc;

use jackfield_runtime::{
    Asking, CallContext, Caller, Capabilities, ConnectedClient, LogLevel, LogMessage, Progress, Question,
};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

/// The events of a request that wait for its caller. Further questions are refused, and further log messages dropped.
const MOST_EVENTS: usize = 32;
/// The most bytes of a log message that is passed on.
const LONGEST_LOG: usize = 64 * 1024;

/// A message of a server while it works on a request.
#[derive(Debug)]
pub(crate) enum Event {
    Question(Box<ServerQuestion>),
    Log(Box<LogMessage>),
}

/// A request of a server to the client of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServerQuestion {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

/// The caller of a request, and the messages that reach it.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) caller: Caller,
    pub(crate) progress: Progress,
    /// The client of the caller, if it can be reached after the request.
    pub(super) client: Option<Arc<dyn ConnectedClient>>,
    pub(super) events: mpsc::Sender<Event>,
}

impl Listener {
    /// The listener of a call, and the receiver of its events.
    pub(crate) fn of(call: &CallContext) -> (Self, mpsc::Receiver<Event>) {
        let (events, receiver) = mpsc::channel(MOST_EVENTS);
        let (caller, progress) = (call.caller().clone(), call.progress().clone());
        (Self { caller, progress, client: call.asking().and_then(Asking::client), events }, receiver)
    }

    /// Whether the client of the caller can answer a question.
    pub(super) fn can_answer(&self, question: &ServerQuestion) -> Result<(), String> {
        let asked = Question::relayed("", &question.method, &question.params);
        let missing = asked.needs().missing_in(self.caller.capabilities());
        if missing == Capabilities::default() {
            return Ok(());
        }
        Err(format!("the client of this call has not declared the capability {missing}"))
    }
}

/// Reads a log message. `None` if it is not one, or if it is too long.
pub(super) fn log_message(params: &Map<String, Value>) -> Option<LogMessage> {
    let level = LogLevel::parse(params.get("level")?.as_str()?)?;
    let data = params.get("data")?.clone();
    let logger = params.get("logger").and_then(Value::as_str).map(|name| name.chars().take(200).collect());
    let is_short = data.to_string().len() <= LONGEST_LOG;
    is_short.then_some(LogMessage { level, logger, data })
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({:?})", self.caller)
    }
}
