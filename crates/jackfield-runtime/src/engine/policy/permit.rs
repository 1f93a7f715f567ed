//! Rights: which caller may see and call what.

use crate::common::caller::Caller;
use crate::engine::request::Target;

/// Decides which targets a caller may see and call.
pub trait Permit: Send + Sync {
    /// Whether the caller may see and call the target.
    fn permits(&self, caller: &Caller, target: Target<'_>) -> bool;

    /// The version of the decisions for a caller. It changes when one of them does, and so do the caller's lists.
    fn version(&self, caller: &Caller) -> u64;
}
