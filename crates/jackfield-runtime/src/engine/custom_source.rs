//! A hand-written tool as a source of answers.

use std::sync::Arc;

use jackfield_recipe::{Ask, Effect};
use serde_json::Value;

use super::answer::Answered;
use super::api::Api;
use super::context::ActiveCall;
use super::custom::{Call, CustomTool};
use super::error::{CallError, LateCall, LatePhase};
use super::listing::Listed;
use super::pending::Pending;
use super::prepared::{Prepared, PreparedCustom, ToolFacts};
use super::request::{SourceRequest, SourceResponse};
use super::source::{CallFuture, Source};
use crate::call::args::Args;
use crate::call::schema::{ArgumentsError, InputSchema, self_contained};
use crate::common::budget::Late;
use crate::reply::tool_result::ToolResult;

/// One hand-written tool of a service.
#[derive(Clone, Copy)]
pub(crate) struct CustomSource<'a> {
    pub(crate) api: &'a Api,
    pub(crate) tool: &'a CustomTool,
}

impl CustomSource<'_> {
    /// Returns the tool as a client sees it.
    pub(crate) fn listed(&self) -> Listed {
        let tool = self.tool;
        Listed {
            name: tool.name.clone(),
            title: tool.title.clone(),
            description: tool.description.clone(),
            input: self_contained(self.api.connector(), &tool.input),
            output: None,
            effect: tool.effect,
            idempotent: tool.idempotent,
            further: serde_json::Map::new(),
        }
    }

    fn facts(&self) -> ToolFacts {
        let CustomTool { name, title, description, input, effect, .. } = self.tool.clone();
        ToolFacts { name, title, description, input, effect }
    }

    /// Validates the arguments against the input schema, and coerces them to it.
    async fn check(&self, arguments: Value, call: &ActiveCall) -> Result<(Option<String>, Value), CallError> {
        let size = arguments.as_object().map_or(0, |arguments| self.api.size_of(arguments));
        call.scope.hold(size).map_err(|why| CallError::Busy(why.into()))?;
        let (rows, tool) = (self.api.rows().clone(), self.tool.clone());
        let fit = move || {
            let compile = || InputSchema::compile(self_contained(rows.get(), &tool.input));
            let mut value = arguments;
            let fitted = tool.schema.get_or_init(compile).fit(&tool.name, &mut value);
            fitted.map(|coerced| (coerced, value))
        };
        let fitted = call.scope.compute(size, call.deadline, fit).await;
        fitted
            .map_err(|Late| CallError::Late(LateCall::new(LatePhase::Checking, self.api.connector().name)))?
            .map_err(CallError::Arguments)
    }
}

impl Source for CustomSource<'_> {
    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        matches!(request, SourceRequest::CallTool { .. }).then_some(self.tool.effect)
    }

    fn ask(&self, _: &SourceRequest) -> Ask {
        self.tool.ask
    }

    fn prepare<'a>(&'a self, request: SourceRequest, call: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        Box::pin(async move {
            let SourceRequest::CallTool { arguments, .. } = request else {
                return Err(CallError::unknown(&request));
            };
            let (coerced, value) = self.check(Value::Object(arguments), call).await?;
            let Value::Object(arguments) = value else {
                return Err(CallError::Arguments(ArgumentsError::NO_OBJECT));
            };
            let (body, api) = (Arc::clone(&self.tool.run), self.api.clone().nested());
            let run = move |call: ActiveCall| {
                let result = body(Call { args: Args::new(arguments), api, context: call.context });
                let noted = async move {
                    let result = coerced.into_iter().fold(result.await?, ToolResult::note);
                    Ok(SourceResponse::Tool(result))
                };
                Box::pin(noted) as Pending<'static, _>
            };
            Ok(PreparedCustom::of_tool(self.facts(), run))
        })
    }

    fn send<'a>(&'a self, prepared: Prepared, call: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(async move {
            let Prepared::Custom(PreparedCustom { run, .. }) = prepared else {
                return Err(CallError::unknown_tool(&self.tool.name));
            };
            Ok(Answered::new(run(call.clone()).await?))
        })
    }
}
