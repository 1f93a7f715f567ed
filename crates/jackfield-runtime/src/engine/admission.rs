//! Limits of concurrent and waiting calls.
//!
//! A client can start any number of calls. If the limit is reached and the queue is full, a call fails at once and takes no resources. The
//! error names the limit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::call_slot::{CallSlot, CallSlots, NoSlot};

use crate::common::budget::{Budget, BudgetExceeded, CallScope};
use crate::common::early_timer::EarlyTimer;
use crate::common::environment::{Environment, InvalidNumber, Setting};

/// The default limit of concurrent calls. Clients start fewer calls at once, and every system has enough connections and file descriptors
/// for this number.
const MAX_CALLS: usize = 64;

/// The limits of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Admission(Arc<Limits>);

#[derive(Debug)]
struct Limits {
    slots: CallSlots,
    max_calls: usize,
    waiting: AtomicUsize,
    /// The name of the variable that sets the limit, for messages.
    variable: String,
    /// The reason why the limits are invalid.
    fault: Option<InvalidNumber>,
    budget: Budget,
    early_timer: EarlyTimer,
}

/// The reason why a call is not admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdmissionError {
    /// The value of a limit variable is not a number.
    Limit(InvalidNumber),
    /// The queue is full.
    QueueFull {
        /// The limit of concurrent calls.
        limit: usize,
        /// The variable that sets the limit.
        variable: String,
    },
    /// The calls in flight would hold too many bytes.
    Memory(BudgetExceeded),
    /// The deadline passed in the queue.
    Waited {
        /// The limit of concurrent calls.
        limit: usize,
        /// The variable that sets the limit.
        variable: String,
    },
}

impl fmt::Display for AdmissionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(fault) => {
                write!(f, "{fault}. The user has to correct it, then start this connector again")
            }
            Self::Memory(exceeded) => exceeded.fmt(f),
            Self::QueueFull { limit, variable } => {
                write!(
                    f,
                    "too many calls in flight: call again in a moment (limit {limit}, set by {variable})"
                )
            }
            Self::Waited { limit, variable } => {
                write!(
                    f,
                    "the call timed out while it waited for other calls (limit {limit}, set by {variable})"
                )
            }
        }
    }
}

impl std::error::Error for AdmissionError {}

impl From<BudgetExceeded> for AdmissionError {
    fn from(exceeded: BudgetExceeded) -> Self {
        Self::Memory(exceeded)
    }
}

impl Admission {
    /// Reads the limits from `<CONNECTOR>_MAX_CALLS` and `<CONNECTOR>_MAX_BYTES`. If a limit is invalid, or `other` is the error of another
    /// setting, every call fails.
    pub(crate) fn of(connector: &str, environment: &Environment, other: Option<InvalidNumber>) -> Self {
        let variable = Setting::MaxCalls.variable(connector);
        let max_calls = environment.number(&variable, MAX_CALLS, Semaphore::MAX_PERMITS);
        let budget = Budget::of(connector, environment);
        let fault = max_calls.as_ref().err().or(budget.as_ref().err()).cloned().or(other);
        let max_calls = max_calls.unwrap_or(MAX_CALLS);
        Self(Arc::new(Limits {
            slots: CallSlots::new(max_calls),
            max_calls,
            waiting: AtomicUsize::new(0),
            variable,
            fault,
            budget: budget.unwrap_or_else(|_| Budget::usual(connector)),
            early_timer: EarlyTimer::default(),
        }))
    }

    /// Waits until the call may begin. The queue is as long as the limit of concurrent calls.
    ///
    /// # Errors
    /// Returns an error if the limits are invalid, the queue is full, or the deadline has passed.
    pub(crate) async fn enter(&self, deadline: Instant) -> Result<CallSlot, AdmissionError> {
        let limits = &*self.0;
        if let Some(fault) = &limits.fault {
            return Err(AdmissionError::Limit(fault.clone()));
        }
        limits.early_timer.keep();
        if let Some(slot) = limits.slots.free_one() {
            return Ok(slot);
        }
        let limit = limits.max_calls;
        let _waiting = Counted::enter(&limits.waiting, limit)
            .ok_or_else(|| AdmissionError::QueueFull { limit, variable: limits.variable.clone() })?;
        limits.slots.enter(deadline).await.map_err(|late| self.waited(late))
    }

    /// Returns the error of a call whose deadline passed in the queue.
    pub(crate) fn waited(&self, NoSlot: NoSlot) -> AdmissionError {
        AdmissionError::Waited { limit: self.0.max_calls, variable: self.0.variable.clone() }
    }

    /// Starts to count the bytes and the work of one call.
    pub(crate) fn scope(&self) -> CallScope {
        self.0.budget.scope()
    }

    /// Returns the number of free slots.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.0.slots.free()
    }

    /// Returns the bytes that all calls hold.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.0.budget.held()
    }
}

/// A waiting call. It is counted until this value is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn enter(count: &'a AtomicUsize, limit: usize) -> Option<Self> {
        let more = |count: usize| (count < limit).then_some(count + 1);
        count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok().map(|_| Self(count))
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn admission(calls: &str, bytes: &str) -> Admission {
        Admission::of("shop", &Environment::of([("SHOP_MAX_CALLS", calls), ("SHOP_MAX_BYTES", bytes)]), None)
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn calls_beyond_the_concurrency_limit_wait_if_the_queue_has_room() {
        let admission = admission("2", "");
        let first = [admission.enter(soon()).await.unwrap(), admission.enter(soon()).await.unwrap()];
        let enter = || {
            let admission = admission.clone();
            tokio::spawn(async move { admission.enter(soon()).await })
        };
        let waiting = [enter(), enter()];
        while admission.0.waiting.load(Ordering::Acquire) < 2 {
            tokio::task::yield_now().await;
        }
        let refused = admission.enter(soon()).await.unwrap_err().to_string();
        assert_eq!(
            refused,
            "too many calls in flight: call again in a moment (limit 2, set by SHOP_MAX_CALLS)"
        );
        drop(first);
        for call in waiting {
            assert!(call.await.unwrap().is_ok());
        }
        assert!(admission.enter(soon()).await.is_ok());
        assert_eq!(admission.0.waiting.load(Ordering::Acquire), 0);
    }

    #[tokio::test]
    async fn waiting_call_leaves_the_queue_at_its_deadline() {
        let admission = admission("1", "");
        let _slot = admission.enter(soon()).await.unwrap();
        let late = admission.enter(Instant::now()).await.unwrap_err().to_string();
        assert!(late.starts_with("the call timed out while it waited"), "{late}");
        // A call that stops waiting is no longer counted.
        assert!(tokio::time::timeout(Duration::ZERO, admission.enter(soon())).await.is_err());
        assert_eq!(admission.0.waiting.load(Ordering::Acquire), 0);
    }

    #[tokio::test]
    async fn error_for_an_invalid_limit_names_its_variable() {
        for wrong in ["0", "many", "-1"] {
            let why = admission(wrong, "").enter(soon()).await.unwrap_err().to_string();
            assert!(why.starts_with("SHOP_MAX_CALLS is "), "{why}");
        }
    }
}
