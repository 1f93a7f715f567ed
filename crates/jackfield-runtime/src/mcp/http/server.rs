//! An HTTP server for authenticated clients of this machine.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::filter::RequestFilter;
use super::listener::Listener;
use super::routes::{PATH, Routes};
use super::token::HttpToken;
use crate::engine::service::Service;
use crate::mcp::error::ServeError;
use crate::mcp::options::HttpAddress;

/// A listener on this machine.
///
/// Every tool acts with the user's credentials, so only loopback addresses and Unix sockets are allowed. Other users
/// of the machine can reach loopback too, so clients have to show a token there. The clients of a socket have to run
/// as its user.
pub struct HttpServer {
    listener: Listener,
    token: Option<HttpToken>,
}

impl HttpServer {
    /// Binds a loopback address. Clients have to show a token, which is generated here.
    ///
    /// # Errors
    /// The address is reachable from other machines, or in use.
    pub async fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        let token = Some(HttpToken::random()?);
        Ok(Self { listener: Listener::loopback(address).await?, token })
    }

    /// Binds a loopback address, or creates a Unix socket, which serves only its user and needs no token.
    ///
    /// # Errors
    /// The address is reachable from other machines, or in use.
    pub async fn bind_at(address: HttpAddress) -> Result<Self, ServeError> {
        match address {
            HttpAddress::Loopback(address) => Self::bind(address).await,
            HttpAddress::Socket(path) => Ok(Self { listener: Listener::socket(&path)?, token: None }),
        }
    }

    /// Requires that token.
    #[must_use]
    pub fn with_token(mut self, token: HttpToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Accepts clients without a token, for tests.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// The required token, if there is one.
    pub const fn token(&self) -> Option<&HttpToken> {
        self.token.as_ref()
    }

    /// The URL for clients.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.listener.authority())
    }

    pub(super) fn socket(&self) -> Option<&Path> {
        self.listener.socket_path()
    }

    /// Serves for as long as the process runs.
    ///
    /// `Host` has to name this machine, and an `Origin` has to be this server, so that no web page of another server
    /// gets in, not even by DNS rebinding.
    pub async fn serve(self, service: Service) {
        let filter = Arc::new(RequestFilter::new(Routes::new(service, self.listener.origins()), self.token));
        loop {
            match self.listener.accept().await {
                Ok(Some(stream)) => _ = tokio::spawn(stream.serve(Arc::clone(&filter))),
                Ok(None) => {}
                Err(error) => {
                    // The cause may be temporary, such as too many open files.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl std::fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpServer({})", self.url())
    }
}
