//! Limits the time for connecting, including name resolution, the proxy and TLS.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use tokio::time::timeout;
use tower_service::Service;

use super::connect::CheckedConnector;
use super::service_stream::ServiceStream;

type BoxError = Box<dyn Error + Send + Sync>;

/// Connects within a time limit.
#[derive(Clone)]
pub(super) struct TimedConnector {
    pub(super) inner: HttpsConnector<CheckedConnector>,
    pub(super) limit: Duration,
}

/// The error if no connection was ready in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectTimeout {
    pub(super) seconds: u64,
}

impl fmt::Display for ConnectTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection within {} seconds", self.seconds)
    }
}

impl Error for ConnectTimeout {}

impl Service<Uri> for TimedConnector {
    type Response = MaybeHttpsStream<ServiceStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, limit) = (self.inner.call(uri), self.limit);
        Box::pin(async move {
            let late = |_| BoxError::from(ConnectTimeout { seconds: limit.as_secs() });
            timeout(limit, connecting).await.map_err(late)?
        })
    }
}
