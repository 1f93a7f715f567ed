//! A response stream that ends when the token of its request ends.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, SizeHint};

use super::answer::PolledFrame;

/// A future that completes when a stream has to end.
pub(super) type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A body that ends when its content or the given future ends.
pub(super) struct EndingBody {
    /// The content. It is dropped at the end, so that the work behind the stream is released.
    inner: Option<UnsyncBoxBody<Bytes, Infallible>>,
    ended: Ended,
}

impl EndingBody {
    pub(super) const fn new(inner: UnsyncBoxBody<Bytes, Infallible>, ended: Ended) -> Self {
        Self { inner: Some(inner), ended }
    }
}

impl Body for EndingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> PolledFrame {
        let Self { inner, ended } = &mut *self;
        let Some(body) = inner else { return Poll::Ready(None) };
        if ended.as_mut().poll(context).is_ready() {
            *inner = None;
            return Poll::Ready(None);
        }
        Pin::new(body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
