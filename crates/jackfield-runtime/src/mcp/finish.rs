//! Converts the results of tools to results and errors of the protocol.

use rmcp::model::{CallToolResult, ErrorData, ProtocolVersion};

use super::lists;
use super::tools::answer;
use crate::engine::error::CallError;
use crate::engine::request::SourceResponse;
use crate::reply::tool_result::ToolResult;

/// Converts the result of a tool call to a result of the protocol, or to an error. `is_printed_here` has the same
/// meaning as in [`answer`].
pub(super) fn finish(
    result: Result<SourceResponse, CallError>,
    revision: &ProtocolVersion,
    is_modern: bool,
    is_printed_here: bool,
) -> Result<CallToolResult, ErrorData> {
    let result = match result {
        Ok(SourceResponse::Tool(result)) => result,
        Ok(_) => return Err(lists::mismatched()),
        Err(CallError::Unknown(unknown) | CallError::NotPermitted(unknown)) => {
            return Err(ErrorData::invalid_params(unknown.to_string(), None));
        }
        Err(CallError::MissingCapability(missing)) if is_modern => {
            return Err(lists::missing_capability(missing));
        }
        Err(error) => ToolResult::error(error.to_string()),
    };
    Ok(answer(result, revision, is_printed_here))
}
