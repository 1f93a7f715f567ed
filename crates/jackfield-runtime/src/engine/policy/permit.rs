//! Permissions: the targets that a caller may see and call.

use crate::common::caller::Caller;
use crate::engine::request::Target;

/// Decides which targets a caller may see and call.
pub trait Permit: Send + Sync {
    /// Whether the caller may see and call the target.
    fn permits(&self, caller: &Caller, target: Target<'_>) -> bool;

    /// The version of the permissions of a caller. If a decision changes, the version and the caller's lists change.
    fn version(&self, caller: &Caller) -> u64;
}
