//! Permissions: the targets that a caller may see and call.

use tokio::sync::watch;

use crate::common::caller::{Caller, Principal};
use crate::engine::request::{Arguments, Target};

/// Decides which targets a caller may see and call.
///
/// Lists, searches, descriptions and calls all use this decision.
pub trait Permit: Send + Sync {
    /// Decides about a target. `arguments` are the arguments of a call, or `None` for a list.
    fn decide(&self, caller: &Caller, target: Target<'_>, arguments: Option<&Arguments>) -> Permission;

    /// Returns the version of the caller's permissions. It changes whenever a decision about the caller changes, and the version of the
    /// caller's lists changes with it.
    fn version(&self, caller: &Caller) -> u64;

    /// Returns a receiver that is notified whenever the permissions change, so that clients are told. Returns `None` if they never change.
    fn changes(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// Returns a receiver that is notified whenever a caller may have lost a permission, so that running calls are checked again.
    fn revocations(&self) -> Option<watch::Receiver<u64>> {
        self.changes()
    }

    /// Whether a running call may continue. Its arguments were checked when it began.
    fn still_permits(&self, caller: &Caller, target: Target<'_>) -> bool {
        self.decide(caller, target, None).is_listed()
    }

    /// Whether a caller may approve the calls of other callers.
    fn may_approve(&self, caller: &Caller) -> bool {
        *caller.principal() == Principal::Local
    }

    /// Whether a caller may approve its own calls over HTTP, with the token that also makes them.
    fn may_approve_own(&self, _caller: &Caller) -> bool {
        false
    }
}

/// The decision about one target and one caller.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Permission {
    /// The caller may see and call the target.
    Allowed,
    /// The caller may see the target, and may call it with a token that has all of these scopes.
    NeedsScopes(Vec<String>),
    /// The caller may see the target, but may not call it with these arguments. The text names the rule.
    ArgumentsRefused(String),
    /// The target does not exist for this caller: it is not listed, and a call gets the error for an unknown
    /// name.
    Hidden,
}

impl Permission {
    /// Whether the target appears in lists.
    pub fn is_listed(&self) -> bool {
        !matches!(self, Self::Hidden)
    }
}
