//! The answer to a request before it is formatted for the caller.

use std::time::Duration;

use http::StatusCode;
use jackfield_recipe::ReplyPath;

use super::error::CallError;
use super::job_answer::JobAnswer;
use super::outcome_code::OutcomeCode;
use super::policy::audit::{RecordedReply, ReplySource};
use super::request::SourceResponse;
use crate::auth::Sent;
use crate::call::downloads::SaveTarget;
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
    /// The source of the reply: the service or the cache.
    pub(crate) source: ReplySource,
    /// The age of a cached reply: the time since the service sent it. For joined pages, the age of the oldest page. `None` if the reply is
    /// not from the cache.
    pub(crate) age: Option<Duration>,
    /// The credentials that were sent with the request.
    pub(crate) sent: Vec<Sent>,
    /// A note about the arguments that were coerced to their schema.
    pub(crate) coerced: Option<String>,
    /// The parts of the reply that the caller selected.
    pub(crate) fields: Option<Vec<ReplyPath>>,
    /// The arguments and the URL of the call, if its tool has pagination or starts a job.
    pub(crate) paged: Option<PagedCall>,
    /// The pages that were joined into this answer.
    pub(crate) joined: Option<JoinedPages>,
    /// The job that the call started.
    pub(crate) job: Option<Box<JobAnswer>>,
    /// The file in which the reply, or the result of the job, is stored.
    pub(crate) save: Option<SaveTarget>,
    /// The number of requests that were sent, not counting the requests for the status and result of a job.
    pub(crate) attempts: u32,
    /// The retry delay in seconds that the service asks for.
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

    pub(crate) const fn http(answer: Box<HttpAnswer>) -> Self {
        Self(AnswerKind::Http(answer))
    }

    /// Returns the status of the HTTP reply, or `None` if the answer is not an HTTP reply.
    pub fn status(&self) -> Option<u16> {
        match &self.0 {
            AnswerKind::Http(answer) => Some(answer.reply.status()),
            AnswerKind::Ready(_) => None,
        }
    }

    /// Returns the properties of the HTTP reply that an audit records.
    pub(crate) fn recorded(&self) -> Option<RecordedReply> {
        match &self.0 {
            AnswerKind::Http(answer) => {
                let reply = &answer.reply;
                let request_id = reply.request_id().map(|id| id.chars().take(LONGEST_REQUEST_ID).collect());
                // The service answered this request with 304, so the audit records 304 instead of the status of the cached reply.
                let status = match answer.source {
                    ReplySource::Revalidated => StatusCode::NOT_MODIFIED.as_u16(),
                    _ => reply.status(),
                };
                let bytes = answer.joined.as_ref().map_or(reply.length(), |joined| joined.bytes);
                let recorded = RecordedReply::new(status, bytes, request_id);
                Some(RecordedReply { source: answer.source, ..recorded })
            }
            AnswerKind::Ready(_) => None,
        }
    }

    /// Returns the approximate size in bytes of an answer from another server or from hand-written code. It is close to the size of the
    /// JSON, and costs much less to compute.
    pub(crate) fn relayed_bytes(&self) -> Option<usize> {
        match &self.0 {
            AnswerKind::Http(_) => None,
            AnswerKind::Ready(response) => Some(response.size()),
        }
    }

    /// Returns the number of requests that were sent. An answer that is not an HTTP reply counts 0.
    pub(crate) fn attempts(&self) -> u32 {
        match &self.0 {
            AnswerKind::Http(answer) => answer.attempts + answer.job.as_ref().map_or(0, |job| job.requests),
            AnswerKind::Ready(_) => 0,
        }
    }

    /// Whether the call waits for a job that it started.
    pub(crate) fn awaits_job(&self) -> bool {
        match &self.0 {
            AnswerKind::Http(answer) => {
                answer.job.as_ref().is_some_and(|job| job.is_followed && job.end.is_none())
            }
            AnswerKind::Ready(_) => false,
        }
    }

    /// Returns the code of a call that waited for a job, if it differs from the code of the reply.
    pub(crate) fn job_code(&self) -> Option<OutcomeCode> {
        match &self.0 {
            AnswerKind::Http(answer) => answer.job.as_ref().and_then(|job| job.code()),
            AnswerKind::Ready(_) => None,
        }
    }

    /// Whether the service or the hand-written code reports an error.
    pub fn is_error(&self) -> bool {
        match &self.0 {
            AnswerKind::Http(answer) => {
                !answer.reply.is_success() || answer.job.as_ref().is_some_and(|job| job.has_failed())
            }
            AnswerKind::Ready(SourceResponse::Tool(result)) => result.is_error(),
            AnswerKind::Ready(_) => false,
        }
    }
}
