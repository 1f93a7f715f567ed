//! The one async path: a request goes out, a reply comes in, both bounded.

mod unix;

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, timeout_at};

use crate::outgoing::Outgoing;
use crate::progress::Progress;
use crate::receive::receive;
use crate::redirect::Hop;
use crate::reply::Reply;

/// How long a call may take, redirects and body included.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Sends requests, byte for byte as they were made.
pub(crate) struct HttpClient {
    plain: Client<HttpConnector, Full<Bytes>>,
    /// Made when first needed: reading the machine's certificates takes a while, and may fail.
    tls: OnceLock<Result<TlsClient, SendError>>,
    time_limit: Duration,
}

type TlsClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

impl HttpClient {
    pub(crate) fn new() -> Self {
        Self {
            plain: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
            tls: OnceLock::new(),
            time_limit: TIME_LIMIT,
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

    /// The request through that socket, or over the network.
    async fn through(
        &self,
        socket: Option<&Path>,
        request: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Incoming>, SendError> {
        match socket {
            Some(socket) => unix::request(socket, request).await,
            None => self.request(request).await,
        }
    }

    /// Sends the request, and those that redirects within its origin make of it. Any other redirect is a reply.
    pub(crate) async fn send(&self, outgoing: &Outgoing, progress: &Progress) -> Result<Reply, SendError> {
        let deadline = Instant::now() + self.time_limit;
        let mut hop = Hop::first(outgoing.method(), outgoing.url());
        loop {
            let request = assemble(outgoing, &hop)?;
            let answer = timeout_at(deadline, self.through(outgoing.socket(), request)).await;
            let answer = answer.unwrap_or_else(|_| {
                let seconds = self.time_limit.as_secs();
                Err(SendError::unanswered(format!("the service did not answer within {seconds} seconds")))
            });
            let (head, body) = answer.map_err(|error| error.after(hop.number))?.into_parts();
            let location = head.headers.get("location").map(http::HeaderValue::as_bytes);
            let caveat = match hop.next(head.status, location) {
                Ok(Some(next)) => {
                    hop = next;
                    continue;
                }
                Ok(None) => None,
                Err(why) => Some(why),
            };
            let reply = receive(head, body, deadline, progress, &hop.url).await?;
            return Ok(reply.with_caveat(caveat));
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

/// The request of a hop. Its credentials go with it, since no hop leaves the origin of the first.
fn assemble(outgoing: &Outgoing, hop: &Hop) -> Result<http::Request<Full<Bytes>>, SendError> {
    let mut builder = http::Request::builder().method(hop.method).uri(hop.url.as_str());
    for (name, value) in outgoing.headers() {
        let is_about_the_body = name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"));
        if hop.with_body || !is_about_the_body {
            builder = builder.header(name, value.into_bytes());
        }
    }
    let body = outgoing.body().filter(|_| hop.with_body);
    if body.is_none() && matches!(hop.method, "POST" | "PUT" | "PATCH") {
        // Without it some servers answer "411 Length Required".
        builder = builder.header("content-length", "0");
    }
    // The cause may quote a header, and so a secret.
    builder.body(Full::new(body.unwrap_or_default())).map_err(|_| {
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
    pub(crate) fn unsent(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), sent: false }
    }

    /// The service may have acted on the request.
    pub(crate) fn unanswered(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), sent: true }
    }

    /// The same behind so many redirects: the service has seen what was asked of it.
    fn after(mut self, hops: usize) -> Self {
        if hops > 0 {
            self.sent = true;
            self.problem.push_str(", where a redirect led");
        }
        self
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// What comes of a call to a service that says so much, and then nothing more.
    async fn stalled(says: &'static str) -> Result<Reply, SendError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            stream.write_all(says.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        });
        let client = HttpClient { time_limit: Duration::from_millis(200), ..HttpClient::new() };
        let (query, headers, cookies) = (Vec::new(), Vec::new(), Vec::new());
        let outgoing = Outgoing { method: "GET", url, socket: None, query, headers, cookies, body: None };
        client.send(&outgoing, &Progress::default()).await
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let error = stalled("").await.unwrap_err();
        assert!(error.to_string().contains("did not answer within") && error.may_have_acted(), "{error}");
        let error = stalled("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").await.unwrap_err();
        assert_eq!(error.to_string(), "the reply, 200 OK, did not end in time");
        let reply = stalled("HTTP/1.1 500 Oh\r\ncontent-length: 9\r\n\r\nabc").await.unwrap();
        assert_eq!((reply.status(), reply.body()), (500, &b"abc"[..]));
    }

    #[tokio::test]
    async fn a_stream_hands_over_what_came_in_time() {
        let reply =
            stalled("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\ndata: 2").await;
        let reply = reply.unwrap();
        assert_eq!(reply.text(), "data: 1\n\ndata: 2");
        assert_eq!(
            reply.caveat(),
            Some("This is the beginning of a stream: after 1 event its time was over.")
        );
    }
}
