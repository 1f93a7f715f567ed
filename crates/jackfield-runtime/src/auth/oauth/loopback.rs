//! The redirect endpoint: one path of a port of 127.0.0.1, for one request that has the right state.
//!
//! Any web page can make the browser send a request here. Every other request gets an error and changes nothing.

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
use jackfield_recipe::percent_decode;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::random::same;
use crate::common::secret::Secret;

const PATH: &str = "/callback";

/// The head of a request may have that many bytes.
const MOST_BYTES: usize = 16 * 1024;

/// How long a browser may take to ask; one that stalls keeps nobody else waiting.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long the last page may take to arrive.
const FAREWELL: Duration = Duration::from_secs(1);

/// Connections at a time.
const MOST_GUESTS: usize = 32;

/// The port that redirects come to.
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What the browser brought, by name.
pub(super) struct Brought(Vec<(String, String)>);

impl Brought {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The address of that port that servers are told.
pub(super) fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

impl Loopback {
    /// Takes that port, or a free one for 0.
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

    /// Waits for the one request that knows the state. The state is used up with it.
    pub(super) async fn wait(self, state: Secret, patience: Duration) -> Option<Brought> {
        let deadline = Instant::now() + patience;
        let (sender, mut receiver) = mpsc::channel(1);
        let door = Arc::new(Door { host: format!("127.0.0.1:{}", self.port), state, sender });
        let mut guests = JoinSet::new();
        let brought = loop {
            tokio::select! {
                brought = receiver.recv() => break brought,
                arrived = timeout_at(deadline, self.listener.accept()) => match arrived {
                    Err(_) => break None,
                    Ok(Ok((stream, _))) if guests.len() < MOST_GUESTS => {
                        guests.spawn(attend(stream, Arc::clone(&door)));
                    }
                    Ok(_) => {}
                },
                Some(_) = guests.join_next() => {}
            }
        };
        drop(self.listener);
        let gone = async { while guests.join_next().await.is_some() {} };
        // Whoever stays longer does not see the page.
        let _ = timeout(FAREWELL, gone).await;
        brought
    }
}

/// What stands between the browser and the login.
struct Door {
    host: String,
    state: Secret,
    sender: mpsc::Sender<Brought>,
}

async fn attend(stream: TcpStream, door: Arc<Door>) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(door.answer(&request)) }
    });
    let mut http = http1::Builder::new();
    let connection =
        http.keep_alive(false).max_buf_size(MOST_BYTES).serve_connection(TokioIo::new(stream), answer);
    // What is no HTTP is nobody's loss.
    let _ = timeout(TIME_LIMIT, connection).await;
}

impl Door {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        match self.judge(request) {
            Ok(()) => page(StatusCode::OK, "You can close this window."),
            Err((status, why)) => page(status, why),
        }
    }

    fn judge(&self, request: &Request<Incoming>) -> Result<(), (StatusCode, &'static str)> {
        let host = request.headers().get(http::header::HOST).map(http::HeaderValue::as_bytes);
        if host != Some(self.host.as_bytes()) {
            return Err((StatusCode::MISDIRECTED_REQUEST, "Nobody of that name is here."));
        }
        if request.uri().path() != PATH {
            return Err((StatusCode::NOT_FOUND, "There is nothing here."));
        }
        if request.method() != Method::GET {
            return Err((StatusCode::METHOD_NOT_ALLOWED, "This can only be read."));
        }
        let wrong = (StatusCode::BAD_REQUEST, "This is not the answer that is waited for.");
        let brought = pairs(request.uri().query().unwrap_or_default()).ok_or(wrong)?;
        if !brought.get("state").is_some_and(|given| same(&self.state, given)) {
            return Err(wrong);
        }
        self.sender.try_send(brought).map_err(|_| (StatusCode::GONE, "This was answered already."))
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

/// The pairs of a query; none where a name stands there twice, or what stands there is no text.
fn pairs(query: &str) -> Option<Brought> {
    let decode = |text: &str| String::from_utf8(percent_decode(&text.replace('+', " "))?).ok();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        if pairs.iter().any(|(known, _)| *known == name) {
            return None;
        }
        pairs.push((name, decode(value)?));
    }
    Some(Brought(pairs))
}
