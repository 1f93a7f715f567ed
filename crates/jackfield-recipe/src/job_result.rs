//! Where the result of a completed job is.

/// Where the result of a completed job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum JobResult {
    /// Where the status names it, else where the headers of the first reply lead, else in the status itself.
    #[default]
    Named,
    /// At the address in the header `Location` of the first reply.
    Location,
    /// At the address of the call itself.
    Call,
    /// In the last status.
    Status,
}
