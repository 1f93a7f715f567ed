//! A relay between a client and a server over HTTP, which changes the messages that it forwards.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, ORIGIN};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::failure::Failure;

/// The changes that a relay makes.
pub(super) trait Rules: Send + Sync + 'static {
    /// Changes a request of the client. If it returns an answer, the client gets this answer, and the request is not sent to the server.
    fn request(&self, headers: &mut HeaderMap, message: &mut Value) -> Option<(StatusCode, Value)>;

    /// Changes a message of the server.
    fn message(&self, message: &mut Value);
}

/// A running relay. Dropping it ends its connections.
pub(super) struct Relay {
    url: String,
    _runtime: tokio::runtime::Runtime,
}

type Body = BoxBody<Bytes, hyper::Error>;

/// The state that all requests share.
struct Way {
    client: Client<HttpConnector, Full<Bytes>>,
    own: SocketAddr,
    /// The host and port of the server.
    server: String,
    rules: Box<dyn Rules>,
}

impl Relay {
    /// Starts a relay to the server at `url`, which ends with `/mcp`.
    pub(super) fn start(url: &str, rules: Box<dyn Rules>) -> Result<Self, Failure> {
        let server = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp"));
        let server = server.ok_or_else(|| {
            Failure::new(format!("`{url}` is not the URL of a server: expected http://HOST:PORT/mcp"))
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(Failure::while_("starting tokio"))?;
        let listening = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = runtime.block_on(listening).map_err(Failure::while_("listening"))?;
        let own = listener.local_addr().map_err(Failure::while_("listening"))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let way = Arc::new(Way { client, own, server: server.to_owned(), rules });
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let way = Arc::clone(&way);
                let service = service_fn(move |request| {
                    let way = Arc::clone(&way);
                    async move { Ok::<_, Infallible>(way.answer(request).await) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                tokio::spawn(async move {
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { url: format!("http://{own}/mcp"), _runtime: runtime })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Way {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        match self.passed_on(request).await {
            Ok(response) => response,
            // The suite shows the body of a failed request.
            Err(why) => plain(StatusCode::BAD_GATEWAY, format!("the relay: {why}")),
        }
    }

    async fn passed_on(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, String> {
        let (mut parts, body) = request.into_parts();
        let mut body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        if let Ok(mut message) = serde_json::from_slice::<Value>(&body) {
            if let Some((status, answer)) = self.rules.request(&mut parts.headers, &mut message) {
                return Ok(plain(status, answer.to_string()));
            }
            body = message.to_string().into();
        }
        // A foreign host or origin is kept, so that the server can refuse it.
        for name in [HOST, ORIGIN] {
            let own = parts.headers.get(&name).and_then(|value| value.to_str().ok());
            let changed = own.map(|value| value.replace(&self.own.to_string(), &self.server));
            if let Some(value) = changed.and_then(|value| HeaderValue::from_str(&value).ok()) {
                parts.headers.insert(name, value);
            }
        }
        parts.headers.remove(CONTENT_LENGTH);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri =
            format!("http://{}{path}", self.server).parse().map_err(|_| "an invalid path".to_owned())?;
        let sent = self.client.request(Request::from_parts(parts, Full::new(body))).await;
        self.changed(sent.map_err(|error| error.to_string())?).await
    }

    /// Returns the answer of the server, with changed messages.
    async fn changed(self: Arc<Self>, response: Response<Incoming>) -> Result<Response<Body>, String> {
        let (mut parts, body) = response.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("text/event-stream") {
            let mut lines = BytesMut::new();
            let body = body.map_frame(move |frame| match frame.into_data() {
                Ok(piece) => Frame::data(self.changed_lines(&mut lines, &piece)),
                Err(frame) => frame,
            });
            return Ok(Response::from_parts(parts, body.boxed()));
        }
        let whole = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        let whole = match serde_json::from_slice::<Value>(&whole) {
            Ok(mut message) => {
                self.rules.message(&mut message);
                message.to_string().into()
            }
            Err(_) => whole,
        };
        parts.headers.remove(CONTENT_LENGTH);
        Ok(Response::from_parts(parts, whole_body(whole)))
    }

    /// Returns the lines of an event stream that `piece` completes, with changed messages. `begun` keeps the
    /// beginning of an incomplete line.
    fn changed_lines(&self, begun: &mut BytesMut, piece: &[u8]) -> Bytes {
        begun.extend_from_slice(piece);
        let Some(end) = begun.iter().rposition(|byte| *byte == b'\n') else { return Bytes::new() };
        let lines = begun.split_to(end + 1);
        let mut changed = Vec::with_capacity(lines.len());
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let message = line.strip_prefix(b"data:".as_slice()).map(serde_json::from_slice::<Value>);
            match message {
                Some(Ok(mut message)) => {
                    self.rules.message(&mut message);
                    changed.extend_from_slice(format!("data: {message}\n").as_bytes());
                }
                _ => changed.extend_from_slice(line),
            }
        }
        changed.into()
    }
}

fn whole_body(text: Bytes) -> Body {
    Full::new(text).map_err(|never| match never {}).boxed()
}

fn plain(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(whole_body(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
