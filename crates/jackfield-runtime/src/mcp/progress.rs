//! Progress notifications.

use std::convert::Infallible;
use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

/// The minimum time between two progress notifications, so that clients are not flooded.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// Sends progress notifications with the client's progress token until the call has ended. Every notification
/// is sent before the result, because clients ignore the progress of a finished call.
pub(super) async fn tell(
    mut told: watch::Receiver<u64>,
    token: ProgressToken,
    client: Peer<RoleServer>,
    mut over: oneshot::Receiver<Infallible>,
) {
    loop {
        tokio::select! {
            _ = &mut over => return,
            changed = told.changed() => if changed.is_err() { return },
        }
        let parts = *told.borrow_and_update();
        #[allow(
            clippy::cast_precision_loss,
            reason = "the protocol requires floats, which are exact for this few events"
        )]
        let progress = ProgressNotificationParam::new(token.clone(), parts as f64)
            .with_message(format!("{parts} events have arrived"));
        // A failed notification is ignored: the client still gets the result, or has disconnected.
        let _ = client.notify_progress(progress).await;
        if timeout(PROGRESS_PAUSE, &mut over).await.is_ok() {
            return;
        }
    }
}
