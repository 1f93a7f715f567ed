//! Comments that keep a stream open while it has no events.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep};

/// The interval of comments. They keep the stream open in proxies, and reveal a disconnected client.
pub(super) const PAUSE: Duration = Duration::from_secs(15);

pub(super) const COMMENT: &str = ":\n\n";

/// The comments of one stream.
pub(super) struct Comments(Pin<Box<Sleep>>);

impl Comments {
    pub(super) fn new() -> Self {
        Self(Box::pin(sleep(PAUSE)))
    }

    /// Delays the next comment, because an event was sent.
    pub(super) fn delay(&mut self) {
        self.0.as_mut().reset(Instant::now() + PAUSE);
    }

    /// Returns a comment when nothing was sent for `PAUSE`.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        ready!(self.0.as_mut().poll(context));
        self.delay();
        Poll::Ready(Bytes::from_static(COMMENT.as_bytes()))
    }
}
