//! The body of a request. A server may refuse the request without reading the body.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::runtime::Handle;

use crate::mcp::limits::{HttpLimit, HttpLimits};

/// The body of a request.
///
/// If an HTTP/2 request is answered before its body was received, hyper resets the stream with `NO_ERROR` after the answer, as RFC
/// 9113 (section 8.1) asks. Clients such as curl 7.88 then report an error instead of the answer. So the rest of the body is received
/// and discarded, within limits. With HTTP/1.1, the connection is closed instead.
pub(super) struct RequestBody {
    inner: Option<Incoming>,
    /// The maximum number of bytes and the maximum time for receiving the rest of the body.
    rest: Option<(u64, Duration)>,
}

impl RequestBody {
    /// Wraps the body of a request.
    pub(super) fn of(request: Request<Incoming>, limits: &HttpLimits) -> Request<Self> {
        let bytes = 2 * u64::from(limits.get(HttpLimit::Body));
        let rest = (bytes, limits.time(HttpLimit::ReadTimeout));
        let rest = (request.version() == Version::HTTP_2).then_some(rest);
        request.map(|body| Self { inner: Some(body), rest })
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.inner {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let (Some(body), Some((bytes, time))) = (self.inner.take(), self.rest) else { return };
        if body.is_end_stream() {
            return;
        }
        // A connection drops the request within an async runtime.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(tokio::time::timeout(time, discard(body, bytes)));
        }
    }
}

/// Receives and discards a body, up to `most` bytes.
async fn discard(mut body: Incoming, most: u64) {
    let mut received = 0;
    while received < most
        && let Some(Ok(frame)) = body.frame().await
    {
        received += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
}
