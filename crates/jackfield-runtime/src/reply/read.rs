//! Converts an HTTP reply to the result that a model reads.

use super::credential_advice::CredentialAdvice;
use super::shape::Shaping;
use super::tool_result::ToolResult;
use super::{failure, success};
use crate::transport::reply::Reply;

/// Creates the result of a call: the content of the reply, with the reply rule of the tool applied, or the failure with its remedy. If
/// `wants_etag` is set, the result shows the `etag` of the reply, because another tool takes it as an argument.
pub(crate) fn to_result(
    reply: &Reply,
    shaping: Shaping<'_>,
    wants_etag: bool,
    credentials: impl FnOnce() -> CredentialAdvice,
) -> ToolResult {
    if reply.is_success() {
        success::read(reply, shaping, wants_etag)
    } else {
        ToolResult::error(failure::describe(reply, shaping, &credentials()))
    }
}
