//! An HTTP server for authenticated clients.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::task::JoinSet;
#[cfg(feature = "serve")]
use tokio::time::timeout;
use tokio::time::{Instant, timeout_at};

use super::access::Access;
use super::drain::{Drain, LAST_BYTES};
use super::failed_authentications::FailureLog;
use super::filter::RequestFilter;
use super::health::Health;
use super::listener::Listener;
use super::observer::Observer;
#[cfg(feature = "serve")]
use super::pages::{Pages, ServedPages};
use super::protection::Protection;
use super::routes::{PATH, Routes};
use super::token::HttpToken;
#[cfg(feature = "serve")]
use crate::common::clock::Clock;
use crate::engine::current_service::CurrentService;
#[cfg(feature = "serve")]
use crate::inbound::resource_server::{Inbound, ResourceServer};
use crate::mcp::error::ServeError;
use crate::mcp::limits::{HttpLimit, HttpLimits};
use crate::mcp::options::HttpAddress;

/// A listener for HTTP, and its protection.
///
/// Every tool acts with credentials of the user or of its caller. Any user of the machine can connect to a
/// loopback address, so clients have to send a token there. At a Unix socket, clients have to run as the server's
/// user. An address beyond loopback requires individual tokens of callers, and TLS or a trusted proxy. Only
/// `serve_http` binds such an address, after it has checked these conditions.
pub struct HttpServer {
    listener: Listener,
    token: Option<HttpToken>,
    protection: Protection,
    limits: HttpLimits,
    observer: Option<Observer>,
    /// The individual tokens of callers, which replace the token of this process.
    #[cfg(feature = "serve")]
    inbound: Option<Inbound>,
    #[cfg(feature = "serve")]
    pages: Option<Arc<dyn Pages>>,
}

impl HttpServer {
    /// Binds a loopback address, and generates the token that clients have to send.
    ///
    /// # Errors
    /// Returns an error if the address is reachable from other machines, or in use.
    pub async fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        let token = Some(HttpToken::random()?);
        Ok(Self::of(Listener::loopback(address).await?, token))
    }

    fn of(listener: Listener, token: Option<HttpToken>) -> Self {
        let (protection, limits) = (Protection::default(), HttpLimits::default());
        Self {
            listener,
            token,
            protection,
            limits,
            observer: None,
            #[cfg(feature = "serve")]
            inbound: None,
            #[cfg(feature = "serve")]
            pages: None,
        }
    }

    /// Binds any address, or creates a Unix socket. The caller has to check the protection of the address.
    pub(super) async fn open(address: HttpAddress) -> Result<Self, ServeError> {
        match address {
            HttpAddress::Tcp(address) => {
                Ok(Self::of(Listener::tcp(address).await?, Some(HttpToken::random()?)))
            }
            HttpAddress::Socket(path) => Ok(Self::of(Listener::socket(&path)?, None)),
        }
    }

    /// Requires an individual token from each caller, instead of one shared token. After this call, [`with_token`](Self::with_token) can
    /// add a token for the user of this process.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) fn with_callers(mut self, inbound: Inbound) -> Self {
        self.token = None;
        self.inbound = Some(inbound);
        self
    }

    /// Serves pages for browsers too.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) fn with_pages(self, pages: Option<Arc<dyn Pages>>) -> Self {
        Self { pages, ..self }
    }

    /// Returns the settings for individual tokens of callers, if callers have individual tokens.
    #[cfg(feature = "serve")]
    pub(super) const fn callers(&self) -> Option<&Inbound> {
        self.inbound.as_ref()
    }

    /// Binds a loopback address, or creates a Unix socket. A socket needs no token, because it serves only the operating system user that
    /// created it.
    ///
    /// # Errors
    /// Returns an error if the address is reachable from other machines, or in use.
    pub async fn bind_at(address: HttpAddress) -> Result<Self, ServeError> {
        match address {
            HttpAddress::Tcp(address) => Self::bind(address).await,
            HttpAddress::Socket(path) => Ok(Self::of(Listener::socket(&path)?, None)),
        }
    }

    /// Requires clients to send `token`.
    #[must_use]
    pub fn with_token(mut self, token: HttpToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Accepts clients without a token. This is only for tests.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// Returns the required token, if there is one.
    pub const fn token(&self) -> Option<&HttpToken> {
        self.token.as_ref()
    }

    /// Returns the URL for clients.
    pub fn url(&self) -> String {
        let scheme = if self.protection.has_certificate() { "https" } else { "http" };
        format!("{scheme}://{}{PATH}", self.listener.authority())
    }

    /// Returns the URL at which clients reach this server, which may be the URL of a proxy.
    pub(super) fn public_url(&self) -> String {
        #[cfg(feature = "serve")]
        if let Some(url) = self.inbound.as_ref().and_then(|inbound| inbound.url.as_ref()) {
            return url.clone();
        }
        self.url()
    }

    /// Returns the values of the `Host` header that are accepted.
    fn hosts(&self) -> Vec<String> {
        let public = self.public_url().parse::<http::Uri>().ok();
        let public = public.and_then(|url| Some(url.host()?.trim_matches(['[', ']']).to_owned()));
        ["localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).chain(public).collect()
    }

    /// Returns the values of the `Origin` header that are accepted.
    fn origins(&self) -> Vec<String> {
        let public = self.public_url().parse::<http::Uri>().ok();
        let public = public.and_then(|url| {
            let (scheme, host) = (url.scheme_str()?, url.host()?);
            let port = url.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
            Some(format!("{scheme}://{host}:{port}"))
        });
        self.listener.origins().into_iter().chain(public).collect()
    }

    /// Moves the tokens out of the server, and returns which clients it accepts.
    fn access(&mut self, title: &str) -> Access {
        #[cfg(feature = "serve")]
        {
            let url = self.public_url();
            if let Some(inbound) = self.inbound.take() {
                let callers = ResourceServer::new(inbound, &url, title, Clock::of_machine());
                return Access::Callers(Arc::new(callers), self.token.take());
            }
        }
        let _ = title;
        self.token.take().map_or(Access::Open, Access::Token)
    }

    pub(super) fn socket(&self) -> Option<&Path> {
        self.listener.socket_path()
    }

    /// Sets the protection of the server, in addition to the tokens.
    pub(super) fn with_protection(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }

    /// Sets the limits of requests and connections.
    #[must_use]
    pub fn with_limits(mut self, limits: HttpLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets another listener that serves the metrics.
    pub(super) fn with_observer(mut self, observer: Option<Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Returns the URL of the metrics, if another listener serves them.
    pub(super) fn metrics_url(&self) -> Option<String> {
        self.observer.as_ref().map(Observer::url)
    }

    /// Serves until the process ends.
    pub async fn serve(self, service: impl Into<CurrentService>) {
        self.serve_until(service, std::future::pending()).await;
    }

    /// Serves until the future `end` completes. Then new calls are refused, and calls in flight may finish within
    /// the drain limit.
    ///
    /// The `Host` header has to name this machine or the host of the public URL, and an `Origin` header has to
    /// name this server. So web pages of other servers cannot connect, not even by DNS rebinding.
    pub async fn serve_until(mut self, service: impl Into<CurrentService>, end: impl Future<Output = ()>) {
        let current = service.into();
        let service = current.get();
        let (hosts, origins) = (self.hosts(), self.origins());
        let failures = Arc::new(FailureLog::new(service.policies().audit.clone()));
        #[cfg(feature = "serve")]
        let endpoint = self.public_url();
        let access = self.access(service.connector().title);
        #[cfg(feature = "serve")]
        let pages = match (self.pages.take(), &access) {
            (Some(pages), Access::Callers(server, _)) => {
                pages.begin(&endpoint);
                Some(ServedPages { pages, server: Arc::clone(server), failures: Arc::clone(&failures) })
            }
            _ => None,
        };
        let (limits, listener, drain) = (self.limits, self.listener, Drain::new());
        let config = StreamableHttpServerConfig::default()
            .with_allowed_hosts(hosts)
            .with_allowed_origins(origins)
            .enforce_origin_validation();
        let sessions = config.cancellation_token.clone();
        let health = Health::new(current.clone(), drain.clone());
        #[cfg(feature = "serve")]
        let tasks = service.tasks().map(|tasks| tasks.running().clone());
        drop(service);
        let observing = self.observer.map(|it| tokio::spawn(it.serve(Arc::clone(&health))));
        let routes = Routes::new(current, config, limits);
        let shared = (health, drain.clone());
        let filter = RequestFilter::new(routes, access, self.protection, limits, shared);
        #[cfg(feature = "serve")]
        let filter = filter.with_pages(pages);
        let filter = Arc::new(filter.with_failures(Arc::clone(&failures)));
        let recorder = Arc::clone(&failures);
        let recording = tokio::spawn(async move { recorder.run().await });
        let mut connections = JoinSet::new();
        let mut end = std::pin::pin!(end);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
                () = &mut end => break,
            };
            match accepted {
                Ok(Some(stream)) => _ = connections.spawn(stream.serve(Arc::clone(&filter))),
                Ok(None) => {}
                Err(error) => {
                    // The cause may be temporary, such as too many open files.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        // From now on, another process can bind the address.
        drop(listener);
        drain.begin();
        let until = Instant::now() + limits.time(HttpLimit::Drain);
        tracing::info!(calls = drain.calls(), "stopping");
        let idle = async {
            drain.idle().await;
            // A call in flight may have become a task.
            #[cfg(feature = "serve")]
            if let Some(tasks) = &tasks {
                tasks.idle().await;
            }
        };
        if timeout_at(until, idle).await.is_err() {
            let seconds = limits.get(HttpLimit::Drain);
            let calls = drain.calls();
            tracing::warn!(
                calls,
                "calls that still run are cancelled after {seconds} seconds (set by --drain)"
            );
        }
        #[cfg(feature = "serve")]
        if let Some(tasks) = &tasks {
            if tasks.count() > 0 {
                tracing::warn!(tasks = tasks.count(), "the remaining tasks fail, because the server ends");
            }
            tasks.stop();
            // The results of the tasks are stored.
            let _ = timeout(LAST_BYTES, tasks.idle()).await;
        }
        // The streams of sessions do not end by themselves.
        sessions.cancel();
        let closed = async { while connections.join_next().await.is_some() {} };
        // A client that does not read its answer does not delay the shutdown.
        let _ = timeout_at(until.min(Instant::now() + LAST_BYTES), closed).await;
        connections.shutdown().await;
        if let Some(observing) = observing {
            observing.abort();
        }
        recording.abort();
        failures.record_since(Duration::ZERO).await;
    }
}

impl std::fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpServer({})", self.url())
    }
}
