//! The progress of a call, for clients that requested it.

use std::sync::Arc;

use tokio::sync::watch;

/// Reports the number of parts of a long response that have arrived. A listener gets the latest number, which
/// never decreases. Without a listener, a report does nothing.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<watch::Sender<u64>>>);

impl Progress {
    /// Creates a progress that begins at zero, and its receiver.
    pub(crate) fn watched() -> (Self, watch::Receiver<u64>) {
        let (sender, receiver) = watch::channel(0);
        (Self(Some(Arc::new(sender))), receiver)
    }

    /// Reports the number of parts that have arrived.
    pub fn tell(&self, parts: u64) {
        if let Some(sender) = &self.0 {
            sender.send_if_modified(|told| {
                let more = parts > *told;
                *told = parts.max(*told);
                more
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn progress_never_decreases() {
        let (progress, mut told) = Progress::watched();
        progress.tell(3);
        assert!(told.has_changed().unwrap());
        assert_eq!(*told.borrow_and_update(), 3);
        progress.tell(2);
        assert!(!told.has_changed().unwrap());
        Progress::default().tell(1);
    }
}
