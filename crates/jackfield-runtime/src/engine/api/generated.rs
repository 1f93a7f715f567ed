//! A generated tool as a source.

use jackfield_recipe::{Ask, Effect};
use serde_json::{Map, Value};

use super::Api;
use crate::call::held_rows::ToolHandle;
use crate::common::budget::{GRACE, Late};
use crate::engine::answer::{AnswerKind, Answered};
use crate::engine::context::ActiveCall;
use crate::engine::error::CallError;
use crate::engine::pending::Pending;
use crate::engine::prepared::Prepared;
use crate::engine::request::{SourceRequest, SourceResponse};
use crate::engine::source::{CallFuture, JobWait, Source};
use crate::reply::tool_result::ToolResult;
use crate::transport::destinations::Names;

/// Returns the arguments that are short strings, numbers or booleans. The call that reads the status of a job may need them too.
fn short_ones(arguments: &Map<String, Value>) -> Map<String, Value> {
    let is_short = |value: &Value| match value {
        Value::String(text) => text.len() <= 1000,
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    let short = arguments.iter().filter(|(_, value)| is_short(value));
    short.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// One generated tool of a service.
#[derive(Clone)]
pub(crate) struct GeneratedTool<'a> {
    pub(crate) api: &'a Api,
    pub(crate) tool: ToolHandle,
}

impl Source for GeneratedTool<'_> {
    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        matches!(request, SourceRequest::CallTool { .. }).then_some(self.tool.get().effect)
    }

    fn ask(&self, _: &SourceRequest) -> Ask {
        self.tool.get().ask
    }

    fn called(&self) -> Option<&str> {
        self.tool.get().merged.map(|merged| merged.tool)
    }

    fn prepare<'a>(&'a self, request: SourceRequest, call: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        let Self { api, tool } = self;
        Box::pin(async move {
            let SourceRequest::CallTool { arguments, .. } = request else {
                return Err(CallError::unknown(&request));
            };
            let caller = call.context.caller();
            let row = tool.get();
            let again = match (&row.paging, &row.job) {
                (Some(_), _) => Some(arguments.clone()),
                (None, Some(_)) => Some(short_ones(&arguments)),
                (None, None) => None,
            };
            let composed = api
                .compose_within(tool, arguments, Names::Resolved, call.deadline, &call.scope, caller)
                .await?;
            Ok(Prepared::Http(Box::new(composed.prepared(tool.clone(), again))))
        })
    }

    fn send<'a>(&'a self, prepared: Prepared, call: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(async move {
            match prepared {
                Prepared::Http(prepared) => {
                    let answer = self.api.send(*prepared, call).await?;
                    let mut answer = match self.api.joins_pages(&answer) {
                        true => Box::pin(self.api.join_pages(answer, call)).await,
                        false => answer,
                    };
                    if Api::may_start_job(&answer) {
                        answer = Box::pin(self.api.note_job(answer, call)).await;
                        if answer.job.is_none() {
                            answer = Box::pin(Api::store_read(answer)).await;
                        }
                    }
                    Ok(Answered::http(answer))
                }
                _ => Err(CallError::unknown_tool(self.tool.get().name)),
            }
        })
    }

    fn follow<'a>(&'a self, answered: Answered, wait: JobWait<'a>) -> Pending<'a, Answered> {
        Box::pin(async move {
            match answered.0 {
                AnswerKind::Http(answer) => Answered::http(self.api.follow_job(answer, wait).await),
                ready @ AnswerKind::Ready(_) => Answered(ready),
            }
        })
    }

    fn shape<'a>(&'a self, answered: Answered, call: &'a ActiveCall) -> CallFuture<'a, SourceResponse> {
        Box::pin(async move {
            let answer = match answered.0 {
                AnswerKind::Http(answer) => answer,
                AnswerKind::Ready(response) => return Ok(response),
            };
            let (status, length) = (answer.reply.status(), answer.reply.body().len());
            // Running a jq program may take longer than the size of the reply suggests.
            let is_computed = self.api.computes_replies(self.tool.get());
            let length = if is_computed { usize::MAX } else { length };
            let api = self.api.clone();
            let read = call.scope.compute(length, call.deadline + GRACE, move || api.read(&answer)).await;
            Ok(SourceResponse::Tool(read.unwrap_or_else(|Late| {
                ToolResult::error(format!(
                    "The service answered {status}, so the request took effect; the call timed out before the reply \
                     was read."
                ))
            })))
        })
    }
}
