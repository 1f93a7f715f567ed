//! The one async path: a request goes out, a reply comes in, both bounded.

mod unix;

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::outgoing::Outgoing;
use crate::reply::Reply;

/// What a reply may hold and how long it may take.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Sends requests, byte for byte as they were made.
pub(crate) struct HttpClient {
    plain: Client<HttpConnector, Full<Bytes>>,
    /// Made when first needed: reading the machine's certificates takes a while, and may fail.
    tls: OnceLock<Result<TlsClient, SendError>>,
}

type TlsClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

impl HttpClient {
    pub(crate) fn new() -> Self {
        Self {
            plain: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
            tls: OnceLock::new(),
        }
    }

    fn tls(&self) -> Result<&TlsClient, SendError> {
        self.tls.get_or_init(connect_tls).as_ref().map_err(Clone::clone)
    }

    async fn request(
        &self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Incoming>, SendError> {
        let reply = if request.uri().scheme() == Some(&http::uri::Scheme::HTTP) {
            self.plain.request(request)
        } else {
            self.tls()?.request(request)
        };
        reply.await.map_err(|error| SendError::of(&error))
    }

    /// Sends the request. A redirect is a reply like any other: following it could carry a credential elsewhere.
    pub(crate) async fn send(&self, outgoing: &Outgoing) -> Result<Reply, SendError> {
        let exchange = async {
            let request = assemble(outgoing)?;
            let reply = match outgoing.socket() {
                Some(socket) => unix::request(socket, request).await?,
                None => self.request(request).await?,
            };
            let (head, body) = reply.into_parts();
            let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
                if error.is::<http_body_util::LengthLimitError>() {
                    SendError::unanswered(format!(
                        "the reply is larger than {} MiB",
                        BODY_LIMIT / (1024 * 1024)
                    ))
                } else {
                    SendError::unanswered(format!("the reply broke off: {error}"))
                }
            })?;
            Ok(Reply::new(head.status, head.headers, body.to_bytes()))
        };
        match tokio::time::timeout(TIME_LIMIT, exchange).await {
            Ok(done) => done,
            Err(_) => Err(SendError::unanswered(format!(
                "the service did not answer within {} seconds",
                TIME_LIMIT.as_secs()
            ))),
        }
    }
}

/// The crypto is chosen here, so that no process-wide default is needed or touched.
fn connect_tls() -> Result<TlsClient, SendError> {
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .map_err(|error| {
            SendError::unsent(format!("the certificates of this machine cannot be read: {error}"))
        })?
        .https_only()
        .enable_http1()
        .enable_http2()
        .build();
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

fn assemble(outgoing: &Outgoing) -> Result<http::Request<Full<Bytes>>, SendError> {
    let mut builder = http::Request::builder().method(outgoing.method()).uri(outgoing.url());
    for (name, value) in outgoing.headers() {
        builder = builder.header(name, value.into_bytes());
    }
    if outgoing.body().is_none() && matches!(outgoing.method(), "POST" | "PUT" | "PATCH") {
        // Without it some servers answer "411 Length Required".
        builder = builder.header("content-length", "0");
    }
    // The cause may quote a header, and so a secret.
    builder.body(Full::new(outgoing.body().unwrap_or_default())).map_err(|_| {
        SendError::unsent("the request cannot be written as HTTP: a name or value in it is not allowed there")
    })
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    problem: String,
    /// Whether the service may have seen the request.
    sent: bool,
}

impl SendError {
    /// Nothing left this machine, or nobody was there to take it.
    fn unsent(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), sent: false }
    }

    /// The service may have acted on the request.
    fn unanswered(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), sent: true }
    }

    /// Whether the service may have acted on the request.
    pub const fn may_have_acted(&self) -> bool {
        self.sent
    }

    /// The innermost cause says what happened; the outer ones repeat "client error".
    fn of(error: &hyper_util::client::legacy::Error) -> Self {
        let mut cause: &(dyn std::error::Error + 'static) = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Self { problem: cause.to_string(), sent: !error.is_connect() }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for SendError {}
