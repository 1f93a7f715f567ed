//! Calls that clients poll as tasks, because the calls wait for a person or for a job.

use std::fmt;

use super::pending::Pending;
use super::running_tasks::RunningTasks;

/// A task. Only the principal that made the call sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRecord {
    pub(crate) id: String,
    pub(crate) principal: String,
    pub(crate) state: TaskState,
    /// The reason why the task waits, in plain words.
    pub(crate) message: String,
    /// The times of the creation and of the last change, in seconds since 1970.
    pub(crate) created: u64,
    pub(crate) updated: u64,
    /// The time of the deletion, in seconds since 1970.
    pub(crate) expires: u64,
}

/// The state of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskState {
    Working,
    /// The result of the call, as JSON.
    Completed(String),
    /// The error that ended the call, as JSON.
    Failed(String),
    Cancelled,
}

/// A question of a task to its client, as an MCP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskQuestion {
    /// A key that is unique among all questions of the task.
    pub(crate) key: String,
    /// The request, as JSON.
    pub(crate) request: String,
}

/// The answers to questions of a task: keys and JSON values.
pub(crate) type TaskAnswers = Vec<(String, String)>;

/// Stores the questions of tasks, so that another process can show them and accept their answers.
pub(crate) trait TaskQuestions: Send + Sync {
    /// Asks questions. Returns `false` if the task has ended.
    fn ask<'a>(&'a self, id: &'a str, questions: Vec<TaskQuestion>) -> Pending<'a, Result<bool, TasksError>>;

    /// Returns the questions of a task that are not yet answered.
    fn open<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Vec<TaskQuestion>, TasksError>>;

    /// Answers open questions of a task with JSON values. Answers whose keys are unknown are ignored. Returns `false` if `principal` has no
    /// task `id`.
    fn answer<'a>(
        &'a self,
        id: &'a str,
        principal: &'a str,
        answers: TaskAnswers,
    ) -> Pending<'a, Result<bool, TasksError>>;

    /// Takes the answers to all questions of a task, by key. Returns `None` while a question is open.
    fn take_answers<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<TaskAnswers>, TasksError>>;

    /// Deletes the questions of a task and their answers.
    fn forget<'a>(&'a self, id: &'a str) -> Pending<'a, Result<(), TasksError>>;
}

/// The error, as JSON, of a task whose server stopped before the task ended. Whether the request was sent is unknown.
pub(crate) const SERVER_ENDED: &str = r#"{"code":-32603,"message":"the server stopped before this task ended: check whether the call took effect, and call again if it did not"}"#;

/// Stores tasks.
pub(crate) trait Tasks: TaskQuestions {
    /// Counts the calls of this process that are tasks or may become tasks.
    fn running(&self) -> &RunningTasks;

    /// Creates a working task of a principal. Returns `None` if the principal has too many tasks.
    fn create<'a>(
        &'a self,
        principal: &'a str,
        message: &'a str,
    ) -> Pending<'a, Result<Option<TaskRecord>, TasksError>>;

    /// Returns the task `id` of `principal`.
    fn get<'a>(
        &'a self,
        id: &'a str,
        principal: &'a str,
    ) -> Pending<'a, Result<Option<TaskRecord>, TasksError>>;

    /// Renews the lease of a working task, and changes its message. Returns `false` if the task has ended.
    fn keep<'a>(&'a self, id: &'a str, message: Option<&'a str>) -> Pending<'a, Result<bool, TasksError>>;

    /// Ends a task, unless it has already ended.
    fn finish<'a>(&'a self, id: &'a str, state: TaskState) -> Pending<'a, Result<(), TasksError>>;

    /// Cancels the task `id` of `principal`, unless it has ended. Returns `None` if there is no such task.
    fn cancel<'a>(
        &'a self,
        id: &'a str,
        principal: &'a str,
    ) -> Pending<'a, Result<Option<TaskRecord>, TasksError>>;
}

/// The reason why tasks cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TasksError(pub(crate) String);

impl fmt::Display for TasksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TasksError {}
