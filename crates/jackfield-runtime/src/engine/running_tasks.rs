//! The calls of this process that may continue as tasks.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts the calls that are tasks or may become tasks, and stops them. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RunningTasks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    count: watch::Sender<usize>,
    /// The number of times that all running calls were stopped.
    stops: watch::Sender<u64>,
}

/// A call that is a task or may become a task. It is counted until this value is dropped.
#[derive(Debug)]
pub(crate) struct RunningTask {
    all: RunningTasks,
    stops: u64,
}

impl RunningTasks {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared { count: watch::Sender::new(0), stops: watch::Sender::new(0) }))
    }

    /// Counts a call.
    pub(crate) fn enter(&self) -> RunningTask {
        self.0.count.send_modify(|count| *count += 1);
        RunningTask { all: self.clone(), stops: *self.0.stops.borrow() }
    }

    pub(crate) fn count(&self) -> usize {
        *self.0.count.borrow()
    }

    /// Waits until no counted call is running.
    pub(crate) async fn idle(&self) {
        // The sender lives as long as `self`.
        let _ = self.0.count.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Tells all currently running calls to end.
    pub(crate) fn stop(&self) {
        self.0.stops.send_modify(|stops| *stops += 1);
    }
}

impl RunningTask {
    /// Waits until the call has to end.
    pub(crate) async fn stopped(&self) {
        let _ = self.all.0.stops.subscribe().wait_for(|stops| *stops != self.stops).await;
    }
}

impl Drop for RunningTask {
    fn drop(&mut self) {
        self.all.0.count.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stop_ends_only_calls_that_are_already_running() {
        let all = RunningTasks::new();
        let first = all.enter();
        all.stop();
        first.stopped().await;
        let second = all.enter();
        assert_eq!(all.count(), 2);
        drop(first);
        let ended = tokio::spawn(async move { second.stopped().await });
        tokio::task::yield_now().await;
        assert!(!ended.is_finished());
        all.stop();
        ended.await.unwrap();
        all.idle().await;
    }
}
