use crate::{ArgName, JobResult, ToolName, WireName};

/// The way to read the status of a job that an operation starts. The first reply contains either the URL of the status or the identifier of
/// the job, which another tool takes as an argument. JSON Pointers select the values in replies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// The header with the URL of the status, if the API does not use one of the usual headers.
    pub header: Option<WireName>,
    /// The pointer to the URL of the status, in the body of the first reply.
    pub address: Option<String>,
    /// The pointer to the identifier of the job, in the body of the first reply, and the tool that takes it.
    pub id: Option<(String, JobReader)>,
    /// The pointer to the state, in the body of a status reply.
    pub state: Option<String>,
    /// The states that mean that the job is completed, in addition to the usual names.
    pub done: Vec<String>,
    /// The states that mean that the job has failed, in addition to the usual names.
    pub failed: Vec<String>,
    /// The pointer to the result or to the URL of the result, in the body of a status reply.
    pub result: Option<String>,
    /// The pointer to the error message, in the body of a status reply.
    pub error: Option<String>,
    /// The place from which the result of a completed job is read.
    pub last: JobResult,
}

/// The tool that reads the status of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobReader {
    /// The name of the tool.
    pub tool: ToolName,
    /// The argument that takes the identifier.
    pub argument: ArgName,
}

impl Job {
    /// Returns a word for reports that says how the first reply refers to the status: `id`, `address` or `header`.
    pub const fn style(&self) -> &'static str {
        match (&self.id, &self.address) {
            (Some(_), _) => "id",
            (None, Some(_)) => "address",
            (None, None) => "header",
        }
    }
}
