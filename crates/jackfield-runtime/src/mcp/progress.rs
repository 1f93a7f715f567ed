//! Progress notifications.

use std::convert::Infallible;
use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

/// Between two words of how far a call has come, which would drown a client otherwise.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// Tells a client that gave a token how many parts of an answer have come, until the call is over. A word that is on its
/// way then arrives first: clients know nothing of a call that was answered.
pub(super) async fn tell(
    mut told: watch::Receiver<u64>,
    token: Option<ProgressToken>,
    client: Peer<RoleServer>,
    mut over: oneshot::Receiver<Infallible>,
) {
    let Some(token) = token else { return };
    loop {
        tokio::select! {
            _ = &mut over => return,
            changed = told.changed() => if changed.is_err() { return },
        }
        let parts = *told.borrow_and_update();
        #[allow(
            clippy::cast_precision_loss,
            reason = "the protocol has floats here, and a stream has few events"
        )]
        let progress = ProgressNotificationParam::new(token.clone(), parts as f64)
            .with_message(format!("{parts} events have come"));
        // A client that cannot be told hears of the end, or is gone.
        let _ = client.notify_progress(progress).await;
        if timeout(PROGRESS_PAUSE, &mut over).await.is_ok() {
            return;
        }
    }
}
