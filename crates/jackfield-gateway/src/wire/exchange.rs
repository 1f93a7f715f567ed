//! The requests of a connection that wait for their responses.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::addresses::{self, OpenAddresses};
use super::announced::Announced;
use super::incoming::{AnsweredError, Incoming};
use super::link_fault::LinkFault;
use super::listener::{Event, Listener, ServerQuestion, log_message};
use super::message_window::MessageWindow;
use super::printed_length::fits;
use super::questions::{LONGEST_QUESTION, OpenQuestions, Refusal, is_question};

/// The maximum number of log messages of a server that are forwarded per second.
const MOST_LOGS: u32 = 100;

pub(super) type Answer = Result<Result<Value, AnsweredError>, LinkFault>;

/// The requests of one connection that wait for a response. A server cannot answer the requests to another server, because each
/// connection has its own exchange.
#[derive(Default)]
pub(super) struct Exchange {
    waiting: Mutex<Waiting>,
    log_window: Mutex<MessageWindow>,
    /// Whether the server has sent a `list_changed` notification that was not handled yet.
    lists_changed: AtomicBool,
    announced: Option<Arc<dyn Announced>>,
    /// Sends the response to a server's request that could not be answered at once.
    reply: OnceLock<Arc<Reply>>,
    /// Whether a `roots/list` request outside of a call waits for its response.
    asks_roots: Arc<AtomicBool>,
}

/// Sends a message to the server.
pub(super) type Reply = dyn Fn(Value) + Send + Sync;

#[derive(Default)]
struct Waiting {
    requests: BTreeMap<u64, Request>,
    /// The id of the last request.
    last: u64,
    questions: OpenQuestions,
    addresses: OpenAddresses,
    /// The reason why the connection was closed.
    closed: Option<LinkFault>,
}

struct Request {
    answer: oneshot::Sender<Answer>,
    /// `None` for a request of the gateway itself.
    listener: Option<Listener>,
}

impl Exchange {
    /// Creates an exchange. `announced` receives the messages outside of a call.
    pub(super) fn heard_by(announced: Arc<dyn Announced>) -> Self {
        Self { announced: Some(announced), ..Self::default() }
    }

    /// Sets the function that sends responses that are not available at once.
    pub(super) fn reply_with(&self, reply: Arc<Reply>) {
        let _ = self.reply.set(reply);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request. Returns its JSON-RPC id and the receiver of its response.
    ///
    /// # Errors
    /// Returns an error if the connection is closed.
    pub(super) fn begin(
        &self,
        listener: Option<Listener>,
    ) -> Result<(u64, oneshot::Receiver<Answer>), LinkFault> {
        self.begin_with(listener, |last| last + 1)
    }

    /// Begins the request for the server's revisions and capabilities. Its id is 0, so that the ids of later requests do not depend on
    /// whether it was sent.
    ///
    /// # Errors
    /// Returns an error if the connection is closed.
    pub(super) fn begin_probe(&self) -> Result<(u64, oneshot::Receiver<Answer>), LinkFault> {
        self.begin_with(None, |_| 0)
    }

    fn begin_with(
        &self,
        listener: Option<Listener>,
        next: impl FnOnce(u64) -> u64,
    ) -> Result<(u64, oneshot::Receiver<Answer>), LinkFault> {
        let mut waiting = self.waiting();
        if let Some(fault) = &waiting.closed {
            return Err(fault.clone());
        }
        let id = next(waiting.last);
        waiting.last = id;
        let (answer, receiver) = oneshot::channel();
        waiting.requests.insert(id, Request { answer, listener });
        Ok((id, receiver))
    }

    /// Replaces the listener of a waiting request.
    pub(super) fn listen(&self, id: u64, listener: Listener) {
        if let Some(request) = self.waiting().requests.get_mut(&id) {
            request.listener = Some(listener);
        }
    }

    /// Stops waiting for a response. Returns false if the request was not waiting any more.
    pub(super) fn forget(&self, id: u64) -> bool {
        self.waiting().remove(id).is_some()
    }

    /// Whether the request still waits for its response.
    pub(super) fn is_waiting(&self, id: u64) -> bool {
        self.waiting().requests.contains_key(&id)
    }

    /// Closes a question. Returns false if the question is not open, so that a question is answered only once.
    pub(super) fn close_question(&self, id: &Value) -> bool {
        self.waiting().questions.close(id)
    }

    /// Fails every waiting request without closing the connection.
    pub(super) fn fail_all(&self, fault: &LinkFault) {
        let mut waiting = self.waiting();
        waiting.questions = OpenQuestions::default();
        let requests = std::mem::take(&mut waiting.requests);
        drop(waiting);
        for request in requests.into_values() {
            let _ = request.answer.send(Err(fault.clone()));
        }
    }

    /// Fails one waiting request.
    pub(super) fn fail(&self, id: u64, fault: LinkFault) {
        let removed = self.waiting().remove(id);
        if let Some(request) = removed {
            let _ = request.answer.send(Err(fault));
        }
    }

    /// Closes the exchange. Every waiting and every later request fails with the fault of the first call of this function.
    pub(super) fn close(&self, fault: LinkFault) {
        let mut waiting = self.waiting();
        let fault = waiting.closed.get_or_insert(fault).clone();
        drop(waiting);
        self.fail_all(&fault);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.waiting().closed.is_some()
    }

    /// Whether the server has sent a `list_changed` notification since the last call of this function.
    pub(super) fn take_lists_changed(&self) -> bool {
        self.lists_changed.swap(false, Ordering::AcqRel)
    }

    /// Handles a message of the server. `via` is the id of the request in whose HTTP response the message was sent, if there is one.
    /// Returns the response if the message is a request that can be answered at once.
    pub(super) fn receive(&self, message: Value, via: Option<u64>) -> Option<Value> {
        match Incoming::of(message) {
            Incoming::Answer(id, answer) => {
                let removed = self.waiting().remove(id);
                match removed {
                    Some(request) => {
                        let _ = request.answer.send(Ok(answer));
                    }
                    None => tracing::debug!(id, "a response that belongs to no request is ignored"),
                }
            }
            Incoming::Request(id, method, _) if method == "ping" => {
                return Some(json!({ "jsonrpc": "2.0", "id": id, "result": {} }));
            }
            Incoming::Request(id, method, params) => {
                let question = ServerQuestion { id, method, params };
                let id = question.id.clone();
                return self.ask(question, via).err().map(|refusal| refusal.answer(&id));
            }
            Incoming::Notice(method, params) => self.notice(&method, params, via),
            Incoming::Other => tracing::debug!("an invalid message is ignored"),
        }
        None
    }

    /// Passes a question to the call that it belongs to.
    fn ask(&self, question: ServerQuestion, via: Option<u64>) -> Result<(), Refusal> {
        let method = &question.method;
        if !is_question(method) {
            return Err(Refusal::unknown(format!(
                "this gateway has not declared `{method}`, and does not pass it on"
            )));
        }
        if !fits(&question.params, LONGEST_QUESTION) {
            return Err(Refusal::invalid(format!(
                "the question is too long (limit {LONGEST_QUESTION} bytes)"
            )));
        }
        let mut waiting = self.waiting();
        let asked = waiting.asked(via);
        if method == "roots/list" && matches!(asked, Err(NoAddressee::NoCall)) {
            drop(waiting);
            return self.tell_roots(question.id);
        }
        let (request, listener) = asked.map_err(|why| Refusal::invalid(format!("`{method}`: {why}")))?;
        listener.can_answer(&question).map_err(|why| Refusal::unknown(format!("`{method}`: {why}")))?;
        let id = question.id.clone();
        waiting.questions.open(&id, request)?;
        if let Some(client) = &listener.client {
            waiting.addresses.open(&question.params, client);
        }
        if listener.events.try_send(Event::Question(Box::new(question))).is_err() {
            waiting.questions.close(&id);
            return Err(Refusal::invalid("too many messages wait for the client of this call"));
        }
        Ok(())
    }

    /// Answers a `roots/list` request that does not belong to a call.
    fn tell_roots(&self, id: Value) -> Result<(), Refusal> {
        let (Some(announced), Some(reply)) = (&self.announced, self.reply.get().cloned()) else {
            return Err(Refusal::invalid(format!("`roots/list`: {}", NoAddressee::NoCall)));
        };
        if self.asks_roots.swap(true, Ordering::AcqRel) {
            return Err(Refusal::invalid("`roots/list`: an earlier request has not been answered yet"));
        }
        let (roots, asks) = (announced.roots(), Arc::clone(&self.asks_roots));
        tokio::spawn(async move {
            let roots = roots.await;
            asks.store(false, Ordering::Release);
            reply(json!({ "jsonrpc": "2.0", "id": id, "result": roots }));
        });
        Ok(())
    }

    fn notice(&self, method: &str, params: Map<String, Value>, via: Option<u64>) {
        match method {
            "notifications/progress" => self.progress(&params),
            "notifications/message" => self.log(params, via),
            "notifications/cancelled" => {
                if let Some(id) = params.get("requestId") {
                    self.close_question(id);
                }
            }
            addresses::COMPLETE => {
                let client = self.waiting().addresses.close(&params);
                if let (Some(client), Some(id)) = (client, params.get("elicitationId").cloned()) {
                    tokio::spawn(async move {
                        let id = Map::from_iter([("elicitationId".to_owned(), id)]);
                        client.tell(addresses::COMPLETE, id).await;
                    });
                }
            }
            "notifications/resources/updated" => {
                if let (Some(announced), Some(uri)) =
                    (&self.announced, params.get("uri").and_then(Value::as_str))
                {
                    announced.resource_updated(uri);
                }
            }
            _ if method.starts_with("notifications/") && method.ends_with("/list_changed") => {
                self.lists_changed.store(true, Ordering::Release);
                if let Some(announced) = &self.announced {
                    announced.lists_changed();
                }
            }
            _ => {}
        }
    }

    fn progress(&self, params: &Map<String, Value>) {
        let token = params.get("progressToken").and_then(Value::as_u64);
        let progress =
            token.and_then(|id| Some(self.waiting().requests.get(&id)?.listener.as_ref()?.progress.clone()));
        if let (Some(progress), Some(done)) = (progress, params.get("progress").and_then(Value::as_f64)) {
            let total = params.get("total").and_then(Value::as_f64);
            progress.report(done, total, params.get("message").and_then(Value::as_str));
        }
    }

    /// Passes a log message to the client of its call. If calls of several principals are in flight, the recipient is unknown and the
    /// message is dropped. A message beyond a limit is dropped before its content is read.
    fn log(&self, params: Map<String, Value>, via: Option<u64>) {
        // Messages in the HTTP response to a call are limited by the event queue of the call.
        if via.is_none() && !self.admits_log() {
            return;
        }
        let asked = self.waiting().asked(via);
        match asked {
            Ok((_, listener)) => {
                if let Ok(place) = listener.events.try_reserve()
                    && let Some(message) = log_message(params)
                {
                    place.send(Event::Log(Box::new(message)));
                }
            }
            Err(NoAddressee::NoCall) if via.is_none() || self.admits_log() => {
                if let (Some(announced), Some(message)) = (&self.announced, log_message(params)) {
                    announced.log(message);
                }
            }
            Err(_) => {}
        }
    }

    fn admits_log(&self) -> bool {
        self.log_window.lock().unwrap_or_else(PoisonError::into_inner).admits(MOST_LOGS)
    }
}

/// The reason why a message of a server cannot be assigned to a call.
#[derive(Debug, PartialEq)]
enum NoAddressee {
    NoCall,
    Several,
}

impl std::fmt::Display for NoAddressee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoCall => "no call is in flight whose client could be asked",
            Self::Several => {
                "calls of several agents are in flight in this session, so the gateway cannot tell which agent's user to ask; \
                 `sessions = \"agent\"` for this connector in gateway.toml gives each agent a session of its own"
            }
        })
    }
}

impl Waiting {
    fn remove(&mut self, id: u64) -> Option<Request> {
        let removed = self.requests.remove(&id);
        if removed.as_ref().is_some_and(|request| request.listener.is_some()) {
            self.questions.close_of(id);
        }
        removed
    }

    /// Finds the call that a message belongs to: the call in whose HTTP response the message was sent, or else the newest call, if all
    /// calls in flight have the same principal.
    fn asked(&self, via: Option<u64>) -> Result<(u64, Listener), NoAddressee> {
        if let Some(via) = via {
            let listener = self.requests.get(&via).and_then(|request| request.listener.clone());
            return listener.map(|listener| (via, listener)).ok_or(NoAddressee::NoCall);
        }
        let calls = self.requests.iter().rev();
        let mut calls = calls.filter_map(|(id, request)| Some((*id, request.listener.as_ref()?)));
        let (id, newest) = calls.next().ok_or(NoAddressee::NoCall)?;
        match calls.any(|(_, other)| other.caller.principal() != newest.caller.principal()) {
            true => Err(NoAddressee::Several),
            false => Ok((id, newest.clone())),
        }
    }
}

#[cfg(test)]
mod tests;
