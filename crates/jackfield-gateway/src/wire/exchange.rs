//! The requests of a connection that wait for their answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jackfield_runtime::Progress;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::incoming::{AnsweredError, Incoming};
use super::link_fault::LinkFault;

pub(super) type Answer = Result<Result<Value, AnsweredError>, LinkFault>;

/// The requests that wait for an answer. An answer counts only for a request of its own connection, so a server cannot answer
/// another one's requests.
#[derive(Default)]
pub(super) struct Exchange {
    waiting: Mutex<Waiting>,
    /// Whether the server has announced that its lists have changed.
    lists_changed: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    requests: BTreeMap<u64, Request>,
    /// The id of the last request.
    last: u64,
    /// Why there will be no more answers.
    closed: Option<LinkFault>,
}

struct Request {
    answer: oneshot::Sender<Answer>,
    progress: Option<Progress>,
}

impl Exchange {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request: its id, and the receiver of its answer.
    ///
    /// # Errors
    /// Returns an error if the connection is closed.
    pub(super) fn begin(
        &self,
        progress: Option<Progress>,
    ) -> Result<(u64, oneshot::Receiver<Answer>), LinkFault> {
        let mut waiting = self.waiting();
        if let Some(fault) = &waiting.closed {
            return Err(fault.clone());
        }
        waiting.last += 1;
        let id = waiting.last;
        let (answer, receiver) = oneshot::channel();
        waiting.requests.insert(id, Request { answer, progress });
        Ok((id, receiver))
    }

    /// Stops waiting for an answer. Returns false if it has come.
    pub(super) fn forget(&self, id: u64) -> bool {
        self.waiting().requests.remove(&id).is_some()
    }

    /// Whether the request waits for its answer.
    pub(super) fn is_waiting(&self, id: u64) -> bool {
        self.waiting().requests.contains_key(&id)
    }

    /// Fails every waiting request, but keeps the connection.
    pub(super) fn fail_all(&self, fault: &LinkFault) {
        let requests = std::mem::take(&mut self.waiting().requests);
        for request in requests.into_values() {
            let _ = request.answer.send(Err(fault.clone()));
        }
    }

    /// Fails one waiting request.
    pub(super) fn fail(&self, id: u64, fault: LinkFault) {
        if let Some(request) = self.waiting().requests.remove(&id) {
            let _ = request.answer.send(Err(fault));
        }
    }

    /// Ends the exchange: every waiting request and every later one fails. The first cause counts.
    pub(super) fn close(&self, fault: LinkFault) {
        let mut waiting = self.waiting();
        let fault = waiting.closed.get_or_insert(fault).clone();
        drop(waiting);
        self.fail_all(&fault);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.waiting().closed.is_some()
    }

    /// Whether the server has announced changed lists since the last call of this function.
    pub(super) fn take_lists_changed(&self) -> bool {
        self.lists_changed.swap(false, Ordering::AcqRel)
    }

    /// Handles a message. Returns the answer to a request of the server.
    pub(super) fn receive(&self, message: Value) -> Option<Value> {
        match Incoming::of(message) {
            Incoming::Answer(id, answer) => match self.waiting().requests.remove(&id) {
                Some(request) => {
                    let _ = request.answer.send(Ok(answer));
                }
                None => tracing::debug!(id, "an answer to no request is ignored"),
            },
            Incoming::Request(id, method) => return Some(answer(id, &method)),
            Incoming::Notice(method, params) => self.notice(&method, &params),
            Incoming::Other => tracing::debug!("an invalid message is ignored"),
        }
        None
    }

    fn notice(&self, method: &str, params: &Map<String, Value>) {
        if method.starts_with("notifications/") && method.ends_with("/list_changed") {
            self.lists_changed.store(true, Ordering::Release);
        }
        if method != "notifications/progress" {
            return;
        }
        let token = params.get("progressToken").and_then(Value::as_u64);
        let progress = token.and_then(|id| self.waiting().requests.get(&id)?.progress.clone());
        if let (Some(progress), Some(done)) = (progress, params.get("progress").and_then(Value::as_f64)) {
            let total = params.get("total").and_then(Value::as_f64);
            progress.report(done, total, params.get("message").and_then(Value::as_str));
        }
    }
}

/// The answer to a request of a server. This gateway declares no capability of a client, so it answers only `ping`.
fn answer(id: Value, method: &str) -> Value {
    match method {
        "ping" => json!({ "jsonrpc": "2.0", "id": id, "result": {} }),
        _ => {
            tracing::debug!(method, "a request of a server is not passed on");
            let message = format!("this gateway does not pass on `{method}`, and has not declared it");
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": message } })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_to_an_unknown_id_reaches_nobody() {
        let exchange = Exchange::default();
        let (id, mut answer) = exchange.begin(None).unwrap();
        assert_eq!(exchange.receive(json!({ "id": id + 1, "result": { "stolen": true } })), None);
        assert!(answer.try_recv().is_err());
        exchange.receive(json!({ "id": id, "result": { "own": true } }));
        assert_eq!(answer.try_recv().unwrap().unwrap().unwrap(), json!({ "own": true }));
        exchange.receive(json!({ "id": id, "result": { "again": true } }));
    }

    #[test]
    fn servers_request_is_refused_by_its_name() {
        let exchange = Exchange::default();
        let refused =
            exchange.receive(json!({ "id": "q", "method": "elicitation/create", "params": {} })).unwrap();
        assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!("q"), &json!(-32601)));
        assert!(refused["error"]["message"].as_str().unwrap().contains("`elicitation/create`"));
        let pong = exchange.receive(json!({ "id": 4, "method": "ping" })).unwrap();
        assert_eq!(pong["result"], json!({}));
    }

    #[test]
    fn closed_exchange_fails_waiting_and_later_requests_with_the_first_cause() {
        let exchange = Exchange::default();
        let (_, mut answer) = exchange.begin(None).unwrap();
        exchange.close(LinkFault::Ended("it ended".to_owned()));
        exchange.close(LinkFault::Ended("later".to_owned()));
        let expected = LinkFault::Ended("it ended".to_owned());
        assert_eq!(answer.try_recv().unwrap().unwrap_err(), expected);
        assert_eq!(exchange.begin(None).unwrap_err(), expected);
    }
}
