//! The merged tools of a service.

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use super::{Service, ToolEntry};
use crate::call::held_rows::ToolHandle;
use crate::call::rows::Tool;
use crate::common::caller::Caller;
use crate::engine::api::generated::GeneratedTool;
use crate::engine::context::CallContext;
use crate::engine::error::CallError;
use crate::engine::listing::Listed;
use crate::engine::merged::{MergeError, MergedTool};
use crate::engine::outcome::Outcome;
use crate::engine::request::SourceRequest;
use crate::engine::unknown::UnknownName;

impl Service {
    /// Returns the generated tool that a call of `name` with these arguments selects, or `None` if there is no such generated tool. If
    /// `name` is a merged tool, the result is the selected operation, and the selector is removed from the arguments.
    ///
    /// # Errors
    /// Returns an error if the arguments select no operation of a merged tool, or several.
    pub fn selected(
        &self,
        name: &str,
        arguments: &mut Map<String, Value>,
    ) -> Result<Option<ToolHandle>, MergeError> {
        match self.merged_tool(name) {
            Some(tool) => tool.select(arguments).cloned().map(Some),
            None => Ok(self.tool(name)),
        }
    }

    /// Returns the operations of the merged tool `name`. The iterator is empty if there is no such tool.
    pub fn operations_of(&self, name: &str) -> impl Iterator<Item = &ToolHandle> {
        self.merged_tool(name).into_iter().flat_map(MergedTool::operations)
    }

    /// Returns the merged tool named `name`.
    pub(crate) fn merged_tool(&self, name: &str) -> Option<&MergedTool> {
        match self.by_name.get(name)? {
            ToolEntry::Merged(at) => self.merged.get(*at),
            ToolEntry::Generated(_) | ToolEntry::Custom(_) => None,
        }
    }

    /// Returns the names and effects of the merged tools.
    pub(super) fn merges(&self) -> impl Iterator<Item = (&str, Effect)> {
        self.merged.iter().map(|tool| (tool.get().name, tool.effect()))
    }

    /// Returns the merged tool whose first operation is `row`. Lists show the merged tool at the position of this operation.
    pub(crate) fn merge_at(&self, row: &Tool<'_>) -> Option<&MergedTool> {
        let tool = self.merged_tool(row.merged?.tool)?;
        tool.operations().next().is_some_and(|first| first.get().name == row.name).then_some(tool)
    }

    /// Returns the list entry for a generated operation: its own tool, or the merged tool whose first operation it is. Returns `None` if
    /// the caller may not see the tool.
    pub(super) fn listed_row(&self, row: &Tool<'_>, caller: &Caller) -> Option<Listed> {
        if row.merged.is_none() {
            let is_listed = row.is_tool() && self.permits_row(caller, row);
            return is_listed.then(|| self.api.listed(row, caller));
        }
        let tool = self.merge_at(row)?;
        let may_see = self.permits(caller, tool.get().name, tool.effect());
        may_see.then(|| self.api.listed_merge(tool, caller))
    }

    pub(super) fn permits_row(&self, caller: &Caller, row: &Tool<'_>) -> bool {
        self.permits_name(caller, row.name, row.effect)
    }

    /// Calls the operation of a merged tool that the arguments select. From then on, the call counts as a call of the operation: the
    /// rights, limits, approvals and reply rules of the operation apply.
    pub(super) async fn run_merged(
        &self,
        tool: &MergedTool,
        mut request: SourceRequest,
        context: &CallContext,
    ) -> Outcome {
        let (executor, name) = (self.api.executor(), tool.get().name);
        let effect = Some(tool.effect());
        let SourceRequest::CallTool { arguments, .. } = &mut request else {
            return Outcome::failed(CallError::unknown(&request));
        };
        if !self.permits(context.caller(), name, tool.effect()) {
            let hidden = CallError::NotPermitted(UnknownName::tool(name));
            let refused = executor.refuse(&request, effect, hidden, context).await;
            return Outcome::failed(self.hide(refused, context.caller()));
        }
        let operation = match tool.select(arguments) {
            Ok(operation) => operation.clone(),
            Err(error) => {
                let refused = executor.refuse(&request, effect, CallError::Merge(error), context);
                return Outcome::failed(refused.await);
            }
        };
        let selected = operation.get().name.to_owned();
        let request =
            SourceRequest::CallTool { name: selected.clone(), arguments: std::mem::take(arguments) };
        let source = GeneratedTool { api: &self.api, tool: operation };
        let mut outcome = self.run_with(&source, request, context).await;
        if let Err(CallError::NotPermitted(_)) = outcome.result {
            let (tool, operation) = (name.to_owned(), selected);
            outcome.result = Err(CallError::OperationNotPermitted { tool, operation });
        }
        outcome
    }
}
