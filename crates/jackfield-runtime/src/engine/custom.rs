//! Hand-written tools.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::call::args::Args;
use crate::call::held_rows::ToolHandle;
use crate::call::schema::{ArgumentsError, InputSchema};
use crate::engine::api::Api;
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::reply::tool_result::ToolResult;
use crate::transport::reply::Reply;
use jackfield_recipe::{Ask, Effect};

/// One call of a hand-written tool.
#[derive(Debug)]
pub struct Call {
    /// The arguments, which fit the input schema.
    pub args: Args,
    /// The service, which can call every generated tool.
    pub api: Api,
    /// The caller, and the ways to report progress and to ask the user.
    pub context: CallContext,
}

impl Call {
    /// Calls a generated tool for the same caller. `arguments` is the JSON object that a model would send.
    ///
    /// # Errors
    /// Returns the errors of [`Api::call`].
    pub async fn send(&self, tool: impl Into<ToolHandle>, arguments: Value) -> Result<Reply, CallError> {
        match arguments {
            Value::Object(arguments) => self.api.call_in(tool, arguments, &self.context).await,
            _ => Err(CallError::Arguments(ArgumentsError::NO_OBJECT)),
        }
    }
}

pub(crate) type Running = Pin<Box<dyn Future<Output = Result<ToolResult, CallError>> + Send>>;

/// A hand-written tool.
#[derive(Clone)]
pub struct CustomTool {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) input: String,
    pub(crate) effect: Effect,
    pub(crate) ask: Ask,
    pub(crate) idempotent: bool,
    /// The input schema, compiled at the first call.
    pub(crate) schema: Arc<OnceLock<InputSchema>>,
    pub(crate) run: Arc<dyn Fn(Call) -> Running + Send + Sync>,
}

impl CustomTool {
    /// Creates a tool. By default it takes no arguments and its effect is `destroy`.
    pub fn new<F, R>(name: impl Into<String>, run: F) -> Self
    where
        F: Fn(Call) -> R + Send + Sync + 'static,
        R: Future<Output = Result<ToolResult, CallError>> + Send + 'static,
    {
        Self {
            name: name.into(),
            title: String::new(),
            description: String::new(),
            input: r#"{"type":"object","additionalProperties":false}"#.to_owned(),
            effect: Effect::Destroy,
            ask: Ask::ByEffect,
            idempotent: false,
            schema: Arc::default(),
            run: Arc::new(move |call| Box::pin(run(call))),
        }
    }

    /// Sets the title for people.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the description for models.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets the input schema, as JSON.
    #[must_use]
    pub fn input(mut self, schema: impl Into<String>) -> Self {
        self.input = schema.into();
        self.schema = Arc::default();
        self
    }

    /// Sets the effect that a call has on the service: read, write or destroy.
    #[must_use]
    pub const fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Sets whether calls of this tool wait for the approval of a person, whatever the effect. Generated tools that its code calls are
    /// approved separately, so a tool that only combines generated tools may be called without approval.
    #[must_use]
    pub const fn ask(mut self, ask: Ask) -> Self {
        self.ask = ask;
        self
    }

    /// Declares the tool idempotent.
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

impl std::fmt::Debug for CustomTool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CustomTool({})", self.name)
    }
}
