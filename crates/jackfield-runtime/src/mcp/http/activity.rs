//! Counts the requests in flight on one connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Context;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, SizeHint};
use std::convert::Infallible;
use tokio::time::Instant;

use super::answer::{Answer, PolledFrame};

/// Counts the requests in flight on a connection, so that an idle connection can be closed. Cheap to clone.
#[derive(Clone)]
pub(super) struct Activity(Arc<Mutex<State>>);

struct State {
    in_flight: u32,
    last: Instant,
}

/// A request whose answer is not yet complete.
pub(super) struct Active(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { in_flight: 0, last: Instant::now() })))
    }

    /// Counts a request. Returns `None` if too many requests are in flight.
    pub(super) fn enter(&self, limit: u32) -> Option<Active> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.in_flight >= limit {
            return None;
        }
        state.in_flight += 1;
        Some(Active(self.clone()))
    }

    /// Completes when no request has been in flight for the time `limit`.
    pub(super) async fn idle(&self, limit: Duration) {
        loop {
            let until = {
                let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if state.in_flight > 0 { Instant::now() + limit } else { state.last + limit }
            };
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.in_flight -= 1;
        state.last = Instant::now();
    }
}

/// A body that keeps a value alive until the body is sent or dropped.
pub(super) struct KeepingBody<K> {
    inner: UnsyncBoxBody<Bytes, Infallible>,
    _kept: K,
}

impl<K> KeepingBody<K> {
    pub(super) const fn new(inner: UnsyncBoxBody<Bytes, Infallible>, kept: K) -> Self {
        Self { inner, _kept: kept }
    }
}

/// Keeps a value alive until the response is sent, if the response is a stream.
pub(super) fn keep_while_streaming<K: Send + Unpin + 'static>(answer: Answer, kept: K) -> Answer {
    match answer.body().size_hint().exact() {
        Some(_) => answer,
        None => answer.map(|body| KeepingBody::new(body, kept).boxed_unsync()),
    }
}

impl<K: Unpin> Body for KeepingBody<K> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> PolledFrame {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
