//! The setting that says from where the result of a completed job is read.

/// The place from which the result of a completed job is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum JobResult {
    /// At the URL in the status, else at the URL in the headers of the first reply, else in the status itself.
    #[default]
    Named,
    /// At the URL in the header `Location` of the first reply.
    Location,
    /// At the URL of the call itself.
    Call,
    /// In the last status reply.
    Status,
}
