use crate::{ArgName, JobResult, ToolName, WireName};

/// How the status of a job is read that an operation starts. Values of replies are named by JSON Pointers.
///
/// The address of the status is in a header of the first reply, or in its body; or the body has the identifier of the job, which an
/// argument of another tool takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// The header with the address of the status, if it is not one of the usual ones.
    pub header: Option<WireName>,
    /// The address of the status, in the body of the first reply.
    pub address: Option<String>,
    /// The identifier of the job, in the body of the first reply, and the tool that takes it.
    pub id: Option<(String, JobReader)>,
    /// The state, in a status.
    pub state: Option<String>,
    /// The states that mean that the job is completed, besides the usual ones.
    pub done: Vec<String>,
    /// The states that mean that the job has failed, besides the usual ones.
    pub failed: Vec<String>,
    /// The result or its address, in a status.
    pub result: Option<String>,
    /// The text of an error, in a status.
    pub error: Option<String>,
    /// Where the result is.
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
    /// The kind of lead to the status, for reports.
    pub const fn style(&self) -> &'static str {
        match (&self.id, &self.address) {
            (Some(_), _) => "id",
            (None, Some(_)) => "address",
            (None, None) => "header",
        }
    }
}
