//! Hand-written prompts.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::completion::{Completer, CompletionCall, completer};
use super::custom::Call;
use super::error::CallError;
use super::listing::{ListedPrompt, PromptArgument};
use super::pending::Pending;
use super::request::PromptMessage;

pub(crate) type Prompter =
    Arc<dyn Fn(Call) -> Pending<'static, Result<Vec<PromptMessage>, CallError>> + Send + Sync>;

/// A hand-written prompt.
#[derive(Clone)]
pub struct CustomPrompt {
    pub(crate) listed: ListedPrompt,
    pub(crate) make: Prompter,
    pub(crate) completers: Vec<(String, Completer)>,
}

impl CustomPrompt {
    /// Creates a prompt without arguments.
    pub fn new<F, R>(name: impl Into<String>, make: F) -> Self
    where
        F: Fn(Call) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<PromptMessage>, CallError>> + Send + 'static,
    {
        let listed = ListedPrompt {
            name: name.into(),
            title: String::new(),
            description: String::new(),
            arguments: Vec::new(),
            further: serde_json::Map::new(),
        };
        Self { listed, make: Arc::new(move |call| Box::pin(make(call))), completers: Vec::new() }
    }

    /// Sets the description for people.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.listed.description = description.into();
        self
    }

    /// Adds an argument that the prompt requires. Its values are strings.
    #[must_use]
    pub fn requires(self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.with(name.into(), description.into(), true)
    }

    /// Adds an argument that may be left out. Its values are strings.
    #[must_use]
    pub fn accepts(self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.with(name.into(), description.into(), false)
    }

    fn with(mut self, name: String, description: String, is_required: bool) -> Self {
        self.listed.arguments.push(PromptArgument { name, description, is_required });
        self
    }

    /// Sets the function that suggests values for an argument.
    #[must_use]
    pub fn completes<F, R>(mut self, argument: impl Into<String>, complete: F) -> Self
    where
        F: Fn(CompletionCall) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<String>, CallError>> + Send + 'static,
    {
        self.completers.push((argument.into(), completer(complete)));
        self
    }
}

impl fmt::Debug for CustomPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomPrompt({})", self.listed.name)
    }
}
