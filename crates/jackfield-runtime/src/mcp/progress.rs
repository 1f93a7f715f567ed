//! Sends progress notifications.

use std::convert::Infallible;
use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::common::progress::ProgressReport;

/// The minimum time between two progress notifications, so that clients are not flooded.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// The number of notifications that a call may send without a pause. A short call can therefore report each of its steps.
const PROMPT_REPORTS: usize = 16;

/// Sends progress notifications with the client's progress token until the call has ended. Every notification
/// is sent before the result, because clients ignore the progress of a finished call.
pub(super) async fn tell(
    mut told: watch::Receiver<Option<ProgressReport>>,
    token: ProgressToken,
    client: Peer<RoleServer>,
    mut over: oneshot::Receiver<Infallible>,
) {
    let mut sent = 0;
    loop {
        let is_over = tokio::select! {
            // The branches are polled in order, so a report that was made before the call ended is still sent.
            biased;
            changed = told.changed() => changed.is_err(),
            _ = &mut over => true,
        };
        if is_over {
            return;
        }
        let report = told.borrow_and_update().clone();
        let Some(ProgressReport { done, total, message }) = report else { continue };
        let mut progress = ProgressNotificationParam::new(token.clone(), done);
        progress.total = total;
        progress.message = message;
        // A failed notification is ignored: the client still gets the result, or has disconnected.
        let _ = client.notify_progress(progress).await;
        sent += 1;
        if sent >= PROMPT_REPORTS && timeout(PROGRESS_PAUSE, &mut over).await.is_ok() {
            return;
        }
    }
}
