//! Rate limits: the number of calls that each caller may make.

use std::any::Any;
use std::fmt;

use tokio::time::Instant;

use crate::common::caller::Caller;
use crate::engine::pending::Pending;
use crate::engine::request::Target;

/// Limits the calls of each caller. It decides before a call is prepared, and before a person has to approve
/// it.
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
    fn enter<'a>(
        &'a self,
        _caller: &'a Caller,
        _target: Target<'a>,
        _deadline: Instant,
    ) -> Option<Pending<'a, Result<RateGuard, RateExceeded>>> {
        None
    }

    /// Waits like [`enter`](Self::enter), for a call that was in flight before it waited for an approval. A full queue does not refuse the
    /// call, because it was already admitted.
    fn reenter<'a>(
        &'a self,
        caller: &'a Caller,
        target: Target<'a>,
        deadline: Instant,
    ) -> Option<Pending<'a, Result<RateGuard, RateExceeded>>> {
        self.enter(caller, target, deadline)
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
