//! Decides when the status of a job is requested next.

use std::time::Duration;

use tokio::time::Instant;

use crate::common::random::random_bytes;
use crate::engine::context::ActiveCall;

/// The minimum delay between two requests, whatever the service asks for.
const SHORTEST: Duration = Duration::from_secs(1);
/// The maximum delay if the service does not ask for one.
const LONGEST: Duration = Duration::from_secs(15);
/// The time that is reserved for the last status and the result.
const RESERVE: Duration = Duration::from_secs(2);
/// The time that a call waits before it becomes a task.
const PATIENCE: Duration = Duration::from_secs(5);
/// The maximum duration of a task.
const LONGEST_TASK: Duration = Duration::from_secs(60 * 60);
/// The interval between progress reports of a waiting call.
const REPORT: Duration = Duration::from_secs(5);

/// The delays between the requests of a call for the status of its job.
pub(super) struct Waits {
    began: Instant,
    deadline: Instant,
    made: u32,
    is_task: bool,
}

impl Waits {
    pub(super) fn new(deadline: Instant) -> Self {
        Self { began: Instant::now(), deadline, made: 0, is_task: false }
    }

    /// Returns the delay before the next request: the delay that the service asks for, or else a random delay that grows with each request.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let wait = match asked {
            Some(asked) => asked.max(SHORTEST),
            None => backoff(self.made, random()),
        };
        self.made += 1;
        wait
    }

    /// Whether there is time for another request after the delay `wait`.
    pub(super) fn fits(&self, wait: Duration) -> bool {
        Instant::now() + wait + RESERVE <= self.deadline
    }

    /// Whether the call should become a task before the delay `wait`, if its client supports tasks.
    pub(super) fn needs_task(&self, wait: Duration) -> bool {
        !self.is_task && (self.began.elapsed() + wait >= PATIENCE || !self.fits(wait))
    }

    /// Extends the deadline to the deadline of a task.
    pub(super) fn become_task(&mut self) {
        self.is_task = true;
        self.deadline = Instant::now() + LONGEST_TASK;
    }

    pub(super) const fn is_task(&self) -> bool {
        self.is_task
    }

    /// Returns the deadline of one request, which is never later than `of_call`.
    pub(super) fn deadline(&self, of_call: Instant) -> Instant {
        if self.is_task { of_call.min(self.deadline) } else { self.deadline }
    }

    /// Waits for the delay `wait`, and reports the progress of the call while waiting.
    pub(super) async fn wait(&self, wait: Duration, call: &ActiveCall, message: &str) {
        let end = Instant::now() + wait;
        let progress = call.context.progress();
        while progress.is_heard() {
            progress.report(self.began.elapsed().as_secs_f64(), None, Some(message));
            if end.saturating_duration_since(Instant::now()) <= REPORT {
                break;
            }
            tokio::time::sleep(REPORT).await;
        }
        tokio::time::sleep_until(end).await;
    }
}

/// Returns a random delay between a bound and 1.25 times the bound. The bound doubles with each request.
fn backoff(made: u32, random: u64) -> Duration {
    let bound = SHORTEST.saturating_mul(1 << made.min(8)).min(LONGEST);
    let spread = u64::try_from(bound.as_micros() / 4).unwrap_or(u64::MAX);
    bound + Duration::from_micros(random % spread.saturating_add(1))
}

/// Returns a random number, or the middle of all numbers if the system has no random bytes.
fn random() -> u64 {
    random_bytes::<8>().map_or(u64::MAX / 2, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_polling_delay_doubles_from_1_to_15_seconds() {
        for (made, seconds) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 15), (100, 15)] {
            let bound = Duration::from_secs(seconds);
            for random in [0, 1 << 20, u64::MAX / 2] {
                let wait = backoff(made, random);
                assert!(wait >= bound && wait <= bound + bound / 4, "{made}: {wait:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_of_a_job_status_is_limited_by_minimum_and_deadline() {
        let mut waits = Waits::new(Instant::now() + Duration::from_secs(50));
        assert_eq!(waits.next(Some(Duration::ZERO)), SHORTEST);
        let long = waits.next(Some(Duration::from_secs(86_400)));
        assert!(
            !waits.fits(long) && waits.fits(Duration::from_secs(48)) && !waits.fits(Duration::from_secs(49))
        );
        assert!(waits.needs_task(long) && waits.needs_task(PATIENCE) && !waits.needs_task(SHORTEST));
        waits.become_task();
        assert!(!waits.fits(long) && waits.fits(Duration::from_secs(3000)) && !waits.needs_task(long));
    }
}
