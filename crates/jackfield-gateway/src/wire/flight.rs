//! A request that waits for its response.

use std::sync::Arc;

use http::HeaderMap;
use jackfield_runtime::Pending;
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use super::exchange::Answer;
use super::link::Wire;
use super::link_fault::LinkFault;
use super::listener::{Event, Listener};
use super::questions::Refusal;

/// A request to a server.
#[derive(Default)]
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
    /// The listener for messages of the server while it handles the request. `None` for a request of the gateway itself.
    pub(crate) heard: Option<(Listener, mpsc::Receiver<Event>)>,
    /// The headers that repeat parameters.
    pub(crate) mirrored: HeaderMap,
    /// Whether the request asks for the server's revisions and capabilities.
    pub(crate) is_probe: bool,
}

/// A message for the caller of a request, or the response.
#[derive(Debug)]
pub(crate) enum Happened {
    Answered(Result<Value, LinkFault>),
    Event(Event),
}

/// A request that waits for its response. Dropping it before the response cancels the request at the server.
pub(crate) struct Flight {
    wire: Arc<Wire>,
    id: u64,
    sending: Sending,
    answer: oneshot::Receiver<Answer>,
    events: Option<mpsc::Receiver<Event>>,
    /// False for `initialize` and for the probe, which must not be cancelled.
    may_be_cancelled: bool,
}

/// The future or the task that sends the request and reads the HTTP response.
enum Sending {
    Here(Pending<'static, Result<(), LinkFault>>),
    /// A task reads the HTTP response.
    Elsewhere(AbortHandle),
    Done,
}

impl Flight {
    /// Creates a request.
    ///
    /// # Errors
    /// Returns an error if the connection is closed.
    pub(super) fn begin(wire: &Arc<Wire>, outgoing: Outgoing) -> Result<Self, LinkFault> {
        let Outgoing { method, mut params, heard, mirrored, is_probe } = outgoing;
        let may_be_cancelled = !is_probe && method != "initialize";
        let (listener, events) = heard.unzip();
        let is_followed = listener.as_ref().is_some_and(|it| it.progress.is_heard());
        let (id, answer) = match is_probe {
            true => wire.exchange.begin_probe()?,
            false => wire.exchange.begin(listener)?,
        };
        if is_followed {
            match params.entry("_meta").or_insert_with(|| json!({})) {
                Value::Object(meta) => _ = meta.insert("progressToken".to_owned(), id.into()),
                other => *other = json!({ "progressToken": id }),
            }
        }
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let of_task = Arc::clone(wire);
        let sending = Sending::Here(Box::pin(async move { of_task.send(message, Some(id), mirrored).await }));
        Ok(Self { wire: Arc::clone(wire), id, sending, answer, events, may_be_cancelled })
    }

    /// Waits for the next event or for the response.
    pub(crate) async fn next(&mut self) -> Happened {
        let Self { wire, id, sending, answer, events, .. } = self;
        let heard = async {
            match events {
                Some(events) => events.recv().await,
                None => None,
            }
        };
        tokio::pin!(heard);
        let mut is_silent = false;
        loop {
            tokio::select! {
                biased;
                event = &mut heard, if !is_silent => match event {
                    Some(event) => return Happened::Event(event),
                    // The request was answered, so there will be no further events.
                    None => is_silent = true,
                },
                answer = &mut *answer => return Happened::Answered(read(answer)),
                sent = sent(sending) => {
                    *sending = Sending::Done;
                    if let Err(fault) = sent {
                        wire.exchange.fail(*id, fault);
                    }
                }
            }
        }
    }

    /// Waits for the response. Events remain queued.
    pub(crate) async fn answered(&mut self) -> Result<Value, LinkFault> {
        loop {
            tokio::select! {
                biased;
                answer = &mut self.answer => return read(answer),
                sent = sent(&mut self.sending) => {
                    self.sending = Sending::Done;
                    if let Err(fault) = sent {
                        self.wire.exchange.fail(self.id, fault);
                    }
                }
            }
        }
    }

    /// Replaces the listener and the receiver of its events.
    pub(crate) fn heard_by(&mut self, (listener, events): (Listener, mpsc::Receiver<Event>)) {
        self.wire.exchange.listen(self.id, listener);
        self.events = Some(events);
    }

    /// Moves the reading of the HTTP response to a task, so that a parked call can be answered.
    pub(crate) fn read_elsewhere(&mut self) {
        if let Sending::Here(_) = &self.sending
            && let Sending::Here(sending) = std::mem::replace(&mut self.sending, Sending::Done)
        {
            let (wire, id) = (Arc::clone(&self.wire), self.id);
            let reading = tokio::spawn(async move {
                if let Err(fault) = sending.await {
                    wire.exchange.fail(id, fault);
                }
            });
            self.sending = Sending::Elsewhere(reading.abort_handle());
        }
    }

    /// Answers a question of the server, unless the server has cancelled it.
    pub(crate) fn reply(&self, question: &Value, answer: Result<Value, Refusal>) {
        if !self.wire.exchange.close_question(question) {
            return;
        }
        let message = match answer {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": question, "result": result }),
            Err(refusal) => refusal.answer(question),
        };
        self.wire.send_soon(message);
    }
}

/// Waits until the request was sent and its HTTP response was read.
async fn sent(sending: &mut Sending) -> Result<(), LinkFault> {
    match sending {
        Sending::Here(sending) => sending.await,
        Sending::Elsewhere(_) | Sending::Done => std::future::pending().await,
    }
}

fn read(answer: Result<Answer, oneshot::error::RecvError>) -> Result<Value, LinkFault> {
    match answer {
        Ok(Ok(answer)) => answer.map_err(LinkFault::Answered),
        Ok(Err(fault)) => Err(fault),
        Err(_) => Err(LinkFault::Ended("the connection ended".to_owned())),
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let was_waiting = self.wire.exchange.forget(self.id);
        if let Sending::Elsewhere(reading) = &self.sending {
            reading.abort();
        }
        if !was_waiting
            || !self.may_be_cancelled
            || self.wire.exchange.is_closed()
            || self.wire.ends_by_stream()
        {
            return;
        }
        self.wire.send_now(json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": { "requestId": self.id, "reason": "the caller stopped waiting" },
        }));
    }
}
