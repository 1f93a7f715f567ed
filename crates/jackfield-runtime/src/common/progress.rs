//! The progress of a call, for clients that requested it.

use std::sync::Arc;

use tokio::sync::watch;

/// Reports the progress of a call. A listener gets the latest report. A report that is not greater than the last report is ignored, because
/// MCP requires progress to increase. If there is no listener, a report does nothing.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<watch::Sender<Option<ProgressReport>>>>);

/// The progress of a call at a point in time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ProgressReport {
    pub(crate) done: f64,
    pub(crate) total: Option<f64>,
    pub(crate) message: Option<String>,
}

impl Progress {
    /// Creates a progress that has not reported anything, and its receiver.
    pub(crate) fn watched() -> (Self, watch::Receiver<Option<ProgressReport>>) {
        let (sender, receiver) = watch::channel(None);
        (Self(Some(Arc::new(sender))), receiver)
    }

    /// Reports the number of events of a long reply that have arrived.
    pub fn tell(&self, parts: u64) {
        #[allow(
            clippy::cast_precision_loss,
            reason = "the protocol requires floats, which represent small counts exactly"
        )]
        self.send(parts as f64, None, || Some(format!("{parts} events have arrived")));
    }

    /// Reports that `done` of `total` units are done. The caller chooses the unit.
    pub fn report(&self, done: f64, total: Option<f64>, message: Option<&str>) {
        self.send(done, total, || message.map(str::to_owned));
    }

    /// Whether there is a listener.
    pub const fn is_heard(&self) -> bool {
        self.0.is_some()
    }

    fn send(&self, done: f64, total: Option<f64>, message: impl FnOnce() -> Option<String>) {
        let Some(sender) = &self.0 else { return };
        sender.send_if_modified(|told| {
            let more = done.is_finite() && told.as_ref().is_none_or(|told| done > told.done);
            if more {
                *told = Some(ProgressReport { done, total, message: message() });
            }
            more
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn progress_only_increases() {
        let (progress, mut told) = Progress::watched();
        progress.report(0.0, Some(4.0), None);
        assert!(told.has_changed().unwrap());
        progress.tell(3);
        assert_eq!(told.borrow_and_update().as_ref().map(|told| told.done), Some(3.0));
        for again in [2.0, 3.0, f64::NAN, f64::INFINITY] {
            progress.report(again, None, None);
            assert!(!told.has_changed().unwrap(), "{again}");
        }
        Progress::default().tell(1);
    }
}
