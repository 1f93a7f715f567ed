//! Reports the progress of an upload or download.

use std::time::Duration;

use tokio::time::Instant;

use crate::common::progress::Progress;
use crate::common::text::amount;

/// The minimum number of bytes between two reports. For a large transfer, the minimum is a hundredth of all bytes.
const STEP: u64 = 1 << 20;

/// The maximum time between two reports of a slow transfer, so that the client does not time out.
const REPORT: Duration = Duration::from_secs(5);

/// The progress of one transfer in bytes.
pub(super) struct TransferReport {
    progress: Progress,
    verb: &'static str,
    total: Option<u64>,
    reported: u64,
    at: Instant,
}

impl TransferReport {
    pub(super) fn new(progress: &Progress, verb: &'static str, total: Option<u64>) -> Self {
        Self { progress: progress.clone(), verb, total, reported: 0, at: Instant::now() }
    }

    /// Reports that `done` bytes have moved, if enough bytes or enough time have passed since the last report.
    pub(super) fn moved(&mut self, done: u64) {
        if !self.progress.is_heard() {
            return;
        }
        let step = self.total.map_or(8 * STEP, |total| (total / 100).max(STEP));
        let is_due = done.saturating_sub(self.reported) >= step || self.at.elapsed() >= REPORT;
        if !is_due && self.total != Some(done) {
            return;
        }
        (self.reported, self.at) = (done, Instant::now());
        let shown = |bytes: u64| amount(usize::try_from(bytes).unwrap_or(usize::MAX));
        let message = match self.total {
            Some(total) => format!("{} {} of {}", self.verb, shown(done), shown(total)),
            None => format!("{} {}", self.verb, shown(done)),
        };
        #[allow(
            clippy::cast_precision_loss,
            reason = "the protocol requires floats, which are exact up to 8 PiB"
        )]
        self.progress.report(done as f64, self.total.map(|total| total as f64), Some(&message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn transfer_progress_is_reported_at_each_percent_and_every_few_seconds() {
        let total = 1 << 30;
        let (progress, mut told) = Progress::watched();
        let mut report = TransferReport::new(&progress, "received", Some(total));
        let mut reports = 0;
        for done in (0..=total).step_by(64 * 1024) {
            report.moved(done);
            if told.has_changed().unwrap() {
                reports += 1;
                told.borrow_and_update();
            }
        }
        assert!((50..=101).contains(&reports), "{reports}");
        let last = told.borrow().clone().unwrap();
        assert_eq!(last.message.as_deref(), Some("received 1024 MiB of 1024 MiB"));
        assert_eq!(last.total, Some(total as f64));

        let (progress, told) = Progress::watched();
        let mut report = TransferReport::new(&progress, "sent", Some(total));
        report.moved(10);
        assert!(!told.has_changed().unwrap());
        tokio::time::advance(REPORT).await;
        report.moved(20);
        assert_eq!(told.borrow().as_ref().map(|report| report.done), Some(20.0));
    }
}
