//! Runs calls that continue as tasks of the extension `io.modelcontextprotocol/tasks`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use rmcp::model::{
    CreateTaskResult, DetailedTask, ErrorData, GetTaskResult, InputRequests, InputResponses, JsonObject,
    Task, TaskPayload, TaskStatus,
};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::asking::task_asking::{MadeTask, TaskAsking};
use super::begun::Begun;
use crate::common::caller::Caller;
use crate::common::timestamp::Timestamp;
use crate::engine::approval::deferral::Deferral;
use crate::engine::context::CallContext;
use crate::engine::outcome::Outcome;
use crate::engine::pending::Pending;
use crate::engine::request::SourceRequest;
use crate::engine::service::Service;
use crate::engine::task::{SERVER_ENDED, TaskQuestion, TaskRecord, TaskState, Tasks, TasksError};

/// The interval at which a client should poll the state of a task.
const POLL_MILLIS: u64 = 2000;
/// The interval at which the process records that it still works on a task, and checks whether the task was
/// cancelled.
const KEEP: Duration = Duration::from_secs(2);

/// Runs a call, which may continue as a task after its request was answered. `shape` converts the outcome to the
/// JSON result that the client polls, or to an error.
pub(super) async fn run(
    service: Arc<Service>,
    tasks: Arc<dyn Tasks>,
    request: SourceRequest,
    context: CallContext,
    shape: impl FnOnce(Outcome) -> Result<Value, ErrorData> + Send + 'static,
) -> Result<Begun, ErrorData> {
    let (created, deferred) = oneshot::channel();
    let (ended, done) = oneshot::channel();
    let deferring = Arc::new(Deferring {
        tasks: Arc::clone(&tasks),
        principal: context.caller().principal().to_string(),
        made: Arc::default(),
        created: Mutex::new(Some(created)),
    });
    let mut context = context.with_deferral(Arc::<Deferring>::clone(&deferring));
    if let Some(of_request) = context.shared_asking() {
        let asking = TaskAsking::new(of_request, Arc::clone(&tasks), Arc::clone(&deferring.made));
        context = context.with_asking(Arc::new(asking));
    }
    let counted = tasks.running().enter();
    let running = AbortOnDrop(Some(tokio::spawn(async move {
        let _panic = FailOnPanic(Arc::clone(&deferring));
        let call = service.run(request, &context);
        let outcome = tokio::select! {
            outcome = Box::pin(call) => outcome,
            () = deferring.over() => return,
            () = counted.stopped() => return deferring.fail().await,
        };
        match deferring.made.lock().await.as_ref() {
            None => _ = ended.send(outcome),
            Some(id) => {
                let state = match shape(outcome) {
                    Ok(result) => TaskState::Completed(result.to_string()),
                    Err(error) => TaskState::Failed(serde_json::to_string(&error).unwrap_or_default()),
                };
                if let Err(error) = tasks.finish(id, state).await {
                    tracing::error!(%error, "the result of a task could not be stored");
                }
            }
        }
    })));
    // The request is answered when the call has ended or has become a task. If the client disconnects before, the
    // call is dropped.
    tokio::select! {
        biased;
        Ok(outcome) = done => Ok(Begun::Done(outcome)),
        Ok(task) = deferred => {
            running.keep_running();
            Ok(Begun::Task(Box::new(CreateTaskResult::new(shown(&task)))))
        }
        else => Err(ErrorData::internal_error("the call stopped without a result", None)),
    }
}

/// A spawned call, which is dropped with its request.
struct AbortOnDrop(Option<JoinHandle<()>>);

impl AbortOnDrop {
    fn keep_running(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.abort();
        }
    }
}

/// Turns a call into a task when the call has to wait for the first time.
struct Deferring {
    tasks: Arc<dyn Tasks>,
    principal: String,
    /// The id of the task, once the call has become a task.
    made: Arc<MadeTask>,
    /// Passes the task to the request, which answers with it.
    created: Mutex<Option<oneshot::Sender<TaskRecord>>>,
}

/// Ends the task with an error if the call panics, so that the client does not wait for the task forever.
struct FailOnPanic(Arc<Deferring>);

impl Drop for FailOnPanic {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let deferring = Arc::clone(&self.0);
        tokio::spawn(async move {
            let made = deferring.made.lock().await;
            if let Some(id) = made.as_ref() {
                let error = ErrorData::internal_error("the call has stopped because of a bug", None);
                let state = TaskState::Failed(serde_json::to_string(&error).unwrap_or_default());
                // An error is ignored, because the panic may have come from the store.
                let _ = deferring.tasks.finish(id, state).await;
            }
        });
    }
}

impl Deferring {
    /// Ends the task with an error, because the server ends.
    async fn fail(&self) {
        if let Some(id) = self.made.lock().await.as_ref()
            && let Err(error) = self.tasks.finish(id, TaskState::Failed(SERVER_ENDED.to_owned())).await
        {
            tracing::error!(%error, "the end of a task could not be stored");
        }
    }

    /// Completes when the task was cancelled. If the call has not become a task, it never completes.
    async fn over(&self) {
        loop {
            tokio::time::sleep(KEEP).await;
            let id = self.made.lock().await.clone();
            if let Some(id) = id
                && self.tasks.keep(&id, None).await == Ok(false)
            {
                return;
            }
        }
    }
}

impl Deferral for Deferring {
    fn defer<'a>(&'a self, message: &'a str) -> Pending<'a, bool> {
        Box::pin(async move {
            let mut made = self.made.lock().await;
            if let Some(id) = made.as_ref() {
                return self.tasks.keep(id, Some(message)).await == Ok(true);
            }
            let task = match self.tasks.create(&self.principal, message).await {
                Ok(Some(task)) => task,
                Ok(None) => return false,
                Err(error) => {
                    tracing::warn!(%error, "a task could not be stored");
                    return false;
                }
            };
            let id = task.id.clone();
            let created = self.created.lock().unwrap_or_else(PoisonError::into_inner).take();
            let is_told = created.is_some_and(|created| created.send(task).is_ok());
            match is_told {
                true => *made = Some(id),
                // The client disconnected before it was told about the task.
                false => _ = self.tasks.finish(&id, TaskState::Cancelled).await,
            }
            is_told
        })
    }
}

/// Answers `tasks/get`.
pub(super) async fn get(tasks: &dyn Tasks, id: &str, caller: &Caller) -> Result<GetTaskResult, ErrorData> {
    let found = tasks.get(id, &caller.principal().to_string()).await.map_err(failed)?;
    let task = found.ok_or_else(unknown)?;
    let payload = match &task.state {
        TaskState::Working => match questions(tasks, id).await? {
            open if open.is_empty() => TaskPayload::Working,
            input_requests => TaskPayload::InputRequired { input_requests },
        },
        TaskState::Cancelled => TaskPayload::Cancelled,
        TaskState::Completed(result) => TaskPayload::Completed { result: object(result) },
        TaskState::Failed(error) => TaskPayload::Failed { error: object(error) },
    };
    Ok(GetTaskResult::new(DetailedTask::new(shown(&task), payload)))
}

/// Returns the open questions of a task.
async fn questions(tasks: &dyn Tasks, id: &str) -> Result<InputRequests, ErrorData> {
    let open = tasks.open(id).await.map_err(failed)?;
    let each = open.into_iter().map(|TaskQuestion { key, request }| {
        let request = serde_json::from_str(&request);
        let malformed =
            |error| ErrorData::internal_error(format!("the question `{key}` is malformed: {error}"), None);
        Ok((key.clone(), request.map_err(malformed)?))
    });
    each.collect()
}

/// Answers `tasks/update`. Answers to questions that are not open are ignored, as the extension requires.
pub(super) async fn update(
    tasks: &dyn Tasks,
    id: &str,
    responses: InputResponses,
    caller: &Caller,
) -> Result<(), ErrorData> {
    let answers = responses.into_iter().map(|(key, response)| (key, response.to_string())).collect();
    match tasks.answer(id, &caller.principal().to_string(), answers).await.map_err(failed)? {
        true => Ok(()),
        false => Err(unknown()),
    }
}

/// Answers `tasks/cancel`.
pub(super) async fn cancel(tasks: &dyn Tasks, id: &str, caller: &Caller) -> Result<(), ErrorData> {
    let found = tasks.cancel(id, &caller.principal().to_string()).await.map_err(failed)?;
    found.map(drop).ok_or_else(unknown)
}

fn failed(error: TasksError) -> ErrorData {
    ErrorData::internal_error(format!("tasks cannot be read: {error}"), None)
}

/// Returns the error for an unknown task. It is also returned for a task of another caller, so that task ids
/// cannot be probed.
fn unknown() -> ErrorData {
    ErrorData::invalid_params("there is no task with this id", None)
}

fn object(text: &str) -> JsonObject {
    serde_json::from_str(text).unwrap_or_default()
}

/// Converts a task to the protocol's form, without its result.
fn shown(task: &TaskRecord) -> Task {
    let status = match task.state {
        TaskState::Working => TaskStatus::Working,
        TaskState::Completed(_) => TaskStatus::Completed,
        TaskState::Failed(_) => TaskStatus::Failed,
        TaskState::Cancelled => TaskStatus::Cancelled,
    };
    let lifetime = task.expires.saturating_sub(task.created).saturating_mul(1000);
    Task::new(task.id.clone(), status, timestamp(task.created), timestamp(task.updated))
        .with_status_message(task.message.clone())
        .with_ttl_ms(lifetime)
        .with_poll_interval_ms(POLL_MILLIS)
}

/// Formats a time in seconds since 1970.
fn timestamp(seconds: u64) -> String {
    Timestamp::of(UNIX_EPOCH + Duration::from_secs(seconds)).to_string()
}
