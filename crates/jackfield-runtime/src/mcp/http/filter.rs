//! Checks requests before they reach the routes: connection limits, authentication and sessions.

use std::convert::Infallible;
use std::error::Error;
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
use super::activity::{Activity, KeepingBody, keep_while_streaming};
use super::answer::{Answer, refusal, status};
use super::drain::{Drain, LAST_BYTES};
use super::ending_body::EndingBody;
use super::failed_authentications::FailureLog;
use super::health::Health;
use super::observer::METRICS;
#[cfg(feature = "serve")]
use super::pages::ServedPages;
use super::proof::{Connections, Proof};
use super::protection::Protection;
use super::request_body::RequestBody;
use super::routes::Routes;
use super::sessions::SESSION_ID;
use super::usual::METHOD;
use crate::common::client_address::ClientAddress;
use crate::common::identity::Identity;
use crate::common::permission_signal::permission_signal;
use crate::mcp::limits::{HttpLimit, HttpLimits};
use crate::mcp::proxies::TrustedProxies;

/// Checks each request before it reaches the service.
pub(super) struct RequestFilter {
    routes: Routes,
    access: Access,
    connections: Arc<Connections>,
    protection: Protection,
    limits: HttpLimits,
    health: Arc<Health>,
    drain: Drain,
    failures: Arc<FailureLog>,
    #[cfg(feature = "serve")]
    pages: Option<ServedPages>,
}

/// The facts about a connection that are needed to check its requests.
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
        let connections = Connections::new(limits);
        let failures = Arc::new(FailureLog::new(None));
        Self {
            routes,
            access,
            connections,
            protection,
            limits,
            health,
            drain,
            failures,
            #[cfg(feature = "serve")]
            pages: None,
        }
    }

    /// Serves pages for browsers too.
    #[cfg(feature = "serve")]
    pub(super) fn with_pages(self, pages: Option<ServedPages>) -> Self {
        Self { pages, ..self }
    }

    /// Sets the log of clients that fail to authenticate.
    pub(super) fn with_failures(self, failures: Arc<FailureLog>) -> Self {
        Self { failures, ..self }
    }

    /// Answers the requests of a TCP connection, if its peer may connect.
    pub(super) async fn admit(self: Arc<Self>, stream: TcpStream, peer: IpAddr) {
        if self.protection.proxies.as_ref().is_some_and(|proxies| !proxies.contains(peer)) {
            tracing::debug!(%peer, "a connection that did not come from a trusted proxy was closed");
            return;
        }
        #[cfg(feature = "serve")]
        if let Some(certificate) = &self.protection.certificate {
            // During the TLS handshake, a connection counts as a connection without an accepted request.
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
        // If headers exceed hyper's limit, hyper answers without a text. So hyper gets twice the limit, and this
        // filter checks the limit itself.
        let most_headers = self.limits.get(HttpLimit::Headers).saturating_mul(2);
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // hyper measures the header timeout from the end of the previous request.
        let mut http1 = builder.http1();
        http1.timer(TokioTimer::new()).header_read_timeout(idle_limit);
        http1.max_buf_size(most_headers as usize);
        let mut http2 = builder.http2();
        http2.timer(TokioTimer::new()).max_header_list_size(most_headers);
        http2.max_concurrent_streams(self.limits.get(HttpLimit::Requests));
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer));
        let mut too_late = pin!(proof.too_late(evicted));
        let mut idle = pin!(activity.idle(idle_limit));
        let mut draining = pin!(self.drain.begun());
        let (mut is_ending, mut is_idle) = (false, false);
        // hyper would wait forever for a client that does not read its last answer. A request that arrived at the
        // last moment is still answered. When the server stops, it closes all connections.
        let unread = async {
            sleep(LAST_BYTES).await;
            activity.idle(LAST_BYTES).await;
        };
        let mut unread = pin!(unread);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        let error: &(dyn Error + 'static) = &*error;
                        let is_too_long = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large);
                        let remedy = if is_too_long { " (twice the limit set by --max-headers)" } else { "" };
                        tracing::debug!(error, "a connection failed{remedy}");
                    }
                    return;
                }
                () = &mut too_late => return,
                () = &mut idle, if !is_ending => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                    is_idle = true;
                }
                () = &mut unread, if is_idle => {
                    tracing::debug!("a connection was closed because its client did not read");
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
        let request = RequestBody::of(request, &self.limits);
        let limit = self.limits.get(HttpLimit::Requests);
        let Some(active) = peer.activity.enter(limit) else {
            let text =
                format!("Too many requests on one connection (limit {limit}, set by --max-requests).\n");
            return Ok(refusal(StatusCode::TOO_MANY_REQUESTS, text));
        };
        let limit = self.limits.size(HttpLimit::Headers);
        if length_of_headers(&request) > limit {
            let text = format!("The headers are longer than {limit} bytes (set by --max-headers).\n");
            return Ok(refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text));
        }
        // A request that only listens does not count as a call in flight, because it would never end.
        let listens = request.method() == http::Method::GET
            || request.headers().get(METHOD).is_some_and(|it| it == "subscriptions/listen");
        let answer = self.checked(request, &peer, listens).await;
        // A streamed answer counts as a request in flight until the stream ends.
        Ok(keep_while_streaming(answer, active))
    }

    /// Authenticates and answers a request. A client without a token gets no details, and its body is not read.
    async fn checked(&self, mut request: Request<RequestBody>, peer: &Peer, listens: bool) -> Answer {
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
        #[cfg(feature = "serve")]
        if let Some(pages) = self.pages.as_ref().filter(|it| it.pages.has(request.uri().path())) {
            let request = match pages.read(request, client).await {
                Ok(request) => request,
                Err(answer) => return answer,
            };
            // A page of a flow that was begun here, such as a login, may wait for an authorization server.
            if pages.pages.expects(&request) {
                peer.proof.show();
            }
            return pages.answer(request).await;
        }
        if let Some(rejection) = self.access.answer(&mut request, client).await {
            if let Some(reason) = rejection.failure {
                self.failures.count(client, reason).await;
            }
            return rejection.answer;
        }
        if let Some(client) = client {
            request.extensions_mut().insert(ClientAddress(client));
        }
        let token_ended = self.access.token_ended(request.extensions());
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
        let answer = match request.extensions().get::<Identity>() {
            Some(_) => self.answer_caller(request).await,
            None => self.routes.answer(request).await,
        };
        if answer.body().size_hint().exact().is_some() {
            return answer;
        }
        let answer = answer.map(|body| KeepingBody::new(body, call).boxed_unsync());
        match token_ended {
            // The stream ends when the token of its request ends.
            Some(ended) => answer.map(|body| EndingBody::new(body, ended).boxed_unsync()),
            None => answer,
        }
    }

    /// Answers a request of an authenticated caller. Answers with 403 if the token lacks scopes for a call.
    async fn answer_caller(&self, mut request: Request<RequestBody>) -> Answer {
        let (signal, mut permission) = permission_signal();
        request.extensions_mut().insert(signal);
        let is_in_session = request.method() == Method::POST && request.headers().contains_key(SESSION_ID);
        let answer = self.routes.answer(request).await;
        // In a session, the answer begins before the permission is decided, so its status can no longer be changed
        // to 403.
        if is_in_session {
            permission.decided().await;
        }
        match permission.lacking_scopes() {
            Some(scopes) => self.access.insufficient_scope(&scopes, answer),
            None => answer,
        }
    }
}

/// Returns the number of bytes that the target and the headers of a request take in HTTP/1.1.
fn length_of_headers<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let headers = request.headers().iter();
    headers.fold(target, |length, (name, value)| length + name.as_str().len() + value.len() + 4)
}

fn path_of<B>(request: &Request<B>) -> &str {
    request.uri().path()
}
