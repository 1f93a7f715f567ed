use crate::{ArgName, JobResult, ToolName, WireName};

/// How the status of a job that an operation starts is read. Values in replies are named by JSON Pointers.
///
/// The URL of the status is in a header of the first reply, or in its body. Or the body contains the identifier of the job, which an
/// argument of another tool takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// The header with the URL of the status, if it is not one of the usual ones.
    pub header: Option<WireName>,
    /// The pointer to the URL of the status, in the body of the first reply.
    pub address: Option<String>,
    /// The pointer to the identifier of the job, in the body of the first reply, and the tool that takes it.
    pub id: Option<(String, JobReader)>,
    /// The pointer to the state, in a status.
    pub state: Option<String>,
    /// The states that mean that the job is completed, besides the usual ones.
    pub done: Vec<String>,
    /// The states that mean that the job has failed, besides the usual ones.
    pub failed: Vec<String>,
    /// The pointer to the result or its URL, in a status.
    pub result: Option<String>,
    /// The pointer to the error message, in a status.
    pub error: Option<String>,
    /// Where the result of a completed job is read.
    pub last: JobResult,
}

/// The tool that reads the status of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobReader {
    /// Its name.
    pub tool: ToolName,
    /// The argument that takes the identifier.
    pub argument: ArgName,
}

impl Job {
    /// How the first reply names the status, for reports.
    pub const fn style(&self) -> &'static str {
        match (&self.id, &self.address) {
            (Some(_), _) => "id",
            (None, Some(_)) => "address",
            (None, None) => "header",
        }
    }
}
