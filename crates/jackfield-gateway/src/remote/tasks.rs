//! Calls that a server answers with a task.

use std::sync::Arc;
use std::time::Duration;

use jackfield_runtime::{ActiveCall, CallError, RemoteProblem};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::beginning::beginning;
use super::era::Era;
use super::input_required::Round;
use super::running::RunningCall;
use super::session::InFlight;
use super::upstream::Upstream;
use crate::wire::flight::Outgoing;
use crate::wire::link_fault::LinkFault;
use crate::wire::listener::Listener;

/// The minimum, maximum and default polling interval of a task in milliseconds.
const SHORTEST_POLL: u64 = 200;
const LONGEST_POLL: u64 = 30_000;
const USUAL_POLL: u64 = 1000;
/// The timeout of a task that the client polls.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// The timeout of `tasks/cancel`.
const LONGEST_CANCEL: Duration = Duration::from_secs(5);
/// The `ttl` in milliseconds of a task at a server of an older revision.
const LIFETIME: u64 = 3_600_000;
/// The maximum number of bytes of a task's id, and of characters of its status message.
const LONGEST_ID: usize = 1000;
const LONGEST_STATUS: usize = 200;

/// Whether a tool of a server of an older revision can be called only as a task.
pub(super) fn is_required(definition: &Map<String, Value>) -> bool {
    definition.get("execution").is_some_and(|execution| execution["taskSupport"] == "required")
}

/// Returns the value of the parameter `task`, which asks a server of an older revision for a task.
pub(super) fn wish() -> Value {
    json!({ "ttl": LIFETIME })
}

/// A task of a server. Dropping it before the task ends cancels the task at the server.
pub(super) struct RemoteTask {
    session: InFlight,
    id: String,
    poll: Duration,
    is_over: bool,
}

impl RemoteTask {
    /// Returns the task in a result, or `None` if the result is not a task.
    pub(super) fn of(answer: &Value, session: InFlight) -> Option<Self> {
        let task = match session.era {
            Era::Legacy => answer.get("task")?,
            Era::Modern if answer["resultType"] == "task" => answer,
            Era::Modern => return None,
        };
        let id = task["taskId"].as_str().filter(|id| id.len() <= LONGEST_ID)?.to_owned();
        let wished = task["pollIntervalMs"].as_u64().or_else(|| task["pollInterval"].as_u64());
        let poll = wished.unwrap_or(USUAL_POLL).clamp(SHORTEST_POLL, LONGEST_POLL);
        Some(Self { session, id, poll: Duration::from_millis(poll), is_over: false })
    }

    fn params(&self, more: Option<(&str, Value)>) -> Map<String, Value> {
        let id = ("taskId".to_owned(), Value::from(self.id.as_str()));
        let more = more.map(|(name, value)| (name.to_owned(), value));
        Map::from_iter([id].into_iter().chain(more))
    }

    async fn request(
        &self,
        method: &str,
        more: Option<(&str, Value)>,
        call: &ActiveCall,
        deadline: Instant,
    ) -> Result<Value, LinkFault> {
        let params = Era::with_meta(self.params(more), self.session.era.call_meta(call));
        self.session.connection.request(method, params, deadline).await
    }
}

impl Drop for RemoteTask {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.is_over || self.session.connection.is_closed() {
            return;
        }
        let params = Era::with_meta(self.params(None), self.session.era.own_meta());
        let session = self.session.again();
        runtime.spawn(async move {
            let deadline = Instant::now() + LONGEST_CANCEL;
            if let Err(fault) = session.connection.request("tasks/cancel", params, deadline).await {
                tracing::debug!(%fault, "a task of a server cannot be cancelled");
            }
        });
    }
}

impl Upstream {
    /// Polls a task until it ends, and returns the result of the call. A client that supports tasks gets a task of its own to poll.
    ///
    /// # Errors
    /// Returns an error if the task fails, is cancelled, or takes too long.
    pub(super) async fn ended(
        self: &Arc<Self>,
        mut task: RemoteTask,
        call: &ActiveCall,
    ) -> Result<Value, CallError> {
        let status = format!("the server `{}` works on it", self.name());
        let is_followed = call.context().continue_as_task(&status).await;
        let limit = if is_followed { LONGEST } else { self.entry.timeout };
        let mut deadline = Instant::now() + limit;
        let mut round = 0;
        loop {
            if Instant::now() >= deadline {
                return Err(self.failed(LinkFault::Late(limit)));
            }
            call.wait_for_person(sleep(task.poll)).await;
            let soon = Instant::now() + self.entry.timeout;
            let state =
                task.request("tasks/get", None, call, soon).await.map_err(|fault| self.failed(fault))?;
            match (state["status"].as_str().unwrap_or_default(), task.session.era) {
                ("completed", Era::Modern) => {
                    task.is_over = true;
                    return Ok(state["result"].clone());
                }
                ("failed", Era::Modern) => {
                    task.is_over = true;
                    let code = state["error"]["code"].as_i64().unwrap_or(0);
                    let message = state["error"]["message"].as_str().unwrap_or("its task has failed");
                    let message = beginning(message, LONGEST_STATUS);
                    return Err(self.remote(RemoteProblem::Answered { code, message }));
                }
                // A server of an older revision sends the result, and its questions before it, in response to `tasks/result`.
                ("completed" | "failed" | "input_required", Era::Legacy) => {
                    let result = self.result_of(&task, call, deadline).await;
                    task.is_over = true;
                    return result;
                }
                ("input_required", Era::Modern) if !is_followed => {
                    let why = "its task asks a question, and its client does not follow the task";
                    return Err(self.remote(RemoteProblem::Ended(why.to_owned())));
                }
                ("input_required", Era::Modern) => {
                    let began = Instant::now();
                    round += 1;
                    let asks = Round::of_task(&state, round).map_err(|fault| self.round_fault(fault))?;
                    let answers = asks.answered(call, self.entry.answer_timeout).await;
                    let answers = answers.map_err(|fault| self.round_fault(fault))?;
                    deadline += began.elapsed();
                    let responses = answers.get("inputResponses").cloned().unwrap_or_default();
                    let more = Some(("inputResponses", responses));
                    let soon = Instant::now() + self.entry.timeout;
                    task.request("tasks/update", more, call, soon)
                        .await
                        .map_err(|fault| self.failed(fault))?;
                }
                ("cancelled", _) => {
                    task.is_over = true;
                    return Err(self.remote(RemoteProblem::Ended("its task was cancelled".to_owned())));
                }
                (_, _) => {
                    if let (true, Some(status)) = (is_followed, state["statusMessage"].as_str())
                        && !call.context().continue_as_task(&beginning(status, LONGEST_STATUS)).await
                    {
                        return Err(self.remote(RemoteProblem::Ended("the task was cancelled".to_owned())));
                    }
                }
            }
        }
    }

    /// Requests the result of a task from a server of an older revision, and forwards the questions of the task.
    async fn result_of(
        &self,
        task: &RemoteTask,
        call: &ActiveCall,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        let session = task.session.again();
        let outgoing = Outgoing {
            method: "tasks/result".to_owned(),
            params: Era::with_meta(task.params(None), session.era.call_meta(call)),
            heard: Some(Listener::of(call.context())),
            ..Outgoing::default()
        };
        let flight = session.connection.begin(outgoing).map_err(|fault| self.failed(fault))?;
        let mut result = self.driven(RunningCall::new(flight, session, deadline), call).await?;
        if let Some(Value::Object(meta)) = result.get_mut("_meta") {
            meta.remove("io.modelcontextprotocol/related-task");
        }
        Ok(result)
    }
}
