//! The stream of notifications of a session (the response to GET).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};

use super::answer::PolledFrame;

/// The interval of comments in a stream without events. They keep the stream open in proxies, and reveal a disconnected client.
pub(super) const PAUSE: Duration = Duration::from_secs(15);

/// The first event, which sets the clients' delay before they reconnect.
const FIRST: &str = "retry: 3000\n\n";

pub(super) const COMMENT: &str = ":\n\n";

/// The body of a stream. It ends when the sender of its events is dropped.
pub(super) struct AnnouncementStream {
    events: mpsc::Receiver<Bytes>,
    has_begun: bool,
    pause: Pin<Box<Sleep>>,
}

impl AnnouncementStream {
    pub(super) fn new(events: mpsc::Receiver<Bytes>) -> Self {
        Self { events, has_begun: false, pause: Box::pin(sleep(PAUSE)) }
    }
}

impl Body for AnnouncementStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> PolledFrame {
        let text = if !self.has_begun {
            self.has_begun = true;
            Bytes::from_static(FIRST.as_bytes())
        } else {
            match self.events.poll_recv(context) {
                Poll::Ready(Some(event)) => event,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    if self.pause.as_mut().poll(context).is_pending() {
                        return Poll::Pending;
                    }
                    Bytes::from_static(COMMENT.as_bytes())
                }
            }
        };
        self.pause.as_mut().reset(Instant::now() + PAUSE);
        Poll::Ready(Some(Ok(Frame::data(text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[tokio::test(start_paused = true)]
    async fn idle_stream_sends_comments_until_its_sender_is_dropped() {
        let (sender, events) = mpsc::channel(1);
        let mut stream = AnnouncementStream::new(events);
        let begin = Instant::now();
        let mut next = async || Some(stream.frame().await?.unwrap().into_data().unwrap());
        assert_eq!(next().await.unwrap(), FIRST);
        assert_eq!((next().await.unwrap(), begin.elapsed()), (Bytes::from_static(COMMENT.as_bytes()), PAUSE));
        sender.send(Bytes::from_static(b"data: 1\n\n")).await.unwrap();
        assert_eq!(next().await.unwrap(), "data: 1\n\n");
        drop(sender);
        assert_eq!(next().await, None);
    }
}
