//! The response to a call in a session. The call continues if its connection ends.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::runtime::Handle;
use tokio::time::{Duration, timeout};

use super::answer::{Answer, PolledFrame, events, json};
use super::comments::Comments;

/// The maximum duration of a call that is answered with JSON. A longer call is answered with a stream, whose comments prevent proxies from
/// closing an idle connection.
const PROMPT: Duration = Duration::from_secs(5);

type Printed = serde_json::Result<Vec<u8>>;

/// A call in a session. If the connection ends, the call continues, because only `notifications/cancelled` cancels it.
pub(super) struct RunningAnswer(Option<Pin<Box<dyn Future<Output = Printed> + Send>>>);

impl RunningAnswer {
    pub(super) fn of(answer: impl Future<Output = Printed> + Send + 'static) -> Self {
        Self(Some(Box::pin(answer)))
    }

    /// Returns the response: JSON, or a stream if the call takes longer than `PROMPT`.
    pub(super) async fn response(mut self) -> Answer {
        if let Ok(printed) = timeout(PROMPT, &mut self).await {
            return json(printed);
        }
        events(LateAnswer { answer: Some(self), comments: Comments::new() })
    }
}

impl Future for RunningAnswer {
    type Output = Printed;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Printed> {
        let Some(answer) = &mut self.0 else { return Poll::Pending };
        let printed = ready!(answer.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(printed)
    }
}

impl Drop for RunningAnswer {
    fn drop(&mut self) {
        if let (Some(answer), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(answer);
        }
    }
}

/// The stream of a call that takes longer than `PROMPT`. Its only event is the JSON-RPC response.
struct LateAnswer {
    /// `None` after the response was sent.
    answer: Option<RunningAnswer>,
    comments: Comments,
}

impl Body for LateAnswer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> PolledFrame {
        let Some(answer) = &mut self.answer else { return Poll::Ready(None) };
        if let Poll::Ready(printed) = Pin::new(answer).poll(context) {
            self.answer = None;
            let Ok(printed) = printed else { return Poll::Ready(None) };
            let event = [b"data: ", &*printed, b"\n\n"].concat();
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from(event)))));
        }
        let comment = ready!(self.comments.poll_next(context));
        Poll::Ready(Some(Ok(Frame::data(comment))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::CONTENT_TYPE;
    use http_body_util::BodyExt as _;
    use std::future::pending;
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    /// Waits for a minute of the paused clock, which advances automatically.
    async fn a_minute() {
        let _ = timeout(Duration::from_secs(60), pending::<()>()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn slow_response_is_sent_as_a_stream_and_fast_response_as_json() {
        let prompt = RunningAnswer::of(async { Ok(b"1".to_vec()) }).response().await;
        assert_eq!(prompt.headers()[CONTENT_TYPE], "application/json");
        let slow = RunningAnswer::of(async {
            a_minute().await;
            Ok(b"2".to_vec())
        });
        let slow = slow.response().await;
        assert_eq!(slow.headers()[CONTENT_TYPE], "text/event-stream");
        let body = slow.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(String::from_utf8_lossy(&body), ":\n\n:\n\n:\n\ndata: 2\n\n");
    }

    #[tokio::test(start_paused = true)]
    async fn call_continues_after_its_connection_has_ended() {
        let (sender, receiver) = oneshot::channel();
        let slow = RunningAnswer::of(async {
            a_minute().await;
            let _ = sender.send(());
            Ok(Vec::new())
        });
        drop(slow.response().await);
        receiver.await.unwrap();
    }
}
