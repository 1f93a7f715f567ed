//! The HTTP client, which sends every request and receives every reply within limits of time and size.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, PROXY_AUTHORIZATION};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use super::authenticate::Authenticate;
use super::connect::{self, CheckedConnector, RefusedAddress};
use super::destinations::{Destinations, RefusedDestination};
use super::error::SendError;
use super::proxy::Proxies;
use super::receive::receive;
use super::redirect::Hop;
use super::reply::Reply;
use super::request_body::RequestBody;
use super::saving::Saving;
use super::send_problem::SendProblem;
use super::time_limits::PhaseLimits;
use super::tls::{Tls, TlsError};
use super::unix;
use super::upload_clock::{UploadClock, UploadLimit};
use crate::call::base_url::BaseUrl;
use crate::call::origin::Origin;
use crate::call::outgoing::Outgoing;
use crate::call::outgoing_body::OutgoingBody;
use crate::call::rows::Connector;
use crate::common::budget::CallScope;
use crate::common::environment::{Environment, InvalidNumber};
use crate::common::progress::Progress;
use crate::common::secret::Secret;

/// Sends requests byte for byte as they were built.
pub(crate) struct HttpClient {
    tls: Tls,
    destinations: Arc<Destinations>,
    /// The connector that every connection uses.
    pub(super) connector: CheckedConnector,
    limits: PhaseLimits,
    /// The reason why a time limit is invalid, if any.
    fault: Option<InvalidNumber>,
}

impl HttpClient {
    /// Creates a client that trusts the certificate authorities of the connector, of its user and of the machine.
    pub(crate) fn of(connector: &Connector<'_>, environment: &Environment) -> Self {
        Self::resolving(connector, environment, connect::Lookup::System)
    }

    pub(super) fn resolving(
        connector: &Connector<'_>,
        environment: &Environment,
        lookup: connect::Lookup,
    ) -> Self {
        let destinations = Arc::new(Destinations::of(connector, environment));
        let checked = CheckedConnector::of(Arc::clone(&destinations), lookup, Proxies::of(environment));
        let (limits, fault) = PhaseLimits::of(connector, environment);
        Self {
            tls: Tls::of(connector, environment, checked.clone(), limits.connect),
            destinations,
            connector: checked,
            limits,
            fault,
        }
    }

    /// Prepares a client certificate for later connections.
    ///
    /// # Errors
    /// Returns an error if the certificate or key is invalid. The error contains neither the certificate nor the
    /// key.
    pub(crate) fn identify(&self, chain: &Secret, key: &Secret) -> Result<(), TlsError> {
        self.tls.identified(chain, key).map(drop)
    }

    pub(super) async fn request(
        &self,
        mut request: http::Request<RequestBody>,
        identity: Option<(&Secret, &Secret)>,
    ) -> Result<http::Response<Incoming>, SendError> {
        if let Some(value) = self.connector.proxies().authorization(request.uri()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, value);
        }
        let is_plain = request.uri().scheme() == Some(&http::uri::Scheme::HTTP);
        let target = request.uri().clone();
        let reply = match identity {
            None if is_plain => self.tls.unencrypted()?.request(request),
            None => self.tls.plain()?.request(request),
            Some((chain, key)) => self.tls.identified(chain, key)?.request(request),
        };
        reply.await.map_err(|error| match connect::refused(&error) {
            Some(address) => self.refused(&target, address),
            None => SendError::of(&error, &self.tls),
        })
    }

    /// Returns the rules for the addresses that may be called.
    pub(crate) fn destinations(&self) -> &Destinations {
        &self.destinations
    }

    /// Describes the proxy for a base URL, and names the variable that sets the proxy. If the proxy cannot be used, describes the reason
    /// instead. Returns `None` if no proxy is set.
    pub(crate) fn proxy_of(&self, base: &BaseUrl) -> Option<String> {
        let target = base.as_str().parse().ok().filter(|_| base.socket().is_none())?;
        Some(match self.connector.proxies().of_address(&target)? {
            Ok(proxy) => format!("{proxy}, set by {}", proxy.variable),
            Err(error) => error.to_string(),
        })
    }

    /// Resolves the host of a base URL to the addresses that may be connected to.
    ///
    /// # Errors
    /// Returns an error if the host has no address, or if none of its addresses may be connected to.
    pub(crate) async fn addresses(&self, base: &BaseUrl) -> Result<Vec<SocketAddr>, LookupError> {
        let target = base.as_str().parse::<http::Uri>();
        let target = target.map_err(|_| LookupError::NoAddress(base.to_string()))?;
        let found = self.connector.addresses(&target).await;
        found.map_err(|error| match connect::refused(&*error) {
            Some(address) => match self.refusal(&target, address) {
                Some(refusal) => LookupError::Refused(refusal),
                None => LookupError::RefusedAddress(address.clone()),
            },
            None => LookupError::Unknown {
                host: target.host().unwrap_or_default().to_owned(),
                cause: error.to_string(),
            },
        })
    }

    fn refused(&self, target: &http::Uri, address: &RefusedAddress) -> SendError {
        match self.refusal(target, address) {
            Some(refusal) => SendError::unsent(SendProblem::Refused(refusal)),
            None => SendError::unsent(SendProblem::RefusedAddress(address.clone())),
        }
    }

    fn refusal(&self, target: &http::Uri, address: &RefusedAddress) -> Option<RefusedDestination> {
        let origin = Origin::of(&target.to_string())?;
        Some(self.destinations.refusal(&origin, address.class, Some(address.address)))
    }

    /// Sends the request through `socket` if it is set, or else over the network.
    async fn through(
        &self,
        socket: Option<&Path>,
        request: http::Request<RequestBody>,
        identity: Option<(&Secret, &Secret)>,
    ) -> Result<http::Response<Incoming>, SendError> {
        match socket {
            Some(socket) => unix::request(socket, request).await,
            None => self.request(request, identity).await,
        }
    }

    pub(crate) const fn time_limit(&self) -> Duration {
        self.limits.total
    }

    pub(crate) const fn transfer_limit(&self) -> Duration {
        self.limits.transfer
    }

    /// Returns the reason why a time limit is invalid, or `None` if all time limits are valid.
    pub(crate) const fn fault(&self) -> Option<&InvalidNumber> {
        self.fault.as_ref()
    }

    /// Sends the request and follows redirects within its origin. Each request in the chain is authenticated
    /// separately. A redirect to another origin is returned as the reply.
    pub(crate) async fn send<A: Authenticate>(
        &self,
        outgoing: &Outgoing,
        authentication: &A,
        deadline: Instant,
        progress: &Progress,
        scope: &CallScope,
        mut saving: Option<&mut Saving>,
    ) -> Result<Reply, SendError> {
        if Instant::now() >= deadline {
            return Err(SendError::unsent(SendProblem::LateCredentials));
        }
        let mut hop = Hop::first(outgoing.method().clone(), outgoing.url());
        let mut attempt = A::Attempt::default();
        let is_transfer = saving.is_some() || outgoing.is_upload();
        let limits = if is_transfer { self.limits.of_transfer() } else { self.limits };
        loop {
            let Assembled { mut request, body, clock } = assemble(outgoing, &hop, progress)?;
            if let Some(saving) = &mut saving {
                saving.ask(&mut request);
            }
            let signing = authentication.sign(&mut request, &body, &mut attempt);
            // A signer may perform I/O and has no time limit of its own.
            let signed = match timeout_at(deadline, signing).await {
                Ok(signed) => signed.map_err(SendProblem::Signing),
                Err(_) => Err(SendProblem::LateSignature),
            };
            signed.map_err(|problem| SendError::unsent(problem).at(&hop))?;
            let sending = self.through(outgoing.socket(), request, authentication.identity());
            let answer = match clock {
                None => {
                    let (until, seconds) = limits.first_byte_until(deadline);
                    let answer = timeout_at(until, sending).await;
                    answer.unwrap_or_else(|_| Err(SendError::unanswered(SendProblem::NoAnswer { seconds })))
                }
                Some(clock) => uploaded(sending, &clock, deadline, &limits).await,
            };
            let (head, body) = answer.map_err(|error| error.at(&hop))?.into_parts();
            let mut caveat = None;
            if head.status == http::StatusCode::UNAUTHORIZED {
                match authentication.accept_challenge(&hop.url, &head.headers, &mut attempt) {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(why) => caveat = Some(why.to_string()),
                }
            }
            let location = head.headers.get(http::header::LOCATION).map(http::HeaderValue::as_bytes);
            match hop.next(head.status, location) {
                Ok(Some(next)) => {
                    hop = next;
                    attempt = A::Attempt::default();
                    continue;
                }
                Ok(None) => {}
                Err(why) => caveat = Some(why.to_string()),
            }
            let done = hop.done(head.status);
            // The query of a redirect may contain secrets, so it is not shown.
            let address = match hop.number {
                0 => outgoing.open_url(),
                _ => hop.url.split('?').next().unwrap_or_default().to_owned(),
            };
            let times = (deadline, &limits);
            let reply = match saving.filter(|saving| saving.stores(head.status, &head.headers)) {
                Some(saving) => saving.receive(head, body, times, progress, address).await,
                None => receive(head, body, times, progress, address, scope).await,
            };
            let reply = reply.map_err(|error| error.at(&hop))?;
            let mut reply = reply.with_caveat(caveat).with_done(done).with_redirects(hop.number);
            reply.was_referred = hop.was_referred;
            return Ok(reply);
        }
    }
}

/// The reason why no address was found for a base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LookupError {
    NoAddress(String),
    Refused(RefusedDestination),
    /// The address must not be called, and the URL has no origin that the user could allow.
    RefusedAddress(RefusedAddress),
    /// The resolver does not know the name. `cause` is the message of the resolver.
    Unknown {
        host: String,
        cause: String,
    },
    Late {
        host: String,
        seconds: u64,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress(text) => write!(f, "{text} is not a URL"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::RefusedAddress(address) => address.fmt(f),
            Self::Unknown { host, cause } => write!(f, "{host} has no address: {cause}"),
            Self::Late { host, seconds } => {
                write!(f, "{host} has no address: no answer within {seconds} seconds")
            }
        }
    }
}

impl std::error::Error for LookupError {}

/// Waits for the reply to a request whose body is read from disk while it is sent.
async fn uploaded<T>(
    sending: impl Future<Output = Result<T, SendError>>,
    clock: &UploadClock,
    deadline: Instant,
    limits: &PhaseLimits,
) -> Result<T, SendError> {
    let mut sending = std::pin::pin!(sending);
    loop {
        let UploadLimit { until, .. } = clock.limit(deadline, limits);
        if let Ok(answer) = timeout_at(until, &mut sending).await {
            return answer;
        }
        let UploadLimit { until: later, seconds, is_standstill } = clock.limit(deadline, limits);
        if later <= until {
            return Err(SendError::unanswered(match is_standstill {
                true => SendProblem::UploadStalled { seconds },
                false => SendProblem::NoAnswer { seconds },
            }));
        }
    }
}

/// The HTTP request of one hop in a chain of redirects.
struct Assembled {
    request: http::Request<RequestBody>,
    body: OutgoingBody,
    /// Set if the body is read from disk while it is sent.
    clock: Option<UploadClock>,
}

/// Builds the HTTP request of a hop. The request contains the credentials, because every hop has the origin of the
/// first request.
fn assemble(outgoing: &Outgoing, hop: &Hop, progress: &Progress) -> Result<Assembled, SendError> {
    // The cause is dropped, because it may quote a header that contains a secret.
    let unfit = || SendError::unsent(SendProblem::NotHttp);
    let mut request = http::Request::builder()
        .method(&*hop.method)
        .uri(hop.url.as_str())
        .body(RequestBody::default())
        .map_err(|_| unfit())?;
    let headers = request.headers_mut();
    for (name, value, is_secret) in outgoing.headers() {
        let is_about_the_body = name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"));
        if hop.with_body || !is_about_the_body {
            let mut value = http::HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unfit())?;
            value.set_sensitive(is_secret);
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
            headers.try_append(name, value).map_err(|_| unfit())?;
        }
    }
    let body = outgoing.body().filter(|_| hop.with_body);
    if body.is_none() && matches!(&*hop.method, "POST" | "PUT" | "PATCH") {
        // Without `content-length`, some servers answer "411 Length Required".
        let zero = http::HeaderValue::from_static("0");
        headers.try_append(CONTENT_LENGTH, zero).map_err(|_| unfit())?;
    }
    let body = body.unwrap_or_else(|| Bytes::new().into());
    let clock;
    (*request.body_mut(), clock) = RequestBody::of(body.clone(), progress);
    Ok(Assembled { request, body, clock })
}

#[cfg(test)]
mod tests {
    use super::super::authenticate::Anonymous;
    use super::*;
    use crate::common::budget::Budget;
    use crate::v1::Connector;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Calls a service that sends `says` and then keeps the connection open without sending more.
    async fn stalled(says: &'static str) -> Result<Reply, SendError> {
        stalled_for(says, Duration::from_millis(200)).await
    }

    async fn stalled_for(says: &'static str, time_limit: Duration) -> Result<Reply, SendError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            stream.write_all(says.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        });
        static SHOP: Connector = Connector::new("shop");
        let client = HttpClient::of(&SHOP, &Environment::of([("SHOP_BASE_URL", url.as_str())]));
        let limits = PhaseLimits { total: time_limit, ..client.limits };
        let client = HttpClient { limits, ..client };
        let (query, headers, cookies) = (Vec::new(), Vec::new(), Vec::new());
        let outgoing =
            Outgoing { method: "GET".into(), url, socket: None, query, headers, cookies, body: None };
        let scope = Budget::usual("shop").scope();
        client
            .send(
                &outgoing,
                &Anonymous,
                Instant::now() + client.time_limit(),
                &Progress::default(),
                &scope,
                None,
            )
            .await
    }

    #[tokio::test]
    async fn stalled_service_times_out() {
        let error = stalled("").await.unwrap_err();
        assert!(error.to_string().contains("no answer within") && error.may_have_acted(), "{error}");
        let error = stalled("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").await.unwrap_err();
        assert_eq!(error.to_string(), "the reply did not end in time");
        assert_eq!(
            error.describe("GET /x"),
            "The service answered 200 OK to GET /x, so the request took effect, but the reply cannot be read: the reply did not end in time. Do not repeat it: read the current state instead."
        );
        let reply = stalled("HTTP/1.1 500 Oh\r\ncontent-length: 9\r\n\r\nabc").await.unwrap();
        assert_eq!((reply.status(), reply.body()), (500, &b"abc"[..]));
    }

    #[tokio::test]
    async fn request_after_the_deadline_is_not_sent() {
        let error =
            stalled_for("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Duration::ZERO).await.unwrap_err();
        assert!(!error.may_have_acted(), "{error}");
        let client = HttpClient::of(&Connector::new("shop"), &Environment::of::<String, String>([]));
        assert!(
            client.time_limit() < Duration::from_secs(60),
            "a truncated reply reaches the client before it gives up"
        );
    }

    #[tokio::test]
    async fn stalled_stream_returns_its_first_events() {
        let reply =
            stalled("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\ndata: 2").await;
        let reply = reply.unwrap();
        assert_eq!(reply.text(), "data: 1\n\ndata: 2");
        assert_eq!(
            reply.caveat(),
            Some("This is only the beginning of a stream: after 1 event, the stream timed out.")
        );
    }
}
