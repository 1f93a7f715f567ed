//! How far a call has come, for whoever waits for it.

use std::sync::Arc;

use tokio::sync::watch;

/// Told how many parts of a long answer have come. Who listens gets the latest number, and never a smaller one than
/// before; where nobody listens, telling costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<watch::Sender<u64>>>);

impl Progress {
    /// One that somebody listens to, from zero on.
    pub(crate) fn watched() -> (Self, watch::Receiver<u64>) {
        let (sender, receiver) = watch::channel(0);
        (Self(Some(Arc::new(sender))), receiver)
    }

    /// So many parts have come.
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
    fn it_only_grows() {
        let (progress, mut told) = Progress::watched();
        progress.tell(3);
        assert!(told.has_changed().unwrap());
        assert_eq!(*told.borrow_and_update(), 3);
        progress.tell(2);
        assert!(!told.has_changed().unwrap());
        Progress::default().tell(1);
    }
}
