//! The attempts of one call. Decides whether another attempt follows, and after what delay.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Upstream;
use super::breaker::{Trial, whole_seconds};
use super::pauses::Paused;
use super::rate_headers::{AskedPause, asked};
use super::refusal::{Reason, UpstreamRefusal};
use super::repeat::{Repeat, has_failed};
use crate::call::rows::Tool;
use crate::common::progress::Progress;
use crate::common::random::random_bytes;
use crate::engine::call_slot::NoSlot;
use crate::engine::context::ActiveCall;
use crate::transport::error::SendError;
use crate::transport::reply::Reply;

/// The maximum delay before the second attempt. It doubles with each further attempt.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);

/// The maximum delay if the service does not ask for one.
const LONGEST_BACKOFF: Duration = Duration::from_secs(8);

/// The maximum random extension of a pause that the service asks for, so that waiting calls do not all continue at the same moment.
const SPREAD: Duration = Duration::from_secs(1);

/// The interval between progress reports of a waiting call.
const REPORT: Duration = Duration::from_secs(5);

/// The attempts of one call.
pub(crate) struct Attempts<'c> {
    upstream: &'c Upstream,
    repeat: Repeat,
    tool: &'c str,
    call: &'c ActiveCall,
    /// The number of attempts that were made.
    made: u32,
    /// Whether a request was sent again because its connection had been closed.
    was_resent: bool,
    /// Whether an attempt has reached the service.
    has_reached: bool,
    /// The pause that the last reply asked for.
    asked: Option<AskedPause>,
    reports: u32,
}

impl<'c> Attempts<'c> {
    pub(crate) fn new(
        upstream: &'c Upstream,
        tool: &'c Tool<'_>,
        has_key: bool,
        call: &'c ActiveCall,
    ) -> Self {
        upstream.budget.add_call();
        Self {
            upstream,
            repeat: Repeat::of(tool, has_key),
            tool: tool.name,
            call,
            made: 0,
            was_resent: false,
            has_reached: false,
            asked: None,
            reports: 0,
        }
    }

    /// Returns the number of attempts that were made.
    pub(crate) const fn made(&self) -> u32 {
        self.made
    }

    /// Returns the number of seconds for which the last reply asked to wait.
    pub(crate) fn asked_seconds(&self) -> Option<u64> {
        self.asked.map(|asked| whole_seconds(asked.wait))
    }

    /// Whether an attempt before the last one has reached the service.
    pub(crate) const fn has_reached(&self) -> bool {
        self.has_reached
    }

    /// Begins an attempt. Waits if the service has asked for a pause that ends before the deadline.
    pub(crate) async fn begin(&mut self) -> Result<Attempt<'c>, NotBegun> {
        while let Some(wait) = self.upstream.pauses.wait(self.call.context.caller().principal(), self.tool) {
            let limited = Reason::Limited { seconds: whole_seconds(wait) };
            if !self.fits(wait) {
                return Err(self.refused(limited));
            }
            let wait = self.spread(wait);
            let seconds = whole_seconds(wait);
            if !self.wait(wait, || format!("waiting {seconds} s, as the service asks")).await {
                return Err(self.refused(limited));
            }
            self.call.slot.reenter(self.call.deadline).await.map_err(NotBegun::NoSlot)?;
        }
        let trial = self.upstream.breaker.enter().map_err(|open| self.refused(Reason::Open(open)))?;
        self.made += 1;
        Ok(Attempt(trial))
    }

    fn refused(&self, reason: Reason) -> NotBegun {
        NotBegun::Refused(UpstreamRefusal { origin: self.upstream.name.clone(), reason })
    }

    /// Updates pauses and the circuit breaker with the result of an attempt.
    pub(crate) fn end(&mut self, mut attempt: Attempt<'c>, sent: &Result<Reply, SendError>) {
        self.asked = sent.as_ref().ok().and_then(asked);
        if let Some(asked) = self.asked {
            let principal = self.call.context.caller().principal();
            let tool = asked.is_of_tool.then_some(self.tool);
            self.upstream.pauses.pause(Paused { principal, tool }, asked.wait);
        }
        match has_failed(sent) {
            // A requested pause applies to one caller, but the circuit breaker applies to all callers, so the breaker does not count this
            // failure.
            Some(true) if self.asked.is_some() => {}
            Some(true) => self.upstream.breaker.failed(&mut attempt.0, || match sent {
                Ok(reply) => reply.http_status().to_string(),
                Err(error) => error.to_string(),
            }),
            Some(false) => self.upstream.breaker.succeeded(),
            None => {}
        }
    }

    /// Decides whether another attempt follows, and waits for its time. Returns whether the attempt may begin.
    pub(crate) async fn next(&mut self, sent: &Result<Reply, SendError>) -> bool {
        let has_ended = sent.as_ref().is_err_and(SendError::is_about_its_end);
        if self.repeat == Repeat::Read && has_ended && !self.was_resent {
            // The server may close a kept-alive connection just when a request reuses the connection. The first request that this affects
            // is sent again at once.
            self.was_resent = true;
            self.reached(sent);
            return true;
        }
        let Some(wait) = self.wait_after(sent) else { return false };
        self.reached(sent);
        let (next, most, seconds) = (self.made + 1, self.upstream.attempts, whole_seconds(wait));
        let why = match sent {
            Ok(reply) => format!("the service answered {}", reply.status()),
            Err(error) => error.to_string(),
        };
        tracing::debug!(tool = self.tool, attempt = next, ?wait, why, "sent again");
        self.wait(wait, || format!("{why}; attempt {next} of {most} follows in {seconds} s")).await
            && self.call.slot.reenter(self.call.deadline).await.is_ok()
    }

    fn reached(&mut self, sent: &Result<Reply, SendError>) {
        self.has_reached |= sent.as_ref().err().is_none_or(SendError::may_have_acted);
    }

    /// Returns the delay before the next attempt, or `None` if no attempt follows.
    fn wait_after(&self, sent: &Result<Reply, SendError>) -> Option<Duration> {
        let may_follow = self.made < self.upstream.attempts
            && self.repeat.may_follow(sent, self.asked.is_some())
            && !self.upstream.breaker.is_open();
        if !may_follow {
            return None;
        }
        let wait = match self.asked {
            Some(asked) => self.spread(asked.wait),
            None => backoff(self.made, random()),
        };
        (self.fits(wait) && self.upstream.budget.take_retry()).then_some(wait)
    }

    /// Whether there is time for an attempt after the delay `wait`.
    fn fits(&self, wait: Duration) -> bool {
        Instant::now() + wait < self.call.deadline
    }

    /// Extends a pause by a random time, if the pause still ends before the deadline.
    fn spread(&self, wait: Duration) -> Duration {
        let later = wait + full_jitter((wait / 10).min(SPREAD), random());
        if self.fits(later) { later } else { wait }
    }

    /// Waits without a slot, so that other calls can use the slot. Returns `false` at once if too many calls are waiting already.
    async fn wait(&mut self, wait: Duration, message: impl FnOnce() -> String) -> bool {
        let Some(_paused) = self.call.slot.pause(self.call.context.caller().principal()) else {
            return false;
        };
        let end = Instant::now() + wait;
        let progress = self.call.context.progress();
        if progress.is_heard() {
            let message = message();
            loop {
                self.report(progress, &message);
                let rest = end.saturating_duration_since(Instant::now());
                if rest <= REPORT {
                    break;
                }
                sleep(REPORT).await;
            }
        }
        tokio::time::sleep_until(end).await;
        true
    }

    /// Reports that the call is still waiting. The progress grows by thousandths, so that it stays below the counts that later progress
    /// reports contain.
    fn report(&mut self, progress: &Progress, message: &str) {
        self.reports += 1;
        progress.report(f64::from(self.reports) / 1000.0, None, Some(message));
    }
}

/// The reason why an attempt was not begun.
#[derive(Debug)]
pub(crate) enum NotBegun {
    Refused(UpstreamRefusal),
    /// The call did not get a slot again before its deadline.
    NoSlot(NoSlot),
}

/// An attempt in progress.
pub(crate) struct Attempt<'c>(Trial<'c>);

/// Returns a random delay below a bound that doubles with each attempt ("full jitter").
fn backoff(made: u32, random: u64) -> Duration {
    let bound = FIRST_BACKOFF.saturating_mul(1 << made.saturating_sub(1).min(8)).min(LONGEST_BACKOFF);
    full_jitter(bound, random)
}

fn full_jitter(bound: Duration, random: u64) -> Duration {
    let micros = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random % micros.saturating_add(1))
}

/// Returns a random number, or the middle of all numbers if the system has no random bytes.
fn random() -> u64 {
    random_bytes::<8>().map_or(u64::MAX / 2, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode};
    use jackfield_recipe::Effect;

    use crate::call::base_url::BaseUrl;
    use crate::common::budget::Budget;
    use crate::common::caller::{Caller, Channel, Principal};
    use crate::common::environment::Environment;
    use crate::engine::admission::Admission;
    use crate::engine::call_slot::LentSlot;
    use crate::engine::context::CallContext;

    #[tokio::test(start_paused = true)]
    async fn waiting_call_reports_its_progress() {
        let tool = Tool::new("get_book", "GET", "/", |_, _| Ok(())).effect(Effect::Read);
        let upstream = Upstream::untried(&BaseUrl::parse("https://api.example.com").unwrap());
        let (progress, mut told) = Progress::watched();
        let call = ActiveCall {
            context: CallContext::new(Caller::local(Channel::Stdio)).with_progress(progress),
            deadline: Instant::now() + Duration::from_secs(50),
            scope: Budget::usual("shop").scope(),
            slot: LentSlot::default(),
        };
        let mut attempts = Attempts::new(&upstream, &tool, false, &call);
        let attempt = attempts.begin().await.unwrap();
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static("12"))]);
        let sent = Ok(Reply::new(StatusCode::TOO_MANY_REQUESTS, headers, Bytes::new(), true, String::new()));
        attempts.end(attempt, &sent);
        assert!(attempts.next(&sent).await && call.deadline - Instant::now() <= Duration::from_secs(38));
        let report = told.borrow_and_update().clone().unwrap();
        let message = report.message.unwrap_or_default();
        assert!(message.starts_with("the service answered 429; attempt 2 of 3 follows in 1"), "{message}");
        assert!((0.002..0.01).contains(&report.done), "{}", report.done);
    }

    #[tokio::test(start_paused = true)]
    async fn call_waiting_for_a_retry_releases_its_slot() {
        let tool = Tool::new("get_book", "GET", "/", |_, _| Ok(())).effect(Effect::Read);
        let upstream = Upstream::untried(&BaseUrl::parse("https://api.example.com").unwrap());
        let admission = Admission::of("shop", &Environment::of([("SHOP_MAX_CALLS", "1")]), None);
        let deadline = Instant::now() + Duration::from_secs(50);
        let slot = admission.enter(deadline).await.unwrap();
        let call = ActiveCall {
            context: CallContext::new(Caller::local(Channel::Stdio)),
            deadline,
            scope: Budget::usual("shop").scope(),
            slot: slot.lent(),
        };
        let mut attempts = Attempts::new(&upstream, &tool, false, &call);
        let attempt = attempts.begin().await.unwrap();
        assert_eq!(admission.free(), 0);
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static("7"))]);
        let sent = Ok(Reply::new(StatusCode::TOO_MANY_REQUESTS, headers, Bytes::new(), true, String::new()));
        attempts.end(attempt, &sent);
        let (mut steps, began) = (Vec::new(), Instant::now());
        {
            let waiting = std::pin::pin!(attempts.next(&sent));
            let other = async {
                let other = admission.enter(deadline).await.unwrap();
                steps.push(("other call began", began.elapsed().as_secs()));
                tokio::time::advance(Duration::from_secs(20)).await;
                steps.push(("other call ended", began.elapsed().as_secs()));
                drop(other);
            };
            assert!(tokio::join!(waiting, other).0);
        }
        steps.push(("waiting call goes on", began.elapsed().as_secs()));
        assert_eq!(steps, [("other call began", 0), ("other call ended", 20), ("waiting call goes on", 20)],);
        assert_eq!(admission.free(), 0, "the call is sent without a slot");
        // The pause is over by now, so the attempt begins at once.
        assert!(attempts.begin().await.is_ok());
        drop(slot);
        assert_eq!(admission.free(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn replies_with_retry_after_do_not_open_the_circuit_breaker() {
        let tool = Tool::new("get_book", "GET", "/", |_, _| Ok(())).effect(Effect::Read);
        let upstream = Upstream::untried(&BaseUrl::parse("https://api.example.com").unwrap());
        let call = |name: &str| ActiveCall {
            context: CallContext::new(Caller::new(Principal::Token(name.to_owned()), Channel::Http)),
            deadline: Instant::now() + Duration::from_secs(500),
            scope: Budget::usual("shop").scope(),
            slot: LentSlot::default(),
        };
        let (ann, bob) = (call("ann"), call("bob"));
        for _ in 0..20 {
            let mut attempts = Attempts::new(&upstream, &tool, false, &ann);
            let attempt = attempts.begin().await.unwrap();
            let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static("2"))]);
            let refused =
                Reply::new(StatusCode::SERVICE_UNAVAILABLE, headers, Bytes::new(), true, String::new());
            attempts.end(attempt, &Ok(refused));
        }
        assert!(Attempts::new(&upstream, &tool, false, &bob).begin().await.is_ok());
    }

    #[test]
    fn backoff_is_random_below_a_bound_that_doubles() {
        let longest = |made| (0..10_000).map(|random| backoff(made, random * 7919)).max().unwrap_or_default();
        for (made, bound) in [(1, 500), (2, 1_000), (3, 2_000), (5, 8_000), (9, 8_000), (u32::MAX, 8_000)] {
            let bound = Duration::from_millis(bound);
            assert!(longest(made) <= bound && longest(made) > bound / 2, "{made}: {:?}", longest(made));
            assert_eq!(backoff(made, 0), Duration::ZERO);
        }
    }
}
