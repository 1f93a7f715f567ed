//! The listener of the HTTP server: a TCP address or a Unix socket.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::filter::RequestFilter;
#[cfg(unix)]
use super::socket::Socket;
#[cfg(not(unix))]
use crate::mcp::error::SocketFault;
use crate::mcp::error::{ServeError, ServeFault};

pub(super) enum Listener {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Socket(Socket),
}

/// An accepted connection.
pub(super) enum Stream {
    Tcp(tokio::net::TcpStream, IpAddr),
    #[cfg(unix)]
    Socket(tokio::net::UnixStream),
}

impl Listener {
    /// Binds a loopback address.
    pub(super) async fn loopback(address: SocketAddr) -> Result<Self, ServeError> {
        if !address.ip().to_canonical().is_loopback() {
            return Err(ServeFault::NotLoopback(address).into());
        }
        Self::tcp(address).await
    }

    /// Binds any address. The caller has to check the protection of the address first.
    pub(super) async fn tcp(address: SocketAddr) -> Result<Self, ServeError> {
        let taken = |error: io::Error| ServeFault::Address(address, error.into());
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self::Tcp(listener, address))
    }

    /// Creates a Unix socket.
    #[cfg(unix)]
    pub(super) fn socket(path: &Path) -> Result<Self, ServeError> {
        Socket::bind(path).map(Self::Socket)
    }

    #[cfg(not(unix))]
    pub(super) fn socket(path: &Path) -> Result<Self, ServeError> {
        Err(ServeFault::Socket(path.to_owned(), SocketFault::Unsupported).into())
    }

    /// Returns the authority for URLs of this server.
    pub(super) fn authority(&self) -> String {
        match self {
            Self::Tcp(_, address) => address.to_string(),
            #[cfg(unix)]
            Self::Socket(_) => "localhost".to_owned(),
        }
    }

    /// Returns the path of the socket, if the listener is a Unix socket.
    pub(super) fn socket_path(&self) -> Option<&Path> {
        match self {
            Self::Tcp(..) => None,
            #[cfg(unix)]
            Self::Socket(socket) => Some(socket.path()),
        }
    }

    /// Returns the origins that web pages of this server would have.
    pub(super) fn origins(&self) -> Vec<String> {
        match self {
            Self::Tcp(_, address) => ["localhost", "127.0.0.1", "[::1]"]
                .map(|host| format!("http://{host}:{}", address.port()))
                .into(),
            #[cfg(unix)]
            Self::Socket(_) => Vec::new(),
        }
    }

    /// Accepts the next connection. Returns `None` if the server must not serve this client.
    pub(super) async fn accept(&self) -> io::Result<Option<Stream>> {
        match self {
            Self::Tcp(listener, _) => {
                let (stream, peer) = listener.accept().await?;
                // With this option, small answers are sent without delay.
                let _ = stream.set_nodelay(true);
                Ok(Some(Stream::Tcp(stream, peer.ip().to_canonical())))
            }
            #[cfg(unix)]
            Self::Socket(socket) => Ok(socket.accept().await?.map(Stream::Socket)),
        }
    }
}

impl Stream {
    /// Answers the requests of a connection until either side closes it.
    pub(super) fn serve(self, filter: Arc<RequestFilter>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match self {
            Self::Tcp(stream, peer) => Box::pin(filter.admit(stream, peer)),
            #[cfg(unix)]
            Self::Socket(stream) => Box::pin(filter.serve(stream, None)),
        }
    }
}
