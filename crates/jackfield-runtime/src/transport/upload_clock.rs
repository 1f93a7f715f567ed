//! The time limits of a request whose body is read from disk while it is sent. The request does not time out while
//! bytes are moving.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::time_limits::PhaseLimits;

/// Records the time at which bytes of an upload were last sent. Clones belong to the same upload.
#[derive(Clone, Debug)]
pub(super) struct UploadClock(Arc<Mutex<Upload>>);

#[derive(Clone, Copy, Debug)]
struct Upload {
    moved: Instant,
    phase: Phase,
}

/// The deadline of a request, and the length and the kind of the limit, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UploadLimit {
    pub(super) until: Instant,
    pub(super) seconds: u64,
    /// Whether the deadline limits a stall of the upload, and not the wait for the reply.
    pub(super) is_standstill: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The body was not read yet, so there may be no connection.
    Connecting,
    Sending,
    Complete,
}

impl UploadClock {
    pub(super) fn start() -> Self {
        Self(Arc::new(Mutex::new(Upload { moved: Instant::now(), phase: Phase::Connecting })))
    }

    /// Records that bytes were read from the body.
    pub(super) fn moved(&self, is_complete: bool) {
        let phase = if is_complete { Phase::Complete } else { Phase::Sending };
        *self.lock() = Upload { moved: Instant::now(), phase };
    }

    #[cfg(test)]
    pub(super) fn is_complete(&self) -> bool {
        self.lock().phase == Phase::Complete
    }

    /// Returns the deadline of the request, if no more bytes move before it.
    pub(super) fn limit(&self, deadline: Instant, limits: &PhaseLimits) -> UploadLimit {
        let Upload { moved, phase } = *self.lock();
        let limit = match phase {
            Phase::Connecting => limits.between_bytes.map(|limit| limit + limits.connect),
            Phase::Sending => limits.between_bytes,
            Phase::Complete => limits.first_byte,
        };
        match limit.map(|limit| (moved + limit, limit.as_secs())) {
            Some((until, seconds)) if until < deadline => {
                UploadLimit { until, seconds, is_standstill: phase != Phase::Complete }
            }
            _ => UploadLimit { until: deadline, seconds: limits.total.as_secs(), is_standstill: false },
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
    async fn upload_does_not_time_out_while_bytes_move() {
        let variables = [("SHOP_TIMEOUT_BETWEEN_BYTES", "5"), ("SHOP_TIMEOUT_FIRST_BYTE", "7")];
        let (limits, _) = PhaseLimits::of(&Connector::new("shop"), &Environment::of(variables));
        let limits = limits.of_transfer();
        let start = Instant::now();
        let deadline = start + limits.total;
        let clock = UploadClock::start();
        assert_eq!(
            clock.limit(deadline, &limits).until,
            start + Duration::from_secs(15),
            "the request is still connecting"
        );
        clock.moved(false);
        for second in 0..1_000 {
            assert_eq!(clock.limit(deadline, &limits).until, start + Duration::from_secs(second * 4 + 5));
            if second == 890 {
                break;
            }
            tokio::time::advance(Duration::from_secs(4)).await;
            clock.moved(false);
        }
        let limit = clock.limit(deadline, &limits);
        assert!(limit.is_standstill && limit.seconds == 5, "{limit:?}");
        clock.moved(true);
        let now = Instant::now();
        let answer = UploadLimit { until: now + Duration::from_secs(7), seconds: 7, is_standstill: false };
        assert_eq!(clock.limit(deadline, &limits), answer);
        let total = UploadLimit { until: now, seconds: 3_600, is_standstill: false };
        assert_eq!(clock.limit(now, &limits), total);
    }
}
