//! An HTTP server for authenticated clients of this machine.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use super::access::Access;
use super::answer::{Answer, json, status};
use super::endpoints::Endpoints;
use super::proof::{Connections, Proof};
use super::session_owners::{SESSION_ID, SessionOwners};
#[cfg(unix)]
use super::socket::Socket;
use super::token::HttpToken;
use super::usual::usual_revision;
use crate::common::caller::Channel;
#[cfg(feature = "serve")]
use crate::common::clock::Clock;
use crate::common::identity::Identity;
use crate::common::permission_signal::permission_signal;
use crate::engine::service::Service;
#[cfg(feature = "serve")]
use crate::inbound::resource_server::{Inbound, ResourceServer};
#[cfg(not(unix))]
use crate::mcp::error::SocketFault;
use crate::mcp::error::{ServeError, ServeFault};
use crate::mcp::handler::Handler;
use crate::mcp::options::HttpAddress;
use crate::mcp::structured_text::print;
use crate::mcp::usual_call::UsualCall;

/// The path of the endpoint.
const PATH: &str = "/mcp";

/// A listener on this machine.
///
/// Every tool acts with the user's credentials, so only loopback addresses and Unix sockets are allowed.
/// Other users of the machine can connect to loopback addresses too, so clients have to send a token there.
/// At a socket, clients have to run as its user.
pub struct HttpServer {
    listener: Listener,
    token: Option<HttpToken>,
    /// The tokens of callers, which replace the one of this process.
    #[cfg(feature = "serve")]
    inbound: Option<Inbound>,
}

enum Listener {
    Loopback(TcpListener, SocketAddr),
    #[cfg(unix)]
    Socket(Socket),
}

impl HttpServer {
    /// Binds a loopback address, and generates the token that clients have to send.
    ///
    /// # Errors
    /// Returns an error if the address is reachable from other machines, or in use.
    pub async fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        let token = Some(HttpToken::random()?);
        let (listener, address) = listen(address).await?;
        Ok(Self::of(Listener::Loopback(listener, address), token))
    }

    /// Binds a loopback address, or creates a Unix socket, which serves only its user and needs no token.
    ///
    /// # Errors
    /// Returns an error if the address is reachable from other machines, or in use.
    pub async fn bind_at(address: HttpAddress) -> Result<Self, ServeError> {
        match address {
            HttpAddress::Loopback(address) => Self::bind(address).await,
            HttpAddress::Socket(path) => bind_socket(&path),
        }
    }

    fn of(listener: Listener, token: Option<HttpToken>) -> Self {
        Self {
            listener,
            token,
            #[cfg(feature = "serve")]
            inbound: None,
        }
    }

    /// Requires a token of each caller instead of one for all.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) fn with_callers(mut self, inbound: Inbound) -> Self {
        self.token = None;
        self.inbound = Some(inbound);
        self
    }

    /// The tokens of callers, if they have their own.
    #[cfg(feature = "serve")]
    pub(super) const fn callers(&self) -> Option<&Inbound> {
        self.inbound.as_ref()
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
        match &self.listener {
            Listener::Loopback(_, address) => format!("http://{address}{PATH}"),
            #[cfg(unix)]
            Listener::Socket(_) => format!("http://localhost{PATH}"),
        }
    }

    /// The URL at which clients reach this server, which may be that of a proxy.
    pub(super) fn public_url(&self) -> String {
        #[cfg(feature = "serve")]
        if let Some(url) = self.inbound.as_ref().and_then(|inbound| inbound.url.as_ref()) {
            return url.clone();
        }
        self.url()
    }

    /// The values of `Host` that are accepted.
    fn hosts(&self) -> Vec<String> {
        let public = self.public_url().parse::<http::Uri>().ok();
        let public = public.and_then(|url| Some(url.host()?.trim_matches(['[', ']']).to_owned()));
        ["localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).chain(public).collect()
    }

    /// The clients that are accepted. Takes the tokens out of the server.
    fn access(&mut self, title: &str) -> Access {
        #[cfg(feature = "serve")]
        {
            let url = self.public_url();
            if let Some(inbound) = self.inbound.take() {
                return Access::Callers(Box::new(ResourceServer::new(
                    inbound,
                    &url,
                    title,
                    Clock::of_machine(),
                )));
            }
        }
        let _ = title;
        self.token.take().map_or(Access::Open, Access::Token)
    }

    pub(super) fn socket(&self) -> Option<&Path> {
        match &self.listener {
            Listener::Loopback(..) => None,
            #[cfg(unix)]
            Listener::Socket(socket) => Some(socket.path()),
        }
    }

    /// Serves until the process ends.
    ///
    /// `Host` has to name this machine, and an `Origin` has to be this server, so that web pages of other servers
    /// cannot connect, not even by DNS rebinding.
    pub async fn serve(mut self, service: Service) {
        let hosts = self.hosts();
        let access = self.access(service.connector().title);
        let handler = Handler::new(service, Channel::Http);
        let config = StreamableHttpServerConfig::default()
            .with_allowed_hosts(hosts)
            .with_allowed_origins(self.listener.origins())
            .enforce_origin_validation();
        let endpoints = Endpoints::new(&handler, &config);
        let (connections, owners) = (Connections::new(), SessionOwners::default());
        let filter = Arc::new(RequestFilter { endpoints, handler, access, connections, owners });
        let listener = self.listener;
        loop {
            match listener.accept().await {
                Ok(Some(stream)) => _ = tokio::spawn(stream.serve(Arc::clone(&filter))),
                Ok(None) => {}
                Err(error) => {
                    // The cause may be temporary, such as too many open files, so the server continues.
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

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeFault::NotLoopback(address).into());
    }
    let taken = |error: io::Error| ServeFault::Address(address, error.into());
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    Ok((listener, address))
}

#[cfg(unix)]
fn bind_socket(path: &Path) -> Result<HttpServer, ServeError> {
    Ok(HttpServer::of(Listener::Socket(Socket::bind(path)?), None))
}

#[cfg(not(unix))]
fn bind_socket(path: &Path) -> Result<HttpServer, ServeError> {
    Err(ServeFault::Socket(path.to_owned(), SocketFault::Unsupported).into())
}

/// A connection.
enum Stream {
    Loopback(tokio::net::TcpStream),
    #[cfg(unix)]
    Socket(tokio::net::UnixStream),
}

impl Listener {
    /// The origins of web pages that this server itself serves.
    fn origins(&self) -> Vec<String> {
        match self {
            Self::Loopback(_, address) => ["localhost", "127.0.0.1", "[::1]"]
                .map(|host| format!("http://{host}:{}", address.port()))
                .into(),
            #[cfg(unix)]
            Self::Socket(_) => Vec::new(),
        }
    }

    /// Accepts the next connection. `None` if this server must not answer it.
    async fn accept(&self) -> io::Result<Option<Stream>> {
        match self {
            Self::Loopback(listener, _) => {
                let (stream, _) = listener.accept().await?;
                // Small answers are sent without delay.
                let _ = stream.set_nodelay(true);
                Ok(Some(Stream::Loopback(stream)))
            }
            #[cfg(unix)]
            Self::Socket(socket) => Ok(socket.accept().await?.map(Stream::Socket)),
        }
    }
}

impl Stream {
    /// Answers the requests of a connection until either side closes it.
    fn serve(self, filter: Arc<RequestFilter>) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        match self {
            Self::Loopback(stream) => {
                let peer = stream.peer_addr().ok().map(|peer| peer.ip());
                Box::pin(filter.serve(stream, peer))
            }
            #[cfg(unix)]
            Self::Socket(stream) => Box::pin(filter.serve(stream, None)),
        }
    }
}

/// The checks that each request passes before it reaches the service.
struct RequestFilter {
    endpoints: Endpoints,
    /// Answers usual tool calls, which do not reach the endpoints.
    handler: Handler,
    access: Access,
    connections: Arc<Connections>,
    owners: SessionOwners,
}

impl RequestFilter {
    async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self: Arc<Self>,
        stream: S,
        peer: Option<IpAddr>,
    ) {
        let (proof, evicted) = self.connections.enter();
        let shown = Arc::clone(&proof);
        let answer = service_fn(move |request| Arc::clone(&self).answer(request, Arc::clone(&shown), peer));
        let builder = auto::Builder::new(TokioExecutor::new());
        let connection = builder.serve_connection(TokioIo::new(stream), answer);
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(error, "a connection failed");
            },
            () = proof.too_late(evicted) => tracing::debug!("a connection without a valid token was closed"),
        }
    }

    /// Answers a request. To a client without a token, the response reveals nothing, and the body of its
    /// request is not read.
    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        proof: Arc<Proof>,
        peer: Option<IpAddr>,
    ) -> Result<Answer, Infallible> {
        if let Some(document) = self.access.document(&request) {
            return Ok(document);
        }
        if let Some(refusal) = self.access.answer(&mut request, peer).await {
            return Ok(refusal);
        }
        if !proof.show() {
            return Ok(status(StatusCode::SERVICE_UNAVAILABLE, "Too many connections are open.\n"));
        }
        if request.uri().path() == PATH {
            return Ok(match request.extensions().get::<Identity>().cloned() {
                Some(caller) => self.answer_caller(request, &caller).await,
                None => self.answer_mcp(request).await,
            });
        }
        Ok(status(StatusCode::NOT_FOUND, "Only /mcp is served here.\n"))
    }

    /// Answers a request of a caller who has an identity: with 403 if its token lacks scopes for a call.
    async fn answer_caller(&self, mut request: Request<Incoming>, caller: &Identity) -> Answer {
        if !self.owners.allow(request.headers(), caller) {
            return status(StatusCode::NOT_FOUND, "The session is not known.\n");
        }
        let (signal, mut permission) = permission_signal();
        request.extensions_mut().insert(signal);
        let is_in_session = request.method() == Method::POST && request.headers().contains_key(SESSION_ID);
        let answer = self.answer_mcp(request).await;
        // The answer in a session begins before the call is decided.
        if is_in_session {
            permission.decided().await;
        }
        self.owners.record(answer.headers(), caller);
        match permission.lacking_scopes() {
            Some(scopes) => self.access.insufficient_scope(&scopes, answer),
            None => answer,
        }
    }

    /// Answers a request of MCP. The SDK answers all but tool calls in their usual form.
    async fn answer_mcp(&self, request: Request<Incoming>) -> Answer {
        let Some(revision) = usual_revision(&request) else {
            return self.endpoints.handle(request.map(Either::Left)).await;
        };
        let (head, body) = request.into_parts();
        let Ok(body) = body.collect().await else {
            return status(StatusCode::BAD_REQUEST, "The body is incomplete.\n");
        };
        let body = body.to_bytes();
        match UsualCall::parse(&body).filter(|call| call.meta.is_none()) {
            Some(call) => json(print(self.handler.answer_usual(call, &revision, &head.extensions).await)),
            None => {
                let request = Request::from_parts(head, Either::Right(Full::from(body)));
                self.endpoints.handle(request).await
            }
        }
    }
}
