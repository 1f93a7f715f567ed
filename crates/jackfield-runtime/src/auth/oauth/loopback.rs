//! The redirect endpoint of a login: one path at a port of 127.0.0.1. It accepts one request with the right
//! `state`.
//!
//! Any web page can make the browser send requests to this port. A request with a wrong `state` gets an error
//! and changes nothing.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::random::constant_time_eq;
use crate::common::form_fields::FormFields;
use crate::common::secret::Secret;

const PATH: &str = "/callback";

/// The maximum size of a request head, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// The time limit of a request, so that a stalled connection does not occupy one of the slots for long.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit for sending the page that ends the login.
const LAST_PAGE_TIMEOUT: Duration = Duration::from_secs(1);

/// The maximum number of concurrent connections.
const MAX_CONNECTIONS: usize = 32;

/// The listener for the redirect.
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// Returns the redirect URI for authorization servers.
pub(super) fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

impl Loopback {
    /// Binds `port` of 127.0.0.1, or a free port if `port` is 0.
    pub(super) async fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn address(&self) -> String {
        address(self.port)
    }

    /// Waits for the request with the right `state`. Returns `None` after `time_limit`.
    pub(super) async fn wait(self, state: Secret, time_limit: Duration) -> Option<FormFields> {
        let deadline = Instant::now() + time_limit;
        let (sender, mut receiver) = mpsc::channel(1);
        let handler = Arc::new(RedirectHandler { host: format!("127.0.0.1:{}", self.port), state, sender });
        let mut connections = JoinSet::new();
        let parameters = loop {
            tokio::select! {
                parameters = receiver.recv() => break parameters,
                arrived = timeout_at(deadline, self.listener.accept()) => match arrived {
                    Err(_) => break None,
                    Ok(Ok((stream, _))) if connections.len() < MAX_CONNECTIONS => {
                        connections.spawn(serve_connection(stream, Arc::clone(&handler)));
                    }
                    Ok(_) => {}
                },
                Some(_) = connections.join_next() => {}
            }
        };
        drop(self.listener);
        let gone = async { while connections.join_next().await.is_some() {} };
        // The login is complete even if a slow browser does not receive the page.
        let _ = timeout(LAST_PAGE_TIMEOUT, gone).await;
        parameters
    }
}

/// The state that the connections of the listener share.
struct RedirectHandler {
    host: String,
    state: Secret,
    sender: mpsc::Sender<FormFields>,
}

async fn serve_connection(stream: TcpStream, handler: Arc<RedirectHandler>) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, Infallible>(handler.answer(&request)) }
    });
    let mut http = http1::Builder::new();
    let connection =
        http.keep_alive(false).max_buf_size(MAX_BYTES).serve_connection(TokioIo::new(stream), answer);
    // Malformed connections are ignored.
    let _ = timeout(REQUEST_TIMEOUT, connection).await;
}

impl RedirectHandler {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        match self.accept(request) {
            Ok(()) => page(StatusCode::OK, "You can close this window."),
            Err((status, why)) => page(status, why),
        }
    }

    fn accept(&self, request: &Request<Incoming>) -> Result<(), (StatusCode, &'static str)> {
        let host = request.headers().get(http::header::HOST).map(http::HeaderValue::as_bytes);
        if host != Some(self.host.as_bytes()) {
            return Err((StatusCode::MISDIRECTED_REQUEST, "This host name is not served here."));
        }
        if request.uri().path() != PATH {
            return Err((StatusCode::NOT_FOUND, "There is nothing here."));
        }
        if request.method() != Method::GET {
            return Err((StatusCode::METHOD_NOT_ALLOWED, "Only GET is allowed here."));
        }
        let wrong = (StatusCode::BAD_REQUEST, "This is not the expected login response.");
        let parameters = FormFields::parse(request.uri().query().unwrap_or_default()).ok_or(wrong)?;
        if !parameters.get("state").is_some_and(|given| constant_time_eq(&self.state, given)) {
            return Err(wrong);
        }
        self.sender.try_send(parameters).map_err(|_| (StatusCode::GONE, "This login is already complete."))
    }
}

fn page(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("connection", "close"),
    ];
    let mut page = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *page.status_mut() = status;
    for (name, value) in headers {
        page.headers_mut().insert(name, http::HeaderValue::from_static(value));
    }
    page
}
