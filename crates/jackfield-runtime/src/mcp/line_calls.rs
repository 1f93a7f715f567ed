//! Tool calls over a pair of streams that are answered without the SDK.
//!
//! The SDK starts two tasks for each call, with two queues and two tokens for its cancellation. A call that needs only a response is one task.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Extensions;
use rmcp::model::{
    ClientRequest, InitializeRequestParams, JsonRpcMessage, NumberOrString, ProtocolVersion, ServerResult,
};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, yield_now};
use tokio::time::{Instant, timeout_at};

use super::handler::Handler;
use super::line_output::LineOutput;
use super::session_client::SessionClient;
use super::structured_text::print;
use super::usual_call::UsualCall;
use crate::common::caller::Capabilities;

/// The time for which calls may continue after the input has ended, as in the SDK.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// The calls of one client.
pub(super) struct LineCalls {
    handler: Handler,
    client: Client,
    running: Arc<Running>,
    /// A value that each call clones, so that `over` ends with the last call. `None` after the input has ended.
    alive: Option<mpsc::Sender<Infallible>>,
    over: mpsc::Receiver<Infallible>,
    /// The time until which calls may continue after the input has ended.
    until: Option<Instant>,
}

/// The client, as far as it is known from its messages.
enum Client {
    Unknown,
    /// The client has begun the handshake.
    Asking(Box<InitializeRequestParams>),
    /// The client needs only responses to its common calls.
    Plain(Arc<SessionClient>),
    /// The SDK answers every call of the client.
    OfSdk,
}

/// The running calls by their ids.
#[derive(Default)]
struct Running(Mutex<HashMap<NumberOrString, AbortHandle>>);

impl LineCalls {
    pub(super) fn new(handler: Handler) -> Self {
        let (alive, over) = mpsc::channel(1);
        let (running, client) = (Arc::default(), Client::Unknown);
        Self { handler, client, running, alive: Some(alive), over, until: None }
    }

    /// Notes a message that the SDK gets from the client.
    pub(super) fn note_received(&mut self, message: &RxJsonRpcMessage<RoleServer>) {
        let JsonRpcMessage::Request(request) = message else { return };
        self.client = match (&request.request, &self.client) {
            (ClientRequest::InitializeRequest(request), Client::Unknown) => {
                Client::Asking(Box::new(request.params.clone()))
            }
            // With each further handshake, the SDK changes what it knows about the client. With a log level, the client asks for messages
            // during its calls.
            (ClientRequest::InitializeRequest(_) | ClientRequest::SetLevelRequest(_), _) => Client::OfSdk,
            _ => return,
        };
    }

    /// Notes a message that the SDK sends to the client.
    pub(super) fn note_sent(&mut self, message: &TxJsonRpcMessage<RoleServer>) {
        let Client::Asking(parameters) = &self.client else { return };
        let JsonRpcMessage::Response(response) = message else { return };
        let ServerResult::InitializeResult(result) = &response.result else { return };
        let client = SessionClient::of(parameters, result.protocol_version.clone());
        // Revisions are dates, so they can be compared as text.
        let is_modern = client.revision.as_str() >= ProtocolVersion::V_2026_07_28.as_str();
        self.client = match is_modern || client.capabilities != Capabilities::default() {
            true => Client::OfSdk,
            false => Client::Plain(Arc::new(client)),
        };
    }

    /// Cancels a call that was begun here. Returns whether there is such a call.
    pub(super) fn cancel(&self, id: &NumberOrString) -> bool {
        let task = self.running.lock().remove(id);
        task.inspect(AbortHandle::abort).is_some()
    }

    /// Begins a call, whose answer is written to `output`.
    ///
    /// # Errors
    /// Returns the call if the SDK has to answer it, because the client may need more than a response.
    pub(super) fn begin<W>(&self, call: UsualCall, output: &LineOutput<W>) -> Result<(), UsualCall>
    where
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let (Client::Plain(client), Some(alive)) = (&self.client, &self.alive) else { return Err(call) };
        if !call.wants_only_an_answer() {
            return Err(call);
        }
        let (handler, client, output) = (self.handler.clone(), Arc::clone(client), output.clone());
        let (running, alive, id) = (Arc::clone(&self.running), alive.clone(), call.id.clone());
        // A call that ends at once waits for this lock, and then finds itself.
        let mut calls = self.running.lock();
        let task = tokio::spawn(async move {
            let _alive = alive;
            let (id, agent) = (call.id.clone(), Some(client.agent.clone()));
            let answer = handler.answer_usual(call, &client.revision, agent, &Extensions::new()).await;
            if let Some(others) = running.end(&id)
                && let Err(error) = send(answer, others, &output).await
            {
                tracing::error!(%error, "an answer cannot be sent");
            }
        });
        calls.insert(id, task.abort_handle());
        Ok(())
    }

    /// Waits until the calls have ended, for a limited time after the input has ended. If the future is dropped, the next call continues
    /// to wait.
    pub(super) async fn finish(&mut self) {
        self.alive = None;
        let until = *self.until.get_or_insert_with(|| Instant::now() + LAST_CALLS);
        if timeout_at(until, self.over.recv()).await.is_err() {
            tracing::warn!("calls are still running, although their client has disconnected");
        }
    }
}

/// Sends the answer of a call while `others` calls are running.
async fn send<W>(
    answer: TxJsonRpcMessage<RoleServer>,
    others: usize,
    output: &LineOutput<W>,
) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let mut line = print(answer)?;
    line.push(b'\n');
    if !output.queue(line) {
        return Ok(());
    }
    if others > 0 {
        // Calls that end before this task continues are answered with the same write.
        yield_now().await;
    }
    output.write_queue().await
}

impl Drop for LineCalls {
    fn drop(&mut self) {
        self.running.lock().drain().for_each(|(_, task)| task.abort());
    }
}

impl Running {
    fn lock(&self) -> MutexGuard<'_, HashMap<NumberOrString, AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a call that has ended, and returns the number of other calls. Returns `None` if the call was cancelled, so it must not be
    /// answered.
    fn end(&self, id: &NumberOrString) -> Option<usize> {
        let mut calls = self.lock();
        calls.remove(id).map(|_| calls.len())
    }
}
