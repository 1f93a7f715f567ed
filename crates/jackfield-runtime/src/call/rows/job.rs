//! The row that says how the status of a job is read.

use jackfield_recipe::JobResult;

/// How the status of a job that a tool starts is read. Values in replies are named by JSON Pointers.
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

/// The place of a job's identifier, and the tool and argument that take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobId<'a> {
    pub(crate) pointer: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) argument: &'a str,
}

impl<'a> Job<'a> {
    /// Creates the row of a job whose status URL is in a header of the first reply.
    #[allow(
        clippy::new_without_default,
        reason = "rows are made in constants, where a default cannot be called"
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

    /// Sets the header with the URL of the status, if it is not one of the usual ones.
    pub const fn header(self, header: &'a str) -> Self {
        Self { header, ..self }
    }

    /// Sets the pointer to the URL of the status, in the body of the first reply.
    pub const fn address(self, address: &'a str) -> Self {
        Self { address: Some(address), ..self }
    }

    /// Sets the pointer to the identifier of the job, in the body of the first reply, and the tool and the argument that take it.
    pub const fn id(self, pointer: &'a str, tool: &'a str, argument: &'a str) -> Self {
        Self { id: Some(JobId { pointer, tool, argument }), ..self }
    }

    /// Sets the pointer to the state, in a status.
    pub const fn state(self, state: &'a str) -> Self {
        Self { state: Some(state), ..self }
    }

    /// Sets the states that mean that the job is completed, besides the usual ones.
    pub const fn done(self, done: &'a [&'a str]) -> Self {
        Self { done, ..self }
    }

    /// Sets the states that mean that the job has failed, besides the usual ones.
    pub const fn failed(self, failed: &'a [&'a str]) -> Self {
        Self { failed, ..self }
    }

    /// Sets the pointer to the result or its URL, in a status.
    pub const fn result(self, result: &'a str) -> Self {
        Self { result: Some(result), ..self }
    }

    /// Sets the pointer to the error message, in a status.
    pub const fn error(self, error: &'a str) -> Self {
        Self { error: Some(error), ..self }
    }

    /// Sets where the result of a completed job is read.
    pub const fn last(self, last: JobResult) -> Self {
        Self { last, ..self }
    }
}
