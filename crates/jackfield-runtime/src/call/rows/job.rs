//! The table entry for the status of a job.

use jackfield_recipe::JobResult;

/// Describes how the status of a job that a tool starts is read. JSON pointers name values in replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job<'a> {
    /// The header with the URL of the status. If empty, the usual headers are read.
    pub(crate) header: &'a str,
    pub(crate) address: Option<&'a str>,
    pub(crate) id: Option<JobId<'a>>,
    pub(crate) state: Option<&'a str>,
    pub(crate) done: &'a [&'a str],
    pub(crate) failed: &'a [&'a str],
    pub(crate) result: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
    pub(crate) last: JobResult,
}

/// The JSON pointer to a job's identifier, with the tool and the argument that take the identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobId<'a> {
    pub(crate) pointer: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) argument: &'a str,
}

impl<'a> Job<'a> {
    /// Describes a job whose status URL is in a usual header of the first reply.
    #[allow(
        clippy::new_without_default,
        reason = "table entries are constants, where `default` cannot be called"
    )]
    pub const fn new() -> Self {
        Self {
            header: "",
            address: None,
            id: None,
            state: None,
            done: &[],
            failed: &[],
            result: None,
            error: None,
            last: JobResult::Named,
        }
    }

    /// Sets the header with the URL of the status, if it is not one of the usual headers.
    pub const fn header(self, header: &'a str) -> Self {
        Self { header, ..self }
    }

    /// Sets the JSON pointer to the URL of the status, in the body of the first reply.
    pub const fn address(self, address: &'a str) -> Self {
        Self { address: Some(address), ..self }
    }

    /// Sets the JSON pointer to the job's identifier in the body of the first reply, and the tool and argument that take the identifier.
    pub const fn id(self, pointer: &'a str, tool: &'a str, argument: &'a str) -> Self {
        Self { id: Some(JobId { pointer, tool, argument }), ..self }
    }

    /// Sets the JSON pointer to the state, in the body of a status reply.
    pub const fn state(self, state: &'a str) -> Self {
        Self { state: Some(state), ..self }
    }

    /// Sets the states that mean that the job is completed, in addition to the usual states.
    pub const fn done(self, done: &'a [&'a str]) -> Self {
        Self { done, ..self }
    }

    /// Sets the states that mean that the job has failed, in addition to the usual states.
    pub const fn failed(self, failed: &'a [&'a str]) -> Self {
        Self { failed, ..self }
    }

    /// Sets the JSON pointer to the result or to the URL of the result, in the body of a status reply.
    pub const fn result(self, result: &'a str) -> Self {
        Self { result: Some(result), ..self }
    }

    /// Sets the JSON pointer to the error message, in the body of a status reply.
    pub const fn error(self, error: &'a str) -> Self {
        Self { error: Some(error), ..self }
    }

    /// Sets from where the result of a completed job is read.
    pub const fn last(self, last: JobResult) -> Self {
        Self { last, ..self }
    }
}
