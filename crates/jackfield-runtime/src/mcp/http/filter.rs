//! The checks between connections and the routes.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;

use http::header::{CONNECTION, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::access::Access;
use super::activity::{Activity, KeepingBody};
use super::answer::{Answer, refusal, status};
use super::drain::Drain;
use super::health::Health;
use super::observer::METRICS;
use super::proof::{Connections, Proof};
use super::protection::Protection;
use super::routes::Routes;
use super::server::LAST_BYTES;
use super::session_owners::{SESSION_ID, SessionOwners};
use crate::common::identity::Identity;
use crate::common::permission_signal::permission_signal;
use crate::mcp::limits::{HttpLimit, HttpLimits};
use crate::mcp::proxies::TrustedProxies;

/// The checks between connections and the service.
pub(super) struct RequestFilter {
    routes: Routes,
    access: Access,
    owners: SessionOwners,
    connections: Arc<Connections>,
    protection: Protection,
    limits: HttpLimits,
    health: Arc<Health>,
    drain: Drain,
}

/// The facts about a connection that its requests need.
struct Peer {
    proof: Arc<Proof>,
    activity: Activity,
    address: Option<IpAddr>,
}

impl RequestFilter {
    pub(super) fn new(
        routes: Routes,
        access: Access,
        protection: Protection,
        limits: HttpLimits,
        (health, drain): (Arc<Health>, Drain),
    ) -> Self {
        let (connections, owners) = (Connections::new(limits), SessionOwners::default());
        Self { routes, access, owners, connections, protection, limits, health, drain }
    }

    /// Answers the requests of a TCP connection, if its peer may connect.
    pub(super) async fn admit(self: Arc<Self>, stream: TcpStream, peer: IpAddr) {
        if self.protection.proxies.as_ref().is_some_and(|proxies| !proxies.contains(peer)) {
            tracing::debug!(%peer, "a connection that came past the proxy was closed");
            return;
        }
        #[cfg(feature = "serve")]
        if let Some(certificate) = &self.protection.certificate {
            // A handshake takes a place among the connections without an accepted request.
            let (proof, evicted) = self.connections.enter();
            let accepted = tokio::select! {
                accepted = certificate.acceptor().accept(stream) => accepted,
                () = proof.too_late(evicted) => return,
                () = self.drain.begun() => return,
            };
            match accepted {
                Ok(stream) => self.serve(stream, Some(peer)).await,
                Err(error) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
            }
            return;
        }
        self.serve(stream, Some(peer)).await;
    }

    /// Answers the requests of a connection.
    pub(super) async fn serve<S>(self: Arc<Self>, stream: S, address: Option<IpAddr>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (proof, evicted) = self.connections.enter();
        let activity = Activity::new();
        let peer = Arc::new(Peer { proof: Arc::clone(&proof), activity: activity.clone(), address });
        let filter = Arc::clone(&self);
        let answer = service_fn(move |request| Arc::clone(&filter).answer(request, Arc::clone(&peer)));
        let idle_limit = self.limits.time(HttpLimit::IdleTimeout);
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // hyper counts the time from the end of the request before.
        let mut http1 = builder.http1();
        http1.timer(TokioTimer::new()).header_read_timeout(idle_limit);
        http1.max_buf_size(self.limits.size(HttpLimit::Headers));
        let mut http2 = builder.http2();
        http2.timer(TokioTimer::new()).max_header_list_size(self.limits.get(HttpLimit::Headers));
        http2.max_concurrent_streams(self.limits.get(HttpLimit::Requests));
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer));
        let mut too_late = pin!(proof.too_late(evicted));
        let mut idle = pin!(activity.idle(idle_limit));
        let mut draining = pin!(self.drain.begun());
        let (mut is_ending, mut is_idle) = (false, false);
        // hyper waits without an end for a client that does not read its last answer. A request that came in the last moment is
        // answered. When the server stops, it closes all connections itself.
        let unread = async {
            sleep(LAST_BYTES).await;
            activity.idle(LAST_BYTES).await;
        };
        let mut unread = pin!(unread);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection failed");
                    }
                    return;
                }
                () = &mut too_late => {
                    tracing::debug!("a connection without an accepted request was closed");
                    return;
                }
                () = &mut idle, if !is_ending => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                    is_idle = true;
                }
                () = &mut unread, if is_idle => {
                    tracing::debug!("a connection that was not read was closed");
                    return;
                }
                () = &mut draining, if !is_ending => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// Answers a request within the limits of its connection.
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Arc<Peer>,
    ) -> Result<Answer, Infallible> {
        let limit = self.limits.get(HttpLimit::Requests);
        let Some(active) = peer.activity.enter(limit) else {
            let text =
                format!("Too many requests on one connection (limit {limit}, set by --max-requests).\n");
            return Ok(refusal(StatusCode::TOO_MANY_REQUESTS, text));
        };
        // A request that only listens is no call: it would never end.
        let listens = request.method() == http::Method::GET
            || request.headers().get("mcp-method").is_some_and(|it| it == "subscriptions/listen");
        let answer = self.checked(request, &peer, listens).await;
        // A stream counts until its end.
        Ok(match answer.body().size_hint().exact() {
            Some(_) => answer,
            None => answer.map(|body| KeepingBody::new(body, active).boxed_unsync()),
        })
    }

    /// Answers a request. A client without a token learns nothing, and its body is not read.
    async fn checked(&self, mut request: Request<Incoming>, peer: &Peer, listens: bool) -> Answer {
        let path = request.uri().path();
        if let Some(answer) = self.health.probe(path).await {
            return answer;
        }
        let mut client = peer.address;
        if let Some(proxies) = &self.protection.proxies {
            if !TrustedProxies::has_tls(request.headers()) {
                let text = "The proxy has to send `X-Forwarded-Proto: https`: see docs/serving.md.\n";
                return status(StatusCode::FORBIDDEN, text);
            }
            client = proxies.client(request.headers()).or(client);
        }
        if let Some(document) = self.access.document(&request) {
            return document;
        }
        if let Some(refusal) = self.access.answer(&mut request, client).await {
            return refusal;
        }
        if !peer.proof.show() {
            let limit = self.limits.get(HttpLimit::Connections);
            let text = format!("Too many connections are open (limit {limit}, set by --max-connections).\n");
            return refusal(StatusCode::SERVICE_UNAVAILABLE, text);
        }
        if path_of(&request) == METRICS
            && self.protection.shows_metrics_to(peer.address, request.headers())
            && let Some(metrics) = self.health.metrics()
        {
            return metrics;
        }
        let Some(call) = self.drain.enter() else {
            let mut answer = status(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping.\n");
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return answer;
        };
        let call = (!listens).then_some(call);
        let answer = match request.extensions().get::<Identity>().cloned() {
            Some(caller) => self.answer_caller(request, &caller).await,
            None => self.routes.answer(request).await,
        };
        match answer.body().size_hint().exact() {
            Some(_) => answer,
            None => answer.map(|body| KeepingBody::new(body, call).boxed_unsync()),
        }
    }

    /// Answers a request of a caller who has an identity: with 403 if its token lacks scopes for a call.
    async fn answer_caller(&self, mut request: Request<Incoming>, caller: &Identity) -> Answer {
        if !self.owners.allow(request.headers(), caller) {
            return status(StatusCode::NOT_FOUND, "The session is not known.\n");
        }
        let (signal, mut permission) = permission_signal();
        request.extensions_mut().insert(signal);
        let is_in_session = request.method() == Method::POST && request.headers().contains_key(SESSION_ID);
        let answer = self.routes.answer(request).await;
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
}

fn path_of<B>(request: &Request<B>) -> &str {
    request.uri().path()
}
