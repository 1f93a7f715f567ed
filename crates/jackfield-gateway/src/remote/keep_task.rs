//! The task that keeps the accounts at a server.

use tokio::task::{AbortHandle, JoinHandle};

/// The task that keeps the accounts at a server. It ends when this value is dropped.
pub(super) struct KeepTask(AbortHandle);

impl KeepTask {
    pub(super) fn of(task: &JoinHandle<()>) -> Self {
        Self(task.abort_handle())
    }
}

impl Drop for KeepTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}
