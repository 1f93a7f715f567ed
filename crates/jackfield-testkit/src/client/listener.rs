//! Receives notifications from the server.

use std::sync::{Mutex, PoisonError};

use rmcp::handler::client::ClientHandler;
use rmcp::model::{ClientConfig, ProgressNotificationParam};
use rmcp::service::{NotificationContext, RoleClient};
use tokio::sync::watch;

/// The maximum number of notifications that are kept.
const MOST_TOLD: usize = 10_000;

/// Stores the progress notifications of the server.
#[derive(Debug)]
pub(super) struct Listener {
    config: ClientConfig,
    progress: Mutex<Vec<f64>>,
    /// The number of announcements that the list of tools has changed.
    changes: watch::Sender<usize>,
}

impl Listener {
    pub(super) fn new(config: ClientConfig) -> Self {
        Self { config, progress: Mutex::default(), changes: watch::Sender::new(0) }
    }

    pub(super) fn changes(&self) -> watch::Receiver<usize> {
        self.changes.subscribe()
    }

    pub(super) fn take_progress(&self) -> Vec<f64> {
        std::mem::take(&mut *self.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        self.config.clone()
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changes.send_modify(|count| *count += 1);
    }

    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if progress.len() < MOST_TOLD {
            progress.push(told.progress);
        }
    }
}
