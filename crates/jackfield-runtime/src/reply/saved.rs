//! The result for a reply that was stored in a file.

use serde_json::json;

use super::tool_result::ToolResult;
use crate::transport::reply::Reply;

/// Returns the path, length, media type and digest of the file as a result. `None` if the reply was not stored.
pub(super) fn read(reply: &Reply) -> Option<ToolResult> {
    let saved = reply.saved()?;
    let media_type = reply.media_type().essence;
    let mut value =
        json!({ "path": saved.path.to_string_lossy(), "bytes": saved.length, "sha256": saved.sha256 });
    if !media_type.is_empty() {
        value["media_type"] = media_type.into();
    }
    let result = ToolResult::json(value).note("The reply was stored in this file.");
    let result = match reply.coding() {
        Some(coding) => result.note(format!("The file is compressed as {coding}, as the service sent it.")),
        None => result,
    };
    Some(reply.caveat().into_iter().fold(result, ToolResult::note))
}
