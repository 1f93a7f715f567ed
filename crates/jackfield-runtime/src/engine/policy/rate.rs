//! Rate limits: the number of calls that each caller may make.

use std::any::Any;
use std::fmt;

use tokio::time::Instant;

use crate::common::caller::Caller;
use crate::engine::pending::Pending;
use crate::engine::request::Target;

/// Limits the calls of each caller. A call is counted before it is prepared, and before a person has to approve it.
pub trait Rate: Send + Sync {
    /// Counts a call, and decides whether the caller may make it.
    ///
    /// # Errors
    /// Returns an error if the caller has made too many calls.
    fn admit(&self, caller: &Caller, target: Target<'_>) -> Result<RateGuard, RateExceeded>;

    /// Waits until the caller has fewer calls in flight than its limit. Returns `None` if the caller has no limit.
    ///
    /// Calls that hand-written code makes are counted but do not wait, because the call of the hand-written
    /// tool already has a slot.
    fn enter<'a>(&'a self, _entry: RateEntry<'a>) -> Option<Pending<'a, Result<RateGuard, RateExceeded>>> {
        None
    }
}

/// A call that waits until its caller has fewer calls in flight.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RateEntry<'a> {
    /// The caller.
    pub caller: &'a Caller,
    /// The target of the call.
    pub target: Target<'a>,
    /// The time at which the wait ends.
    pub deadline: Instant,
    /// Whether the call was in flight before it waited for an approval. Such a call was already admitted, so a full queue does not refuse
    /// it.
    pub was_in_flight: bool,
}

impl<'a> RateEntry<'a> {
    /// Creates the entry of a call that has not been in flight.
    pub const fn new(caller: &'a Caller, target: Target<'a>, deadline: Instant) -> Self {
        Self { caller, target, deadline, was_in_flight: false }
    }

    /// Creates the entry of a call that was in flight before it waited for an approval.
    pub(crate) const fn again(caller: &'a Caller, target: Target<'a>, deadline: Instant) -> Self {
        Self { caller, target, deadline, was_in_flight: true }
    }
}

/// Counts a call as in flight until this guard is dropped.
#[derive(Default)]
pub struct RateGuard(
    #[allow(dead_code, reason = "released when it is dropped")] Option<Box<dyn Any + Send + Sync>>,
);

impl RateGuard {
    /// Creates a guard that keeps `permit` until the call ends.
    pub fn of(permit: impl Any + Send + Sync) -> Self {
        Self(Some(Box::new(permit)))
    }
}

impl fmt::Debug for RateGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateGuard")
    }
}

/// A caller has made too many calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateExceeded {
    /// The limit in words, such as `10 calls per minute of this tool`.
    pub limit: String,
    /// The setting that sets the limit, such as `` `calls` in [rate] of connector.toml ``.
    pub place: String,
    /// The seconds after which a call is allowed again, rounded up.
    pub seconds: u64,
}

impl fmt::Display for RateExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, place, seconds } = self;
        write!(f, "too many calls: call again in {seconds} s (limit {limit}, set by {place})")
    }
}

impl std::error::Error for RateExceeded {}
