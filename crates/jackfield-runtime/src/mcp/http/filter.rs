//! The checks between connections and the routes.

use std::convert::Infallible;
use std::sync::Arc;

use http::header::{AUTHORIZATION, CONNECTION, HeaderValue, WWW_AUTHENTICATE};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::{Answer, status};
use super::proof::{Connections, Proof};
use super::routes::Routes;
use super::token::HttpToken;

/// The checks between connections and the service.
pub(super) struct RequestFilter {
    routes: Routes,
    token: Option<HttpToken>,
    connections: Arc<Connections>,
}

impl RequestFilter {
    pub(super) fn new(routes: Routes, token: Option<HttpToken>) -> Self {
        Self { routes, token, connections: Connections::new() }
    }

    /// Answers the requests of a connection.
    pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self: Arc<Self>,
        stream: S,
    ) {
        let (proof, evicted) = self.connections.enter();
        let shown = Arc::clone(&proof);
        let answer = service_fn(move |request| Arc::clone(&self).answer(request, Arc::clone(&shown)));
        let builder = auto::Builder::new(TokioExecutor::new());
        let connection = builder.serve_connection(TokioIo::new(stream), answer);
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(error, "a connection failed");
            },
            () = proof.too_late(evicted) => tracing::debug!("a connection without a valid token was closed"),
        }
    }

    /// Answers a request. A client without a token learns nothing, and its body is not read.
    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        proof: Arc<Proof>,
    ) -> Result<Answer, Infallible> {
        if self.token.as_ref().is_some_and(|token| !token.is_shown_in(request.headers())) {
            let mut answer = status(StatusCode::UNAUTHORIZED, "");
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return Ok(answer);
        }
        if !proof.show() {
            return Ok(status(StatusCode::SERVICE_UNAVAILABLE, "Too many connections are open.\n"));
        }
        // The token is no longer needed, and must not appear in a log.
        request.headers_mut().remove(AUTHORIZATION);
        Ok(self.routes.answer(request).await)
    }
}
