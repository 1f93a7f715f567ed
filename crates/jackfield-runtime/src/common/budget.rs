//! Limits the bytes that all calls of a process hold in memory, and the threads that compute for these calls.
//!
//! A service can answer each call with a few kilobytes that decompress to many megabytes. A call that would exceed the limit fails
//! at once, with an error that names the limit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::cancellation::Cancellation;
use super::environment::{Environment, InvalidNumber, Setting};

/// The default limit of the bytes of all calls together: about eight of the largest possible replies.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The input size from which work moves to another thread. A smaller input is processed in well below a millisecond.
const LARGE: usize = 32 * 1024;

/// The maximum number of threads that compute at once. More threads would slow down the threads that serve.
const WORKERS: usize = 4;

/// The time after the deadline of a call in which the call may process data that arrived before the deadline. For example, the events of a
/// stream that was cut at the deadline are processed then. Clients wait longer than this.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// The number of copies of a value in memory at the same time: the received bytes and the decoded value.
const COPIES: usize = 2;

/// The memory and threads that all calls of a process share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Limits>);

#[derive(Debug)]
struct Limits {
    bytes: AtomicUsize,
    max_bytes: usize,
    /// The environment variable that sets the limit, for messages.
    variable: String,
    workers: Arc<Semaphore>,
}

impl Budget {
    /// Creates the budget that `<CONNECTOR>_MAX_BYTES` sets.
    ///
    /// # Errors
    /// Returns an error if the variable is not a number of at least 1.
    pub(crate) fn of(connector: &str, environment: &Environment) -> Result<Self, InvalidNumber> {
        let variable = Setting::MaxBytes.variable(connector);
        let max_bytes = environment.number(&variable, MAX_BYTES, usize::MAX)?;
        Ok(Self::new(max_bytes, variable))
    }

    /// Creates the default budget, and ignores the connector's environment variable.
    pub(crate) fn usual(connector: &str) -> Self {
        Self::new(MAX_BYTES, Setting::MaxBytes.variable(connector))
    }

    fn new(max_bytes: usize, variable: String) -> Self {
        let workers = Arc::new(Semaphore::new(WORKERS));
        Self(Arc::new(Limits { bytes: AtomicUsize::new(0), max_bytes, variable, workers }))
    }

    /// Starts to count the bytes and work of one call.
    pub(crate) fn scope(&self) -> CallScope {
        CallScope(Arc::new(Scope {
            limits: Arc::clone(&self.0),
            held: AtomicUsize::new(0),
            cancellation: Cancellation::new(),
        }))
    }

    /// Returns the number of bytes that all calls hold.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.0.bytes.load(Ordering::Acquire)
    }
}

/// The error if all calls together would exceed the byte limit of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetExceeded {
    limit: usize,
    variable: String,
}

impl fmt::Display for BudgetExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, variable } = self;
        write!(
            f,
            "all concurrent calls together would hold more than {limit} bytes (set by {variable}): call again in a moment"
        )
    }
}

impl std::error::Error for BudgetExceeded {}

/// The bytes and the work of one call. Clones belong to the same call. The bytes are released when the last
/// clone is dropped.
#[derive(Clone)]
pub(crate) struct CallScope(Arc<Scope>);

struct Scope {
    limits: Arc<Limits>,
    held: AtomicUsize,
    cancellation: Cancellation,
}

/// The error if the result is no longer needed, because the deadline has passed or the call was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Late;

impl CallScope {
    /// Reserves further bytes before they are stored.
    ///
    /// # Errors
    /// Returns an error if all calls together would exceed the limit.
    pub(crate) fn hold(&self, bytes: usize) -> Result<(), BudgetExceeded> {
        let Scope { limits, held, .. } = &*self.0;
        let bytes = bytes.saturating_mul(COPIES);
        let more = |all: usize| all.checked_add(bytes).filter(|all| *all <= limits.max_bytes);
        if limits.bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_err() {
            return Err(BudgetExceeded { limit: limits.max_bytes, variable: limits.variable.clone() });
        }
        held.fetch_add(bytes, Ordering::AcqRel);
        Ok(())
    }

    /// Runs a computation whose input has the given number of bytes. A large input is processed on another thread. Work on that
    /// thread stops after the deadline, or when the call is cancelled.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        bytes: usize,
        deadline: Instant,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Late> {
        if Instant::now() >= deadline {
            return Err(Late);
        }
        if bytes < LARGE {
            return Ok(work());
        }
        let workers = Arc::clone(&self.0.limits.workers);
        let Ok(Ok(worker)) = timeout_at(deadline, workers.acquire_owned()).await else { return Err(Late) };
        let computed = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(worker);
            result
        });
        match timeout_at(deadline, computed).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(failed)) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
            _ => Err(Late),
        }
    }

    /// Returns a guard that stops the work of the call when it is dropped. The future of the call owns the guard, so the work
    /// stops however the future ends.
    #[must_use]
    pub(crate) fn stop_at_end(&self) -> StopAtEnd {
        StopAtEnd(self.clone())
    }

    /// Returns the cancellation, which tells work in other tasks that the call has ended.
    pub(crate) fn cancellation(&self) -> &Cancellation {
        &self.0.cancellation
    }

    /// Whether the call has ended. Long loops check this regularly.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.cancellation.is_cancelled()
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.limits.bytes.fetch_sub(*self.held.get_mut(), Ordering::AcqRel);
    }
}

impl fmt::Debug for CallScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallScope({} bytes)", self.0.held.load(Ordering::Relaxed))
    }
}

pub(crate) struct StopAtEnd(CallScope);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.0.cancellation.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(bytes: &str) -> Budget {
        Budget::of("shop", &Environment::of([("SHOP_MAX_BYTES", bytes)])).unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn memory_of_a_call_counts_toward_the_limit_until_the_call_ends() {
        let budget = budget("100");
        let (one, other) = (budget.scope(), budget.scope());
        one.hold(30).unwrap();
        other.hold(20).unwrap();
        let full = other.hold(1).unwrap_err().to_string();
        assert!(full.contains("more than 100 bytes (set by SHOP_MAX_BYTES)"), "{full}");
        assert_eq!(budget.held(), 100);
        let clone = one.clone();
        drop(one);
        assert_eq!(budget.held(), 100);
        drop(clone);
        other.hold(30).unwrap();
        drop(other);
        assert_eq!(budget.held(), 0);
        assert!(budget.scope().hold(usize::MAX).is_err());
    }

    #[tokio::test]
    async fn long_computation_runs_on_a_separate_thread() {
        let scope = budget("").scope();
        let here = std::thread::current().id();
        let thread = || std::thread::current().id();
        assert_eq!(scope.compute(LARGE - 1, soon(), thread).await, Ok(here));
        assert!(scope.compute(LARGE, soon(), thread).await.is_ok_and(|there| there != here));
        assert_eq!(scope.compute(0, Instant::now(), thread).await, Err(Late));
    }

    #[tokio::test]
    async fn work_of_a_cancelled_call_is_stopped() {
        let scope = budget("").scope();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (ended, has_ended) = std::sync::mpsc::channel();
        let seen = scope.clone();
        let call = tokio::spawn(async move {
            let _stop = scope.stop_at_end();
            let work = move || {
                let _ = begun.send(());
                while !seen.is_stopped() {
                    std::thread::yield_now();
                }
                ended.send(()).unwrap();
            };
            scope.compute(LARGE, soon(), work).await
        });
        has_begun.await.unwrap();
        call.abort();
        assert!(call.await.is_err());
        tokio::task::spawn_blocking(move || has_ended.recv().unwrap()).await.unwrap();
    }
}
