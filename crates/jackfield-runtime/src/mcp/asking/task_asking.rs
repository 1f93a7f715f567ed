//! Asks the questions of a call that continues as a task. The client finds the questions in the task, and answers
//! with `tasks/update`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::wire;
use crate::engine::context::{Answer, Asking, ConnectedClient, Question};
use crate::engine::pending::Pending;
use crate::engine::task::{TaskQuestion, Tasks, TasksError};

/// The maximum time that a person has to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// The interval at which the task checks for answers.
const POLL: Duration = Duration::from_millis(500);
/// The maximum number of times that a question is asked, if the answers are invalid.
const ATTEMPTS: usize = 3;

/// Asks through the task if the call has become a task, or else through the request of the call.
pub(in crate::mcp) struct TaskAsking {
    of_request: Arc<dyn Asking>,
    tasks: Arc<dyn Tasks>,
    made: Arc<MadeTask>,
    /// The number of questions that the task has asked.
    keys: AtomicU64,
}

/// The id of the task, if the call has become a task.
pub(in crate::mcp) type MadeTask = tokio::sync::Mutex<Option<String>>;

impl TaskAsking {
    pub(in crate::mcp) fn new(
        of_request: Arc<dyn Asking>,
        tasks: Arc<dyn Tasks>,
        made: Arc<MadeTask>,
    ) -> Self {
        Self { of_request, tasks, made, keys: AtomicU64::new(0) }
    }

    async fn task(&self) -> Option<String> {
        self.made.lock().await.clone()
    }

    /// Returns a key for a question, which differs from the keys of all other questions of the task.
    fn unused_key(&self, name: &str) -> String {
        format!("{}-{name}", self.keys.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Asks questions through the task, and waits for all their answers.
    async fn ask_in(&self, id: &str, questions: &[Question<'_>]) -> Vec<Answer> {
        match self.answers(id, questions).await {
            Ok(answers) => answers,
            Err(error) => {
                tracing::warn!(%error, "the questions of a task could not be stored");
                vec![Answer::Cancelled; questions.len()]
            }
        }
    }

    async fn answers(&self, id: &str, questions: &[Question<'_>]) -> Result<Vec<Answer>, TasksError> {
        let tasks = &self.tasks;
        let mut answers: Vec<Option<Answer>> = vec![None; questions.len()];
        for _ in 0..ATTEMPTS {
            let unanswered = questions.iter().enumerate().filter(|(at, _)| answers[*at].is_none());
            let asked: Vec<(usize, TaskQuestion)> = unanswered
                .map(|(at, question)| {
                    let key = self.unused_key(question.key);
                    (at, TaskQuestion { key, request: wire::request(question).to_string() })
                })
                .collect();
            if asked.is_empty() || !tasks.ask(id, asked.iter().map(|(_, it)| it.clone()).collect()).await? {
                break;
            }
            let deadline = Instant::now() + ANSWER_TIMEOUT;
            let responses = loop {
                if let Some(responses) = tasks.take_answers(id).await? {
                    break responses;
                }
                if Instant::now() >= deadline {
                    tasks.forget(id).await?;
                    break Vec::new();
                }
                tokio::time::sleep(POLL).await;
            };
            if responses.is_empty() {
                break;
            }
            let responses: HashMap<String, String> = responses.into_iter().collect();
            for (at, TaskQuestion { key, .. }) in asked {
                let response: Option<Value> =
                    responses.get(&key).and_then(|it| serde_json::from_str(it).ok());
                answers[at] = response.and_then(|response| wire::answer(&questions[at], &response));
            }
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or(Answer::Cancelled)).collect())
    }
}

impl Asking for TaskAsking {
    fn ask<'a>(&'a self, question: Question<'a>) -> Pending<'a, Answer> {
        Box::pin(async move {
            match self.task().await {
                Some(id) => self.ask_in(&id, &[question]).await.pop().unwrap_or(Answer::Cancelled),
                None => self.of_request.ask(question).await,
            }
        })
    }

    fn gather<'a>(&'a self, questions: &'a [Question<'a>]) -> Pending<'a, Vec<Answer>> {
        Box::pin(async move {
            match self.task().await {
                Some(id) => self.ask_in(&id, questions).await,
                None => self.of_request.gather(questions).await,
            }
        })
    }

    fn carry(&self, value: Value) {
        self.of_request.carry(value);
    }

    fn carried(&self) -> Option<Value> {
        self.of_request.carried()
    }

    fn client(&self) -> Option<Arc<dyn ConnectedClient>> {
        self.of_request.client()
    }
}
