//! The circuit breaker: after many consecutive failures, a host receives no requests for a while, and then one trial request.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::common::text::excerpt;
use crate::common::timestamp::Timestamp;

/// The time for which the circuit first stays open. Each failed trial doubles this time.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The maximum time for which the circuit stays open.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The maximum number of characters of a cause in a message.
const CAUSE: usize = 200;

/// Counts the consecutive failures of one host.
#[derive(Debug)]
pub(super) struct Breaker {
    /// The number of failures that open the circuit; 0 if the breaker is disabled.
    limit: u32,
    failures: AtomicU32,
    is_open: AtomicBool,
    open: Mutex<Option<Open>>,
}

/// The state of an open circuit.
#[derive(Debug)]
struct Open {
    since: SystemTime,
    failures: u32,
    cause: String,
    pause: Duration,
    until: Instant,
    /// Whether a trial request is in flight.
    is_tried: bool,
}

/// The reason why a request is not sent to a host whose circuit is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenCircuit {
    pub(super) since: String,
    pub(super) failures: u32,
    pub(super) cause: String,
    /// The seconds until the next trial.
    pub(super) seconds: u64,
}

/// A trial request. If it is dropped without a result, the next request becomes the trial.
#[derive(Debug)]
pub(super) struct Trial<'b>(Option<&'b Breaker>);

impl Breaker {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, failures: AtomicU32::new(0), is_open: AtomicBool::new(false), open: Mutex::new(None) }
    }

    /// Decides whether a request may be sent. The returned value says whether the request is the trial.
    ///
    /// # Errors
    /// Returns an error if the circuit is open, or another trial is in flight.
    pub(super) fn enter(&self) -> Result<Trial<'_>, OpenCircuit> {
        if !self.is_open.load(Ordering::Relaxed) {
            return Ok(Trial(None));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = open.as_mut() else { return Ok(Trial(None)) };
        let now = Instant::now();
        if now < open.until || open.is_tried {
            let wait = open.until.saturating_duration_since(now);
            return Err(OpenCircuit {
                since: Timestamp::of(open.since).to_string(),
                failures: open.failures,
                cause: open.cause.clone(),
                seconds: whole_seconds(wait).max(1),
            });
        }
        open.is_tried = true;
        Ok(Trial(Some(self)))
    }

    /// Whether the circuit is open.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Registers a reply that shows that the host works, and closes the circuit.
    pub(super) fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.is_open.load(Ordering::Relaxed) {
            *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
            self.is_open.store(false, Ordering::Relaxed);
        }
    }

    /// Registers a failure of the host. `cause` is called only if the message needs it.
    pub(super) fn failed(&self, trial: &mut Trial<'_>, cause: impl FnOnce() -> String) {
        if self.limit == 0 {
            return;
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let was_trial = trial.0.take().is_some();
        // A concurrent success may have reset the counter when the circuit opened, so a failed trial counts even if the counter is below
        // the limit.
        if failures < self.limit && !was_trial {
            return;
        }
        let mut held = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            // Requests that were already in flight when the circuit opened do not count.
            Some(_) if !was_trial => return,
            Some(open) => {
                let failures = failures.max(open.failures.saturating_add(1));
                open.pause = (open.pause * 2).min(LONGEST_PAUSE);
                open.until = Instant::now() + open.pause;
                open.is_tried = false;
                open.failures = failures;
                open.cause = excerpt(&cause(), CAUSE);
            }
            // A concurrent success has closed the circuit.
            None if failures < self.limit => return,
            None => {
                *held = Some(Open {
                    since: SystemTime::now(),
                    failures,
                    cause: excerpt(&cause(), CAUSE),
                    pause: FIRST_PAUSE,
                    until: Instant::now() + FIRST_PAUSE,
                    is_tried: false,
                });
            }
        }
        self.is_open.store(true, Ordering::Relaxed);
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if let Some(breaker) = self.0
            && let Some(open) = breaker.open.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            open.is_tried = false;
        }
    }
}

/// Returns a duration in seconds, rounded up.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Breaker) {
        let mut trial = breaker.enter().unwrap();
        breaker.failed(&mut trial, || "connection refused".to_owned());
    }

    #[tokio::test(start_paused = true)]
    async fn open_circuit_breaker_sends_nothing_until_one_trial_request() {
        let breaker = Breaker::new(3);
        (0..2).for_each(|_| fail(&breaker));
        breaker.succeeded();
        (0..3).for_each(|_| fail(&breaker));
        let open = breaker.enter().unwrap_err();
        assert_eq!((open.failures, open.seconds, open.cause.as_str()), (3, 5, "connection refused"));
        tokio::time::advance(Duration::from_secs(5)).await;
        let trial = breaker.enter().unwrap();
        assert!(breaker.enter().is_err(), "two requests try the host at once");
        // The call with the trial request was cancelled, so the next request becomes the trial.
        drop(trial);
        fail(&breaker);
        assert_eq!(breaker.enter().unwrap_err().seconds, 10);
        for _ in 0..8 {
            tokio::time::advance(LONGEST_PAUSE).await;
            fail(&breaker);
        }
        assert_eq!(breaker.enter().unwrap_err().seconds, 60);
        tokio::time::advance(LONGEST_PAUSE).await;
        let _trial = breaker.enter().unwrap();
        breaker.succeeded();
        assert!(breaker.enter().is_ok() && !breaker.is_open());
        (0..2).for_each(|_| fail(&breaker));
        assert!(breaker.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn failed_trial_keeps_the_circuit_breaker_open_after_a_concurrent_success() {
        let breaker = Breaker::new(3);
        (0..3).for_each(|_| fail(&breaker));
        // A concurrent success resets the counter just before the circuit opens, and does not close the circuit.
        breaker.failures.store(0, Ordering::Relaxed);
        tokio::time::advance(FIRST_PAUSE).await;
        fail(&breaker);
        assert_eq!(breaker.enter().unwrap_err().seconds, 10);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(breaker.enter().is_ok(), "no request ever tries the host again");
    }

    #[tokio::test(start_paused = true)]
    async fn failures_of_requests_in_flight_do_not_keep_the_circuit_breaker_open_longer() {
        let breaker = Breaker::new(1);
        let mut late = breaker.enter().unwrap();
        fail(&breaker);
        tokio::time::advance(Duration::from_secs(4)).await;
        breaker.failed(&mut late, String::new);
        assert_eq!(breaker.enter().unwrap_err().seconds, 1);
    }

    #[test]
    fn disabled_circuit_breaker_never_opens() {
        let breaker = Breaker::new(0);
        (0..1000).for_each(|_| fail(&breaker));
        assert!(!breaker.is_open());
    }
}
