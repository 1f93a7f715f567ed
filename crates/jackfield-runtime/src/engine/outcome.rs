//! The outcome of a call.

use super::answer::Answered;
use super::error::CallError;
use super::outcome_code::OutcomeCode;
use super::request::SourceResponse;

/// The outcome of a call: a stable code, and the answer for the caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The outcome code, for metrics and audit.
    pub code: OutcomeCode,
    /// The status of the HTTP reply, if one came.
    pub status: Option<u16>,
    /// The answer, or the error as text for a model.
    pub result: Result<SourceResponse, CallError>,
}

impl Outcome {
    /// Creates the outcome of a call that got no answer.
    pub(crate) fn failed(error: CallError) -> Self {
        Self { code: error.code(), status: None, result: Err(error) }
    }

    /// Returns the code of an answer before it is formatted.
    pub(crate) fn code_of(answered: &Answered) -> OutcomeCode {
        if let Some(code) = answered.job_code() {
            return code;
        }
        match answered.status() {
            Some(500..) => OutcomeCode::ServiceFailed,
            _ if answered.is_error() => OutcomeCode::Refused,
            _ => OutcomeCode::Done,
        }
    }
}
