//! Questions of hand-written code to clients, and calls that hand-written code continues as tasks.

use serde_json::{Map, Value};

use super::context::{Answer, CallContext, Question, QuestionKind};
use super::error::CallError;
use super::form::Form;
use crate::common::caller::Capabilities;

impl CallContext {
    /// Asks the caller's user, or the client, and waits for the answer.
    ///
    /// Depending on the protocol revision, the answer arrives at once, or the client repeats the call with the answer. A repeated call runs
    /// the code from its beginning, and `ask` then returns the answer. So ask before you send anything, and pass errors on with `?`.
    ///
    /// # Errors
    /// Returns an error if the client cannot answer this kind of question, or if the call ends here and the client repeats it with the
    /// answer.
    pub async fn ask(&self, question: Question<'_>) -> Result<Answer, CallError> {
        self.ask_all(&[question]).await?.pop().ok_or(CallError::InputRequired)
    }

    /// Asks several questions in one request to the client. The answers are in the order of the questions.
    ///
    /// # Errors
    /// Returns the errors of [`ask`](Self::ask).
    pub async fn ask_all(&self, questions: &[Question<'_>]) -> Result<Vec<Answer>, CallError> {
        let needed = questions.iter().fold(Capabilities::default(), |all, question| all.or(question.needs()));
        let missing = needed.missing_in(self.caller().capabilities());
        if !missing.is_empty() {
            return Err(CallError::MissingCapability(missing));
        }
        for question in questions {
            if let QuestionKind::Form { schema, .. } = question.kind {
                Form::parse(schema).map_err(CallError::Form)?;
            }
        }
        let asking = self.asking().ok_or(CallError::MissingCapability(needed))?;
        let answers = asking.gather(questions).await;
        match answers.contains(&Answer::Later) {
            true => Err(CallError::InputRequired),
            false => Ok(answers),
        }
    }
}

/// Returns the capabilities that a client needs for a request of another server.
fn needed_by(method: &str, parameters: &Map<String, Value>) -> Capabilities {
    let needed = Capabilities::default();
    match method {
        "elicitation/create" if parameters.get("mode").and_then(Value::as_str) == Some("url") => {
            needed.addresses(true)
        }
        "elicitation/create" => needed.elicitation(true),
        "sampling/createMessage" => needed.sampling(true).sampling_tools(parameters.contains_key("tools")),
        _ => needed.roots(true),
    }
}

impl CallContext {
    /// Answers the client's request with a task, and continues the call as that task. The message is the
    /// status of the task until a later message replaces it. The result of the call becomes the result of
    /// the task.
    ///
    /// Returns `false` if the client or this server does not support tasks. The call then continues within its request. A call that has
    /// become a task asks its later questions through the task.
    pub async fn continue_as_task(&self, message: &str) -> bool {
        match self.deferral() {
            Some(deferral) => deferral.defer(message).await,
            None => false,
        }
    }

    /// Continues the call as a task, as [`continue_as_task`](Self::continue_as_task) does.
    ///
    /// # Errors
    /// Returns an error if the client or this server does not support tasks. Return the error before you send anything.
    pub async fn require_task(&self, message: &str) -> Result<(), CallError> {
        match self.continue_as_task(message).await {
            true => Ok(()),
            false => Err(CallError::MissingCapability(Capabilities::default().tasks(true))),
        }
    }
}

impl<'a> Question<'a> {
    /// Creates a question that shows the user a form. `schema` is an object of strings, numbers, booleans and enumerations.
    pub const fn form(key: &'a str, message: &'a str, schema: &'a Map<String, Value>) -> Self {
        Self { key, kind: QuestionKind::Form { message, schema } }
    }

    /// Creates a question for the client's model, with the parameters of `sampling/createMessage`.
    pub const fn sampling(key: &'a str, parameters: &'a Map<String, Value>) -> Self {
        Self { key, kind: QuestionKind::Sampling(parameters) }
    }

    /// Creates a question that relays a request of another server: `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub const fn relayed(key: &'a str, method: &'a str, parameters: &'a Map<String, Value>) -> Self {
        Self { key, kind: QuestionKind::Relayed { method, parameters } }
    }

    /// Returns the capabilities that a client needs for a question.
    pub fn needs(&self) -> Capabilities {
        match self.kind {
            QuestionKind::Form { .. } => Capabilities::default().elicitation(true),
            QuestionKind::Sampling(_) => Capabilities::default().sampling(true),
            QuestionKind::Roots => Capabilities::default().roots(true),
            QuestionKind::Relayed { method, parameters } => needed_by(method, parameters),
        }
    }

    /// Creates a question for the client's roots.
    pub const fn roots(key: &'a str) -> Self {
        Self { key, kind: QuestionKind::Roots }
    }
}

impl Answer {
    /// Returns the fields that the user filled in, or the client's answer. Returns `None` if the user refused or dismissed the question, or
    /// if there is no answer yet.
    pub const fn accepted(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Accepted(fields) => Some(fields),
            Self::Declined | Self::Cancelled | Self::Failed { .. } | Self::Later => None,
        }
    }
}
