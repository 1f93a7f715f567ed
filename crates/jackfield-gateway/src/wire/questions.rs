//! Requests of a server to a client ("questions") that wait for a response.

use std::collections::HashMap;

use serde_json::{Value, json};

/// The maximum number of bytes of the parameters of a question.
pub(super) const LONGEST_QUESTION: usize = 4 * 1024 * 1024;
/// The maximum number of open questions of a connection, and of one request.
const MOST_OPEN: usize = 256;
const MOST_OF_REQUEST: usize = 8;

const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;

/// Whether `method` is a request that the gateway forwards to the client of a call.
pub(crate) fn is_question(method: &str) -> bool {
    matches!(method, "elicitation/create" | "sampling/createMessage" | "roots/list")
}

/// The open questions of a connection: the JSON-RPC id of each question, with the id of the gateway's request that it belongs to.
#[derive(Default)]
pub(super) struct OpenQuestions(HashMap<String, u64>);

impl OpenQuestions {
    /// Opens a question.
    ///
    /// # Errors
    /// Returns an error if too many questions are open, or if a question with the same id is open.
    pub(super) fn open(&mut self, id: &Value, request: u64) -> Result<(), Refusal> {
        if self.0.contains_key(&id.to_string()) {
            return Err(Refusal::invalid("a question with this id is open already"));
        }
        let of_request = self.0.values().filter(|known| **known == request).count();
        if self.0.len() >= MOST_OPEN || of_request >= MOST_OF_REQUEST {
            return Err(Refusal::invalid(format!(
                "too many questions are open (limit {MOST_OF_REQUEST} of a call, and {MOST_OPEN} of a connection)"
            )));
        }
        self.0.insert(id.to_string(), request);
        Ok(())
    }

    /// Closes a question. Returns false if the question is not open.
    pub(super) fn close(&mut self, id: &Value) -> bool {
        self.0.remove(&id.to_string()).is_some()
    }

    /// Closes the questions of a request that has ended.
    pub(super) fn close_of(&mut self, request: u64) {
        self.0.retain(|_, of| *of != request);
    }
}

/// The JSON-RPC error with which a server's request is refused.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Refusal {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { code: INVALID_REQUEST, message: message.into() }
    }

    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self { code: METHOD_NOT_FOUND, message: message.into() }
    }

    /// Returns the error response to the request `id`.
    pub(super) fn answer(&self, id: &Value) -> Value {
        json!({ "jsonrpc": "2.0", "id": id, "error": { "code": self.code, "message": self.message } })
    }
}
