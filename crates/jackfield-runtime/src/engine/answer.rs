//! Answers before they are formatted for the caller.

use jackfield_recipe::ReplyPath;

use super::error::CallError;
use super::policy::audit::RecordedReply;
use super::request::SourceResponse;
use crate::auth::Sent;
use crate::call::held_rows::ToolHandle;
use crate::reply::page::{JoinedPages, PagedCall};
use crate::transport::reply::Reply;

/// The maximum number of characters of a request id that are recorded.
const LONGEST_REQUEST_ID: usize = 128;

/// An answer before it is formatted for the caller.
#[derive(Debug)]
pub struct Answered(pub(crate) AnswerKind);

#[derive(Debug)]
pub(crate) enum AnswerKind {
    Http(Box<HttpAnswer>),
    Ready(SourceResponse),
}

/// An HTTP reply, with the facts about its request that are needed to format it.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) tool: ToolHandle,
    pub(crate) reply: Reply,
    /// The credentials that were sent with the request.
    pub(crate) sent: Vec<Sent>,
    /// Arguments that were coerced to their schema.
    pub(crate) coerced: Option<String>,
    /// The parts of the reply that the call chooses.
    pub(crate) fields: Option<Vec<ReplyPath>>,
    /// The call, if its tool has pages.
    pub(crate) paged: Option<PagedCall>,
    /// The pages that were joined.
    pub(crate) joined: Option<JoinedPages>,
    /// The number of requests that were sent.
    pub(crate) attempts: u32,
    /// The seconds that the service asks to wait.
    pub(crate) asked_wait: Option<u64>,
}

impl Answered {
    /// Creates an answer that needs no formatting.
    pub fn new(response: SourceResponse) -> Self {
        Self(AnswerKind::Ready(response))
    }

    /// Returns the answer of a source that needs no formatting.
    ///
    /// # Errors
    /// Returns the answer unchanged as an error if it is an HTTP reply.
    pub fn into_response(self) -> Result<SourceResponse, CallError> {
        match self.0 {
            AnswerKind::Ready(response) => Ok(response),
            AnswerKind::Http(answer) => Err(CallError::unknown_tool(answer.tool.get().name)),
        }
    }

    pub(crate) fn http(answer: HttpAnswer) -> Self {
        Self(AnswerKind::Http(Box::new(answer)))
    }

    /// The status of the HTTP reply.
    pub fn status(&self) -> Option<u16> {
        match &self.0 {
            AnswerKind::Http(answer) => Some(answer.reply.status()),
            AnswerKind::Ready(_) => None,
        }
    }

    /// The properties of the HTTP reply that an audit records.
    pub(crate) fn recorded(&self) -> Option<RecordedReply> {
        match &self.0 {
            AnswerKind::Http(answer) => {
                let reply = &answer.reply;
                let request_id = reply.request_id().map(|id| id.chars().take(LONGEST_REQUEST_ID).collect());
                let bytes = answer.joined.as_ref().map_or(reply.body.len(), |joined| joined.bytes);
                Some(RecordedReply::new(reply.status(), bytes, request_id))
            }
            AnswerKind::Ready(_) => None,
        }
    }

    /// The number of requests that were sent; 0 for an answer that is not an HTTP reply.
    pub(crate) fn attempts(&self) -> u32 {
        match &self.0 {
            AnswerKind::Http(answer) => answer.attempts,
            AnswerKind::Ready(_) => 0,
        }
    }

    /// Whether the service or the hand-written code reports an error.
    pub fn is_error(&self) -> bool {
        match &self.0 {
            AnswerKind::Http(answer) => !answer.reply.is_success(),
            AnswerKind::Ready(SourceResponse::Tool(result)) => result.is_error(),
            AnswerKind::Ready(_) => false,
        }
    }
}
