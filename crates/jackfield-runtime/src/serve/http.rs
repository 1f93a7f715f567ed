//! The same service over HTTP, for clients of this machine.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

use super::{Handler, ServeError};
use crate::service::Service;

/// Where clients find it.
const PATH: &str = "/mcp";

type Endpoint = StreamableHttpService<Handler, LocalSessionManager>;

/// A place on this machine to serve at.
///
/// Nothing but loopback is served: who else calls cannot be told yet, and every tool acts with the user's credentials.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
}

impl HttpServer {
    /// Takes the place. Port 0 is any that is free.
    ///
    /// # Errors
    /// It is not on this machine alone, or taken.
    pub async fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() {
            return Err(ServeError(format!(
                "{address} can be reached from other machines, and whoever reaches it acts with your credentials: \
                 serve at 127.0.0.1"
            )));
        }
        let taken = |error: io::Error| ServeError(format!("cannot serve at {address}: {error}"));
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address })
    }

    /// The address to give to a client.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Serves for as long as the process runs.
    ///
    /// Each request stands alone, no session is kept. `Host` has to name this machine, and a request that carries an
    /// `Origin` is refused: a web page has no business here, not even by rebinding its name.
    pub async fn serve(self, service: Service) {
        let handler = Handler::new(service);
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .enforce_origin_validation();
        let endpoint = Endpoint::new(move || Ok(handler.clone()), Arc::default(), config);
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Such as too many open files: others may be closed meanwhile.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    continue;
                }
            };
            // Small answers wait for nobody.
            let _ = stream.set_nodelay(true);
            let endpoint = endpoint.clone();
            tokio::spawn(async move {
                let answer = service_fn(|request| answer(endpoint.clone(), request));
                let connection = auto::Builder::new(TokioExecutor::new());
                if let Err(error) = connection.serve_connection(TokioIo::new(stream), answer).await {
                    tracing::debug!(%error, "a connection ended badly");
                }
            });
        }
    }
}

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

async fn answer(endpoint: Endpoint, request: Request<Incoming>) -> Result<Answer, Infallible> {
    if request.uri().path() == PATH {
        return Ok(endpoint.handle(request).await.map(BodyExt::boxed_unsync));
    }
    let mut lost = Response::new(Full::from(format!("Nothing is served here but {PATH}.\n")).boxed_unsync());
    *lost.status_mut() = StatusCode::NOT_FOUND;
    Ok(lost)
}
