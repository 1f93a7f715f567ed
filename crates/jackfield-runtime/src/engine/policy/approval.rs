//! Approval: a person decides about a prepared call before it is sent.

use super::not_approved::NotApproved;
use crate::engine::context::ActiveCall;
use crate::engine::pending::Pending;
use crate::engine::prepared::Prepared;
use crate::engine::request::Target;

/// Decides about prepared calls, for instance by asking a person.
pub trait Approval: Send + Sync {
    /// Decides about one call. An approval is valid only for this call. It is used up when this function
    /// returns, so that neither a crash nor a copy of the call can use it again. Afterwards, the executor
    /// records the intent and then sends the call.
    fn approve<'a>(
        &'a self,
        review: Review<'a>,
        call: &'a ActiveCall,
    ) -> Pending<'a, Result<Approved, NotApproved>>;
}

/// The decision that a call may be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// The id of the spent approval. `None` if the call needed none.
    pub id: Option<String>,
}

/// A prepared call, as shown to an approver.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// The target of the call.
    pub target: Target<'a>,
    /// The prepared request, without credentials.
    pub prepared: &'a Prepared,
    /// The SHA-256 digest of the arguments, for comparing calls.
    pub arguments: &'a [u8; 32],
}
