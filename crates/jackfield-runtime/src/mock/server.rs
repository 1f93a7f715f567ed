//! Serves a mock over HTTP/1.1 on the loopback interface.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jackfield_mock::{Answer, Mock, Request};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The maximum size of a request body.
const MOST_BODY: usize = 64 << 20;
/// The maximum number of connections. Further connections wait.
const MOST_CONNECTIONS: usize = 64;
/// The time limit for the head of a request.
const HEAD: Duration = Duration::from_secs(30);

/// A request that the mock answered.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) answer: Answer,
}

/// A function that is called for each answer.
type Observer = dyn Fn(Served) + Send + Sync;

/// A mock server, which stops when this value is dropped.
pub(crate) struct MockServer {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl MockServer {
    /// Starts a server at a port of this machine, or at a free port if `port` is 0.
    pub(crate) async fn start(
        mock: Mock,
        port: u16,
        observer: impl Fn(Served) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Arc::new(mock), Arc::new(observer)));
        Ok(Self { address, accepting })
    }

    /// Returns the base URL, without a slash at its end.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the server stops. It does not stop by itself.
    pub(crate) async fn finished(mut self) {
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, mock: Arc<Mock>, observer: Arc<Observer>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(converse(stream, Arc::clone(&mock), Arc::clone(&observer)));
                    }
                    // The cause may be too many open files. The pause prevents a busy loop.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        }
    }
}

async fn converse(stream: TcpStream, mock: Arc<Mock>, observer: Arc<Observer>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let (mock, observer) = (Arc::clone(&mock), Arc::clone(&observer));
        async move { Ok::<_, Infallible>(answer(request, &mock, &*observer).await) }
    });
    // Errors of connections are ignored, because the client sees them too.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: http::Request<Incoming>,
    mock: &Mock,
    observer: &Observer,
) -> http::Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST_BODY).collect().await else {
        return response(413, &[], Bytes::from_static(b"the body is too large"));
    };
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: body.to_bytes().to_vec(),
    };
    let answer = mock.answer(&request);
    let sent = response(answer.status, &answer.headers, Bytes::from(answer.body.clone()));
    observer(Served { method: request.method, target: request.target, answer });
    sent
}

fn response(status: u16, headers: &[(String, String)], body: Bytes) -> http::Response<Full<Bytes>> {
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let builder = headers
        .fold(http::Response::builder().status(status), |builder, (name, value)| builder.header(name, value));
    // The media type in the document may contain characters that are invalid in a header.
    builder.body(Full::new(body.clone())).unwrap_or_else(|_| http::Response::new(Full::new(body)))
}
