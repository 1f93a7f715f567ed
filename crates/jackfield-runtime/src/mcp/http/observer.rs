//! A separate listener for monitoring programs.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::answer::{Answer, status};
use super::health::Health;
use crate::mcp::error::{ServeError, ServeFault};

/// The maximum number of connections. A metrics collector opens one connection.
const MAX_CONNECTIONS: usize = 32;

/// The time limit of a connection without a request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The path of the metrics.
pub(super) const METRICS: &str = "/metrics";

/// A listener without authentication, at an address that the user chose for metrics.
pub(super) struct Observer {
    listener: TcpListener,
    address: SocketAddr,
}

impl Observer {
    pub(super) async fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        let taken = |error: std::io::Error| ServeFault::Address(address, error.into());
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address })
    }

    /// Returns the URL of the metrics.
    pub(super) fn url(&self) -> String {
        format!("http://{}{METRICS}", self.address)
    }

    /// Serves until the process ends.
    pub(super) async fn serve(self, health: Arc<Health>) {
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { return };
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let health = Arc::clone(&health);
            tokio::spawn(async move {
                let answer = service_fn(move |request| answer(request, Arc::clone(&health)));
                let mut builder = http1::Builder::new();
                builder.timer(TokioTimer::new()).header_read_timeout(TIMEOUT).max_buf_size(8192);
                if let Err(error) = builder.serve_connection(TokioIo::new(stream), answer).await {
                    tracing::debug!(%error, "a connection for metrics failed");
                }
                drop(permit);
            });
        }
    }
}

async fn answer(request: Request<Incoming>, health: Arc<Health>) -> Result<Answer, Infallible> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(status(StatusCode::METHOD_NOT_ALLOWED, ""));
    }
    let path = request.uri().path();
    if let Some(answer) = health.probe(path).await {
        return Ok(answer);
    }
    let metrics = if path == METRICS { health.metrics() } else { None };
    Ok(metrics.unwrap_or_else(|| {
        status(StatusCode::NOT_FOUND, "Only /metrics, /healthz and /readyz are served here.\n")
    }))
}
