//! The stream of notifications of a session (the response to GET).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;

use super::answer::PolledFrame;
use super::comments::Comments;

/// The first event, which sets the clients' delay before they reconnect.
const FIRST: &str = "retry: 3000\n\n";

/// The body of a stream. It ends when the sender of its events is dropped.
pub(super) struct AnnouncementStream {
    events: mpsc::Receiver<Bytes>,
    has_begun: bool,
    comments: Comments,
}

impl AnnouncementStream {
    pub(super) fn new(events: mpsc::Receiver<Bytes>) -> Self {
        Self { events, has_begun: false, comments: Comments::new() }
    }
}

impl Body for AnnouncementStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> PolledFrame {
        let text = if std::mem::replace(&mut self.has_begun, true) {
            match self.events.poll_recv(context) {
                Poll::Ready(Some(event)) => event,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => ready!(self.comments.poll_next(context)),
            }
        } else {
            Bytes::from_static(FIRST.as_bytes())
        };
        self.comments.delay();
        Poll::Ready(Some(Ok(Frame::data(text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use tokio::time::Instant;

    use crate::mcp::http::comments::{COMMENT, PAUSE};

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
