//! Calls within the time and the limits of one process, up to what a model reads.

use serde_json::{Map, Value};

use super::size::size_of_all;
use super::{Api, CHECKING, CallError};
use crate::call::rows::Tool;
use crate::common::budget::{GRACE, Late};
use crate::common::caller::Caller;
use crate::common::progress::Progress;
use crate::reply::tool_result::ToolResult;

impl Api {
    /// Calls a generated tool, and reads the reply as a model does: all of it within the time and the limits of one call.
    pub(crate) async fn answer(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        caller: &Caller,
        progress: &Progress,
    ) -> ToolResult {
        let deadline = self.0.client.deadline();
        let _slot = match self.0.admission.enter(deadline).await {
            Ok(slot) => slot,
            Err(why) => return ToolResult::error(CallError::Busy(why).to_string()),
        };
        let scope = self.0.admission.scope();
        let _stop = scope.stop_at_end();
        let answered = match self.perform(tool, arguments, caller, progress, deadline, &scope).await {
            Ok(answered) => answered,
            Err(error) => return ToolResult::error(error.to_string()),
        };
        let (status, api) = (answered.reply.status(), self.clone());
        let length = answered.reply.body().len();
        let read = scope.compute(length, deadline + GRACE, move || api.read(tool, &answered)).await;
        read.unwrap_or_else(|Late| {
            ToolResult::error(format!(
                "The service answered {status}, so it has acted; the call's time was over before its reply was read."
            ))
        })
    }

    /// Computes something large of a call of its own, such as the check of the arguments of a hand-written tool.
    ///
    /// # Errors
    /// There was no time for it.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CallError> {
        let scope = self.0.admission.scope();
        let _stop = scope.stop_at_end();
        scope.hold(bytes).map_err(|why| CallError::Busy(why.into()))?;
        let computed = scope.compute(bytes, self.0.client.deadline(), work).await;
        computed.map_err(|Late| CallError::Late(CHECKING))
    }

    /// About how many bytes arguments are.
    pub(crate) fn size_of(&self, arguments: &Map<String, Value>) -> usize {
        size_of_all(arguments, &self.0.files)
    }
}
