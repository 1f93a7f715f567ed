//! A client that opens a session, as in revision 2025-11-25.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::failure::Failure;

const REVISION: &str = "2025-11-25";

/// The URL of a server, and what clients send to it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The URL, including the path.
    pub(super) url: String,
    pub(super) bearer: Option<String>,
    /// The name under which clients see the tool `echo`.
    pub(super) tool: String,
}

/// A session over one connection.
pub(super) struct Session {
    place: Place,
    host: String,
    path: String,
    connection: SendRequest<Full<Bytes>>,
    session: Option<String>,
    next: u64,
}

impl Session {
    /// Connects to the server, and sends `initialize`.
    pub(super) async fn open(place: &Place) -> Result<Self, Failure> {
        let rest = place.url.strip_prefix("http://").unwrap_or(&place.url);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let connection = connect(host).await?;
        let (host, path) = (host.to_owned(), format!("/{path}"));
        let mut session = Self { place: place.clone(), host, path, connection, session: None, next: 0 };
        let hello = json!({
            "protocolVersion": REVISION,
            "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1" },
        });
        session.request("initialize", &hello).await?;
        session.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
        Ok(session)
    }

    async fn send(&mut self, message: &Value) -> Result<Bytes, Failure> {
        // A slow server may end a connection while the other sessions of a round are opened.
        if self.connection.is_closed() {
            self.connection = connect(&self.host).await?;
        }
        let mut request = hyper::Request::post(&self.path)
            .header("host", &self.host)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION);
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if let Some(token) = &self.place.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request =
            request.body(Full::from(message.to_string())).map_err(Failure::while_("making a request"))?;
        self.connection.ready().await.map_err(Failure::while_("calling"))?;
        let answer = self.connection.send_request(request).await.map_err(Failure::while_("calling"))?;
        if let Some(session) = answer.headers().get("mcp-session-id").and_then(|it| it.to_str().ok()) {
            self.session = Some(session.to_owned());
        }
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(Failure::while_("calling"))?.to_bytes();
        match status.is_success() {
            true => Ok(body),
            false => Err(Failure::new(format!(
                "{} answered with {status}: {}",
                self.place.url,
                String::from_utf8_lossy(&body)
            ))),
        }
    }

    /// Sends a request, and returns the body of the answer: JSON, or an event stream that contains the JSON.
    async fn request(&mut self, method: &str, params: &Value) -> Result<Bytes, Failure> {
        self.next += 1;
        let message = json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params });
        self.send(&message).await
    }

    /// Calls the tool. The answer has to contain the text of the call.
    pub(super) async fn call(&mut self) -> Result<(), Failure> {
        let text = format!("message {} of this session", self.next);
        let params = json!({ "name": self.place.tool, "arguments": { "message": text } });
        let answer = self.request("tools/call", &params).await?;
        let has = |text: &str| answer.windows(text.len()).any(|part| part == text.as_bytes());
        match has(&text) && !has("\"isError\":true") {
            true => Ok(()),
            false => Err(Failure::new(format!(
                "{} did not send the message back: {}",
                self.place.url,
                String::from_utf8_lossy(&answer)
            ))),
        }
    }

    /// Returns the names of all tools, from all pages, and the time that the server needed for its answers. The time in which this client
    /// parses the answers does not count.
    pub(super) async fn tools(&mut self) -> Result<(Vec<String>, Duration), Failure> {
        let (mut names, mut cursor, mut took) = (Vec::new(), Value::Null, Duration::ZERO);
        loop {
            let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
            let asked = Instant::now();
            let answer = self.request("tools/list", &params).await?;
            took += asked.elapsed();
            let start = answer.windows(2).position(|part| part == b"{\"").unwrap_or_default();
            let mut values = serde_json::Deserializer::from_slice(&answer[start..]).into_iter::<Value>();
            let answer = values.next().and_then(Result::ok).unwrap_or_default();
            let Some(page) = answer["result"]["tools"].as_array() else {
                return Err(Failure::new(format!("{} lists no tools: {answer}", self.place.url)));
            };
            names.extend(page.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)));
            cursor = answer["result"]["nextCursor"].clone();
            if cursor.is_null() {
                return Ok((names, took));
            }
        }
    }
}

async fn connect(host: &str) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let stream = TcpStream::connect(host).await.map_err(Failure::while_("connecting"))?;
    stream.set_nodelay(true).map_err(Failure::while_("connecting"))?;
    let connected = handshake(TokioIo::new(stream)).await;
    let (connection, driver) = connected.map_err(Failure::while_("connecting"))?;
    tokio::spawn(driver);
    Ok(connection)
}

/// The measurements of a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) calls_per_second: f64,
    pub(super) p50_us: f64,
}

/// Calls the tool in `at_once` concurrent sessions for the duration `lasting`. Before the measurement, each session makes one call.
pub(super) async fn round(place: &Place, at_once: usize, lasting: Duration) -> Result<Round, Failure> {
    let mut opening = JoinSet::new();
    for _ in 0..at_once {
        let place = place.clone();
        opening.spawn(async move {
            let mut session = Session::open(&place).await?;
            session.call().await?;
            Ok::<_, Failure>(session)
        });
    }
    let mut sessions = Vec::new();
    while let Some(opened) = opening.join_next().await {
        sessions.push(opened.map_err(Failure::while_("waiting for sessions"))??);
    }
    let mut workers = JoinSet::new();
    let began = Instant::now();
    for mut session in sessions {
        workers.spawn(async move {
            let mut times = Vec::new();
            while began.elapsed() < lasting {
                let started = Instant::now();
                session.call().await?;
                times.push(started.elapsed());
            }
            Ok::<_, Failure>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = workers.join_next().await {
        times.extend(ended.map_err(Failure::while_("waiting for calls"))??);
    }
    let took = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let p50 = times.get(times.len() / 2).copied().unwrap_or_default();
    Ok(Round { calls_per_second: times.len() as f64 / took, p50_us: p50.as_secs_f64() * 1e6 })
}
