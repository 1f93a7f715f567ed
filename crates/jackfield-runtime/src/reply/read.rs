//! Converts a reply to the result that a model reads.

use super::credential_advice::CredentialAdvice;
use super::shape::Shaping;
use super::tool_result::ToolResult;
use super::{failure, success};
use crate::transport::reply::Reply;

/// The result that a model reads: the content of the reply, as the rules of its tool allow it, or the failure with its remedy. `wants_etag` says
/// that another call takes the entity tag of this reply.
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
