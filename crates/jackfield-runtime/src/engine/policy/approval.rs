//! Approval: a person decides about a prepared call before it is sent.

use std::time::Duration;

use jackfield_recipe::Ask;

use super::not_approved::NotApproved;
use crate::engine::approval::outline::ArgumentOutline;
use crate::engine::context::{ActiveCall, CallContext};
use crate::engine::pending::Pending;
use crate::engine::prepared::Prepared;
use crate::engine::request::Target;

/// Decides about prepared calls, for instance by asking a person.
pub trait Approval: Send + Sync {
    /// Whether a call needs a decision. This is checked for every call, so it has to be fast.
    fn is_needed(&self, _target: Target<'_>, _ask: Ask, _context: &CallContext) -> bool {
        true
    }

    /// Returns the maximum time for a decision. The deadline of the call is suspended during this time.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// Makes a spent approval usable again, because hand-written code asked its client a question and the
    /// client continues the call with the answer. Requests that the code has sent were approved separately.
    fn resume<'a>(&'a self, _id: &'a str) -> Pending<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Refuses all waiting calls from now on, because the connector was replaced after they were prepared.
    fn retire(&self) {}

    /// Decides about one call. An approval is valid only for this call, and is used up when this function returns, so that neither a crash
    /// nor a copy of the call can use it again. Afterwards, the executor records the intent and then sends the call.
    fn approve<'a>(&'a self, review: Review<'a>, call: &'a ActiveCall) -> ApprovalFuture<'a>;
}

/// A future that resolves to the decision about a call.
pub type ApprovalFuture<'a> = Pending<'a, Result<Approved, NotApproved>>;

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
    /// Whether connector.toml or the hand-written tool requires approval.
    pub ask: Ask,
    /// The prepared request, without credentials.
    pub prepared: &'a Prepared,
    /// The SHA-256 digest of the arguments, for comparing calls.
    pub arguments: &'a [u8; 32],
    /// The arguments as a person reads them: shortened, and without secrets.
    pub outline: &'a ArgumentOutline,
}
