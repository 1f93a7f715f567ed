//! Who may approve calls.

use crate::common::caller::{Caller, Channel};

/// Decides who may approve calls.
pub trait Approvers: Send + Sync {
    /// The calls that a caller may approve by answering a question of the server. The answer comes with the token that
    /// made the call, so for the caller's own calls it needs the right to approve these.
    fn may_approve(&self, caller: &Caller) -> MayApprove;
}

/// The calls that a principal may approve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MayApprove {
    /// None.
    #[default]
    None,
    /// Those of other principals.
    Others,
    /// All, its own too.
    Own,
}

/// The approvers of a server without rights: the user of a client that started the server. The holder of a token may
/// be a program, so an answer over HTTP approves nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LocalApprovers;

impl Approvers for LocalApprovers {
    fn may_approve(&self, caller: &Caller) -> MayApprove {
        match caller.channel() {
            Channel::Stdio | Channel::CommandLine => MayApprove::Own,
            Channel::Http => MayApprove::None,
        }
    }
}
