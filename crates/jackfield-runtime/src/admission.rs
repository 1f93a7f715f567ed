//! How much a process does at once: calls in flight, callers that wait, bytes that calls hold, and threads that compute.
//!
//! A client can start any number of calls, and a service can answer each with a few kilobytes that decompress to many
//! megabytes. Beyond the limits a call fails at once, with words that say so, and costs nothing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::environment::{Environment, variable};

/// Calls in flight, unless the user says otherwise: more than any one client starts at once, few enough that connections
/// and descriptors suffice everywhere.
const MAX_CALLS: usize = 64;

/// Bytes that all calls hold together, unless the user says otherwise: eight of the largest replies at once.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Bytes whose processing takes well below a millisecond; larger work leaves the threads that serve.
const LARGE: usize = 32 * 1024;

/// Threads that compute at once. More would take the processor from those that serve.
const WORKERS: usize = 4;

/// How long after its deadline a call still reads what came in time: the beginning of a stream comes with the deadline itself.
/// Clients give up later.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// A value is held as it came and in the form that it is made into.
const COPIES: usize = 2;

/// The limits of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Admission(Arc<Limits>);

#[derive(Debug)]
struct Limits {
    calls: Arc<Semaphore>,
    max_calls: usize,
    waiting: AtomicUsize,
    bytes: AtomicUsize,
    max_bytes: usize,
    /// The variables with the two limits, for messages.
    names: [String; 2],
    /// Why the limits cannot be used.
    fault: Option<String>,
    workers: Arc<Semaphore>,
}

/// The right to be in flight.
#[derive(Debug)]
pub(crate) struct Slot(#[allow(dead_code, reason = "given back when it is dropped")] OwnedSemaphorePermit);

impl Admission {
    /// The limits that `<CONNECTOR>_MAX_CALLS` and `<CONNECTOR>_MAX_BYTES` set.
    pub(crate) fn of(connector: &str, environment: &Environment) -> Self {
        let names = ["MAX_CALLS", "MAX_BYTES"].map(|suffix| variable(connector, suffix));
        let mut fault = None;
        let mut limit = |name: &String, usual| match environment.get(name) {
            None => usual,
            Some(text) => match text.trim().parse() {
                Ok(number @ 1..=Semaphore::MAX_PERMITS) => number,
                _ => {
                    fault = Some(format!("{name} is {text:?}, and has to be a number from 1 on"));
                    usual
                }
            },
        };
        let (max_calls, max_bytes) = (limit(&names[0], MAX_CALLS), limit(&names[1], MAX_BYTES));
        Self(Arc::new(Limits {
            calls: Arc::new(Semaphore::new(max_calls)),
            max_calls,
            waiting: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            max_bytes,
            names,
            fault,
            workers: Arc::new(Semaphore::new(WORKERS)),
        }))
    }

    /// Waits until the call may begin. As many callers wait as calls may be in flight; beyond that none does.
    ///
    /// # Errors
    /// Why it does not begin, fit for a model to read.
    pub(crate) async fn enter(&self, deadline: Instant) -> Result<Slot, String> {
        let limits = &*self.0;
        if let Some(fault) = &limits.fault {
            return Err(format!("{fault}. The user has to correct it, then start this connector again"));
        }
        let calls = Arc::clone(&limits.calls);
        if let Ok(permit) = Arc::clone(&calls).try_acquire_owned() {
            return Ok(Slot(permit));
        }
        let [name, _] = &limits.names;
        let busy = |problem: &str| format!("{problem} (limit {}, set by {name})", limits.max_calls);
        let waiting = Counted::enter(&limits.waiting, limits.max_calls)
            .ok_or_else(|| busy("too many calls in flight: call again in a moment"))?;
        let permit = timeout_at(deadline, calls.acquire_owned()).await;
        drop(waiting);
        match permit {
            Ok(Ok(permit)) => Ok(Slot(permit)),
            _ => Err(busy("its time was over while it waited for other calls")),
        }
    }

    /// Starts to count the bytes and work of one call.
    pub(crate) fn scope(&self) -> CallScope {
        CallScope(Arc::new(Scope {
            limits: Arc::clone(&self.0),
            held: AtomicUsize::new(0),
            is_stopped: AtomicBool::new(false),
        }))
    }

    /// How many bytes all calls hold.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.0.bytes.load(Ordering::Acquire)
    }
}

/// One of a number that is limited.
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

/// The bytes and work of one call. Clones are of the same call; its bytes are given back with the last of them.
#[derive(Clone)]
pub(crate) struct CallScope(Arc<Scope>);

struct Scope {
    limits: Arc<Limits>,
    held: AtomicUsize,
    is_stopped: AtomicBool,
}

/// Why what was computed is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Late;

impl CallScope {
    /// Counts so many bytes more, before they are kept.
    ///
    /// # Errors
    /// All calls together would hold too many.
    pub(crate) fn hold(&self, bytes: usize) -> Result<(), String> {
        let Scope { limits, held, .. } = &*self.0;
        let bytes = bytes.saturating_mul(COPIES);
        let more = |all: usize| all.checked_add(bytes).filter(|all| *all <= limits.max_bytes);
        if limits.bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_err() {
            return Err(format!(
                "the calls in flight would hold more than {} bytes together (set by {}): call again in a moment",
                limits.max_bytes, limits.names[1]
            ));
        }
        held.fetch_add(bytes, Ordering::AcqRel);
        Ok(())
    }

    /// Computes what so many bytes are the input of. If they are many, another thread does it, and is told to stop once
    /// the deadline is over or nobody waits for the result any more.
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

    /// Stops what is computed for the call when it is dropped: with the call's own future, however that ends.
    #[must_use]
    pub(crate) fn stop_at_end(&self) -> StopAtEnd {
        StopAtEnd(self.clone())
    }

    /// Whether nobody waits for a result any more. Long loops ask.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Relaxed)
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
        self.0.0.is_stopped.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(calls: &str, bytes: &str) -> Admission {
        Admission::of("shop", &Environment::of([("SHOP_MAX_CALLS", calls), ("SHOP_MAX_BYTES", bytes)]))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn calls_beyond_the_limit_wait_and_beyond_the_queue_are_refused() {
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
        let refused = admission.enter(soon()).await.unwrap_err();
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
    async fn caller_that_waits_is_refused_at_its_deadline_and_gives_its_place_back() {
        let admission = admission("1", "");
        let _slot = admission.enter(soon()).await.unwrap();
        let late = admission.enter(Instant::now()).await.unwrap_err();
        assert!(late.starts_with("its time was over while it waited"), "{late}");
        // One that goes away is not counted any more either.
        assert!(tokio::time::timeout(Duration::ZERO, admission.enter(soon())).await.is_err());
        assert_eq!(admission.0.waiting.load(Ordering::Acquire), 0);
    }

    #[test]
    fn bytes_are_counted_over_all_calls_and_given_back() {
        let admission = admission("", "100");
        let (one, other) = (admission.scope(), admission.scope());
        one.hold(30).unwrap();
        other.hold(20).unwrap();
        let full = other.hold(1).unwrap_err();
        assert!(full.contains("more than 100 bytes together (set by SHOP_MAX_BYTES)"), "{full}");
        assert_eq!(admission.held(), 100);
        let clone = one.clone();
        drop(one);
        assert_eq!(admission.held(), 100);
        drop(clone);
        other.hold(30).unwrap();
        drop(other);
        assert_eq!(admission.held(), 0);
        assert!(admission.scope().hold(usize::MAX).is_err());
    }

    #[tokio::test]
    async fn wrong_limit_names_its_variable() {
        for wrong in ["0", "many", "-1"] {
            let why = admission(wrong, "").enter(soon()).await.unwrap_err();
            assert!(why.starts_with("SHOP_MAX_CALLS is "), "{why}");
        }
    }

    #[tokio::test]
    async fn large_work_leaves_the_thread_and_small_work_does_not() {
        let scope = admission("", "").scope();
        let here = std::thread::current().id();
        let thread = || std::thread::current().id();
        assert_eq!(scope.compute(LARGE - 1, soon(), thread).await, Ok(here));
        assert!(scope.compute(LARGE, soon(), thread).await.is_ok_and(|there| there != here));
        assert_eq!(scope.compute(0, Instant::now(), thread).await, Err(Late));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_told_to_stop() {
        let scope = admission("", "").scope();
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
