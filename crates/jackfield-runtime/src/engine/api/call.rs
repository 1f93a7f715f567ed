//! Calls of generated tools from code.

use serde_json::{Map, Value};

use super::Api;
use super::generated::GeneratedTool;
use crate::call::held_rows::ToolHandle;
use crate::common::caller::Caller;
use crate::engine::answer::{AnswerKind, HttpAnswer};
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::engine::executor::Admitted;
use crate::engine::request::SourceRequest;
use crate::transport::reply::Reply;

impl Api {
    /// Calls a generated tool, and returns its reply unchanged.
    ///
    /// # Errors
    /// Returns an error if the arguments do not fit the input schema, a credential is missing, or no reply was received. A reply with an
    /// error status is not an error.
    pub async fn call(
        &self,
        tool: impl Into<ToolHandle>,
        arguments: Map<String, Value>,
        caller: &Caller,
    ) -> Result<Reply, CallError> {
        self.call_in(tool, arguments, &CallContext::new(caller.clone())).await
    }

    /// Calls a generated tool in a context.
    ///
    /// # Errors
    /// Returns the errors of [`call`](Self::call).
    pub async fn call_in(
        &self,
        tool: impl Into<ToolHandle>,
        arguments: Map<String, Value>,
        context: &CallContext,
    ) -> Result<Reply, CallError> {
        self.call_answered(tool, arguments, context).await.map(|(answer, _)| answer.reply)
    }

    /// Calls a generated tool. The admission slot is held until the caller has used the answer.
    pub(crate) async fn call_answered(
        &self,
        tool: impl Into<ToolHandle>,
        arguments: Map<String, Value>,
        context: &CallContext,
    ) -> Result<(HttpAnswer, Admitted), CallError> {
        let tool = tool.into();
        let request = SourceRequest::CallTool { name: tool.get().name.to_owned(), arguments };
        let source = GeneratedTool { api: self, tool };
        let (answered, admitted) = self.executor.answer(&source, request, context, self.nesting).await?;
        match answered.0 {
            AnswerKind::Http(answer) => Ok((*answer, admitted)),
            AnswerKind::Ready(_) => unreachable!("a generated tool answers with an HTTP reply"),
        }
    }
}
