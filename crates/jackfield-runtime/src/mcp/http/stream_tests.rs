//! Tests of streams and of request bodies. Test clocks replace real time.

use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::time::Instant;

use super::access::Access;
use super::drain::Drain;
use super::failed_authentications::FailureLog;
use super::filter::RequestFilter;
use super::health::Health;
use super::protection::Protection;
use super::routes::Routes;
use super::token::HttpToken;
use crate::call::rows::Connector;
use crate::common::clock::Clock;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::current_service::CurrentService;
use crate::engine::custom::CustomTool;
use crate::engine::pending::Pending;
use crate::engine::policy::audit::{Audit, AuditError, AuditRecord, FailedAuthentications};
use crate::engine::service::Service;
use crate::inbound::named_token::{Finding, FoundToken, NamedTokens, TokenName};
use crate::inbound::resource_server::{Inbound, ResourceServer};
use crate::inbound::token_digest::{TokenDigest, token_digest};
use crate::mcp::limits::HttpLimits;
use crate::reply::tool_result::ToolResult;

static SHOP: Connector<'static> = Connector::new("shop");

pub(super) const TOKEN: &str = "jft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The token of the process.
pub(super) const OWN_TOKEN: &str = "a-token-of-the-process-itself";

/// The time at which the clock starts.
const NOW: u64 = 1_800_000_000;

/// A store with one token, which a test can revoke.
struct OneToken(Mutex<Option<FoundToken>>);

impl NamedTokens for OneToken {
    fn find(&self, digest: TokenDigest) -> Finding<'_> {
        let found = self.0.lock().unwrap().clone().filter(|_| digest == token_digest(TOKEN));
        Box::pin(async { Ok(found) })
    }
}

#[derive(Default)]
struct Failures(Mutex<Vec<FailedAuthentications>>);

impl Audit for Failures {
    fn record(&self, _: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        Box::pin(async { Ok(()) })
    }

    fn record_failed(&self, failed: FailedAuthentications) -> Pending<'_, Result<(), AuditError>> {
        self.0.lock().unwrap().push(failed);
        Box::pin(async { Ok(()) })
    }
}

/// A tool that never answers.
pub(super) fn never() -> CustomTool {
    CustomTool::new("never", |_| async {
        std::future::pending::<()>().await;
        Ok(ToolResult::text("done"))
    })
}

/// A server whose caller has a token that expires after a time.
pub(super) struct World {
    filter: Arc<RequestFilter>,
    token: Arc<OneToken>,
    failures: Arc<Failures>,
}

impl World {
    fn new(lifetime: u64) -> Self {
        let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
        Self::of(Service::new(api, vec![never()]).unwrap(), lifetime, HttpLimits::default())
    }

    pub(super) fn of(service: Service, lifetime: u64, limits: HttpLimits) -> Self {
        let begin = Instant::now();
        let clock = Clock::of(move || UNIX_EPOCH + Duration::from_secs(NOW) + begin.elapsed());
        let name = TokenName::parse("ci").unwrap();
        let found = FoundToken { name, scopes: Vec::new(), expires: NOW + lifetime };
        let token = Arc::new(OneToken(Mutex::new(Some(found))));
        let inbound = Inbound { named: Some(Arc::<OneToken>::clone(&token)), ..Inbound::default() };
        let callers = ResourceServer::new(inbound, "http://localhost/mcp", "Shop", clock);
        let drain = Drain::new();
        let service = CurrentService::from(service);
        let health = Health::new(service.clone(), drain.clone());
        let config = StreamableHttpServerConfig::default().with_allowed_hosts(["localhost"]);
        let routes = Routes::new(service, config, limits);
        let own = Environment::of([("SHOP_HTTP_TOKEN", OWN_TOKEN)]);
        let own = HttpToken::find(None, "shop", &own).unwrap();
        let access = Access::Callers(Arc::new(callers), Some(own));
        let filter = RequestFilter::new(routes, access, Protection::default(), limits, (health, drain));
        let failures = Arc::new(Failures::default());
        let log = FailureLog::new(Some(Arc::<Failures>::clone(&failures)));
        Self { filter: Arc::new(filter.with_failures(Arc::new(log))), token, failures }
    }

    fn connect(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(64 * 1024);
        tokio::spawn(Arc::clone(&self.filter).serve(server, Some([192, 0, 2, 1].into())));
        client
    }

    /// Sends a request, and reads the head of its response in lower case.
    pub(super) async fn ask(
        &self,
        line: &str,
        token: &str,
        headers: &str,
        body: &str,
    ) -> (DuplexStream, String) {
        let mut stream = self.connect();
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, \
             text/event-stream\r\nauthorization: Bearer {token}\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        (stream, String::from_utf8(head).unwrap().to_ascii_lowercase())
    }

    /// Opens a session, and returns the headers for requests in it.
    async fn session(&self) -> String {
        let open = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}"#;
        let (_stream, head) = self.ask("POST /mcp", TOKEN, "", open).await;
        let session = head.lines().find(|line| line.starts_with("mcp-session-id")).unwrap();
        let session = format!("{session}\r\nmcp-protocol-version: 2025-11-25\r\n");
        let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let (_stream, head) = self.ask("POST /mcp", TOKEN, &session, ready).await;
        assert!(head.starts_with("http/1.1 202 "), "{head}");
        session
    }

    /// Opens two streams of a session: a stream for announcements, and the stream of a call.
    async fn streams(&self) -> Vec<DuplexStream> {
        let session = self.session().await;
        let call =
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"never","arguments":{}}}"#;
        let mut streams = Vec::new();
        for (line, body) in [("GET /mcp", ""), ("POST /mcp", call)] {
            let (stream, head) = self.ask(line, TOKEN, &session, body).await;
            assert!(head.starts_with("http/1.1 200 ") && head.contains("text/event-stream"), "{head}");
            streams.push(stream);
        }
        streams
    }
}

/// Reads a chunked body to its last chunk.
async fn read_to_last_chunk(stream: &mut DuplexStream) {
    let last = async {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n0\r\n\r\n") {
            read.push(stream.read_u8().await.unwrap());
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(3600), last).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn stream_ends_when_its_token_expires() {
    let world = World::new(60);
    let begin = Instant::now();
    for mut stream in world.streams().await {
        read_to_last_chunk(&mut stream).await;
        let seconds = begin.elapsed().as_secs();
        assert!((60..=61).contains(&seconds), "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn stream_ends_when_its_token_is_revoked() {
    let world = World::new(86_400);
    let streams = world.streams().await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let begin = Instant::now();
    *world.token.0.lock().unwrap() = None;
    for mut stream in streams {
        read_to_last_chunk(&mut stream).await;
        assert!(begin.elapsed() <= Duration::from_secs(5), "{:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn failed_authentication_is_recorded_without_its_token() {
    let world = World::new(60);
    let wrong = TOKEN.replace("jft_A", "jft_B");
    let (_stream, head) = world.ask("POST /mcp", &wrong, "", "{}").await;
    assert!(head.starts_with("http/1.1 401 "), "{head}");
    let (_stream, head) = world.ask("POST /mcp", TOKEN, "", "{}").await;
    assert!(!head.starts_with("http/1.1 401 "), "{head}");
    let failures = world.failures.0.lock().unwrap();
    let [failed] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!((failed.address.as_deref(), failed.attempts), (Some("192.0.2.1"), 1));
    assert_eq!(failed.reason, "the token is unknown or revoked");
}

#[tokio::test(start_paused = true)]
async fn request_in_an_ended_session_gets_404() {
    let world = World::new(60);
    let session = world.session().await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    for (line, body, status) in
        [("POST /mcp", ping, "200"), ("DELETE /mcp", "", "202"), ("POST /mcp", ping, "404")]
    {
        let (mut stream, head) = world.ask(line, TOKEN, &session, body).await;
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{line}: {head}");
        if status == "404" {
            let mut text = [0; 34];
            stream.read_exact(&mut text).await.unwrap();
            assert_eq!(&text, b"There is no session with this id.\n");
        }
    }
}

/// Builds an HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// Reads an HTTP/2 frame. Returns its type, flags and payload.
async fn read_frame(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> (u8, u8, Vec<u8>) {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await.unwrap();
    (head[3], head[4], payload)
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

#[tokio::test(start_paused = true)]
async fn refused_http2_request_is_answered_without_a_stream_reset() {
    let world = World::new(60);
    let mut stream = world.connect();
    let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    sent.extend(frame(SETTINGS, 0, 0, &[]));
    // POST, http, and the literal fields `:path` and `:authority`, by the static table of HPACK.
    let fields = [&[0x83, 0x86, 0x04, 4], b"/mcp".as_slice(), &[0x01, 9], b"localhost"].concat();
    sent.extend(frame(HEADERS, END_HEADERS, 1, &fields));
    sent.extend(frame(DATA, 0, 1, &[b'x'; 1000]));
    stream.write_all(&sent).await.unwrap();
    loop {
        let (kind, flags, payload) = read_frame(&mut stream).await;
        if kind == HEADERS {
            // The status 401 in the Huffman code of HPACK.
            assert!(flags & END_STREAM != 0 && payload.starts_with(&[0x48, 0x82, 0x68, 0x01]), "{payload:?}");
            break;
        }
    }
    // The client is still uploading when the answer arrives.
    for _ in 0..3 {
        let more = [frame(DATA, 0, 1, &[b'x'; 1000]), frame(PING, 0, 0, &[7; 8])].concat();
        stream.write_all(&more).await.unwrap();
        loop {
            let (kind, _, payload) = read_frame(&mut stream).await;
            assert_ne!(kind, RESET, "{payload:?}");
            if kind == PING {
                break;
            }
        }
    }
    stream.write_all(&[frame(DATA, END_STREAM, 1, &[]), frame(PING, 0, 0, &[8; 8])].concat()).await.unwrap();
    loop {
        let (kind, _, payload) = read_frame(&mut stream).await;
        assert_ne!(kind, RESET, "{payload:?}");
        if kind == PING && payload == [8; 8] {
            break;
        }
    }
}
