//! The time limits of a request whose body is read while it is sent: as long as bytes move, it may take long.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::send_problem::SendProblem;
use super::time_limits::PhaseLimits;

/// When bytes of an upload were last sent. Clones belong to the same upload.
#[derive(Clone, Debug)]
pub(super) struct UploadClock(Arc<Mutex<Upload>>);

#[derive(Clone, Copy, Debug)]
struct Upload {
    moved: Instant,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No byte was taken yet: the connection may still be made.
    Connecting,
    Sending,
    Complete,
}

impl UploadClock {
    pub(super) fn start() -> Self {
        Self(Arc::new(Mutex::new(Upload { moved: Instant::now(), phase: Phase::Connecting })))
    }

    /// Bytes were taken from the body.
    pub(super) fn moved(&self, is_complete: bool) {
        let phase = if is_complete { Phase::Complete } else { Phase::Sending };
        *self.lock() = Upload { moved: Instant::now(), phase };
    }

    #[cfg(test)]
    pub(super) fn is_complete(&self) -> bool {
        self.lock().phase == Phase::Complete
    }

    /// The time at which the request fails unless bytes move before, and why it then fails.
    pub(super) fn limit(&self, deadline: Instant, limits: &PhaseLimits) -> (Instant, SendProblem) {
        let Upload { moved, phase } = *self.lock();
        let limit = match phase {
            Phase::Connecting => limits.between_bytes.map(|limit| limit + limits.connect),
            Phase::Sending => limits.between_bytes,
            Phase::Complete => limits.first_byte,
        };
        match limit.map(|limit| (moved + limit, limit.as_secs())) {
            Some((until, seconds)) if until < deadline && phase == Phase::Complete => {
                (until, SendProblem::NoAnswer { seconds })
            }
            Some((until, seconds)) if until < deadline => (until, SendProblem::UploadStalled { seconds }),
            _ => (deadline, SendProblem::NoAnswer { seconds: limits.total.as_secs() }),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Upload> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::call::rows::Connector;
    use crate::common::environment::Environment;

    #[tokio::test(start_paused = true)]
    async fn upload_may_take_long_as_long_as_bytes_move() {
        let variables = [("SHOP_TIMEOUT_BETWEEN_BYTES", "5"), ("SHOP_TIMEOUT_FIRST_BYTE", "7")];
        let (limits, _) = PhaseLimits::of(&Connector::new("shop"), &Environment::of(variables));
        let limits = limits.of_transfer();
        let start = Instant::now();
        let deadline = start + limits.total;
        let clock = UploadClock::start();
        assert_eq!(clock.limit(deadline, &limits).0, start + Duration::from_secs(15), "it connects first");
        clock.moved(false);
        for second in 0..1_000 {
            assert_eq!(clock.limit(deadline, &limits).0, start + Duration::from_secs(second * 4 + 5));
            if second == 890 {
                break;
            }
            tokio::time::advance(Duration::from_secs(4)).await;
            clock.moved(false);
        }
        assert_eq!(clock.limit(deadline, &limits).1, SendProblem::UploadStalled { seconds: 5 });
        clock.moved(true);
        let now = Instant::now();
        let answer = SendProblem::NoAnswer { seconds: 7 };
        assert_eq!(clock.limit(deadline, &limits), (now + Duration::from_secs(7), answer));
        let answer = SendProblem::NoAnswer { seconds: 3_600 };
        assert_eq!(clock.limit(now, &limits), (now, answer));
    }
}
