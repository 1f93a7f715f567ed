//! Permissions: the targets that a caller may see and call.

use crate::common::caller::Caller;
use crate::engine::request::Target;

/// Decides which targets a caller may see and call.
pub trait Permit: Send + Sync {
    /// Whether the caller may see and call the target.
    fn permits(&self, caller: &Caller, target: Target<'_>) -> bool;

    /// The version of the caller's permissions. It changes whenever a decision about the caller changes, and
    /// the version of the caller's lists changes with it.
    fn version(&self, caller: &Caller) -> u64;
}
