//! Tests of the server over real connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};

use super::HttpServer;
use super::access::Access;
use super::drain::Drain;
use super::filter::RequestFilter;
use super::health::Health;
use super::protection::Protection;
use super::routes::Routes;
use crate::call::rows::Connector;
use crate::common::environment::Environment;
#[cfg(feature = "serve")]
use crate::control::approvals::Approvals;
#[cfg(feature = "serve")]
use crate::control::store::sqlite::SqliteStore;
use crate::engine::api::Api;
#[cfg(feature = "serve")]
use crate::engine::approval::{ask_first::AskFirst, ask_mode::AskMode};
use crate::engine::current_service::CurrentService;
use crate::engine::custom::CustomTool;
#[cfg(feature = "serve")]
use crate::engine::policy::Policies;
use crate::engine::service::Service;
use crate::mcp::limits::{HttpLimit, HttpLimits};
#[cfg(feature = "serve")]
use crate::mcp::options::TlsFiles;
use crate::reply::tool_result::ToolResult;

static SHOP: Connector<'static> = Connector::new("shop");

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;

/// Sends a request with `headers`. Returns the head and the body of the response.
async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (String, String) {
    let mut request = format!("{line} HTTP/1.1\r\nconnection: close\r\ncontent-type: application/json\r\n");
    request += "accept: application/json, text/event-stream\r\n";
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that refuses the headers closes the connection before it has read the rest.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn limits(set: &[(HttpLimit, &str)]) -> HttpLimits {
    let mut limits = HttpLimits::default();
    set.iter().for_each(|(limit, text)| limits.set(*limit, text).unwrap());
    limits
}

fn idle_tool() -> CustomTool {
    let tool = CustomTool::new("idle", |_| async { Ok(ToolResult::text("done")) });
    tool.title("Idle")
        .description("Does \"nothing\".")
        .input(r#"{"type":"object","properties":{"a":{"type":"string"}}}"#)
}

/// Starts a server on loopback, and returns its address.
async fn serve(change: impl FnOnce(HttpServer) -> HttpServer) -> String {
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let server = change(server);
    let url = server.url();
    let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
    tokio::spawn(server.serve(Service::new(api, vec![idle_tool()]).unwrap()));
    url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap().to_owned()
}

#[tokio::test]
async fn refusal_of_a_request_beyond_a_limit_names_the_flag_of_the_limit() {
    let limits =
        limits(&[(HttpLimit::Body, "2000"), (HttpLimit::Headers, "8192"), (HttpLimit::ReadTimeout, "1")]);
    let address = &serve(|server| server.without_token().with_limits(limits)).await;
    let connect = async || TcpStream::connect(address).await.unwrap();
    let host = [("host", address.as_str())];
    let (head, body) = ask(connect().await, "POST /mcp", &host, &" ".repeat(2001)).await;
    assert!(head.starts_with("HTTP/1.1 413 ") && body.contains("--max-body"), "{head}\n{body}");
    let long = "x".repeat(9000);
    let (head, body) = ask(connect().await, "POST /mcp", &[host[0], ("x-long", &long)], LIST).await;
    assert!(head.starts_with("HTTP/1.1 431 ") && body.contains("--max-headers"), "{head}\n{body}");
    let longer = "x".repeat(20_000);
    let (head, _) = ask(connect().await, "POST /mcp", &[host[0], ("x-long", &longer)], LIST).await;
    assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
    let mut slow = connect().await;
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("--read-timeout"), "{answer}");

    let address =
        &serve(|server| server.without_token().with_limits(self::limits(&[(HttpLimit::Connections, "1")])))
            .await;
    let connect = async || TcpStream::connect(address).await.unwrap();
    let host = [("host", address.as_str())];
    let mut first = connect().await;
    first.write_all(format!("GET /mcp HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await.unwrap();
    let mut part = [0; 1000];
    assert_ne!(first.read(&mut part).await.unwrap(), 0);
    let (head, body) = ask(connect().await, "POST /mcp", &host, LIST).await;
    assert!(head.starts_with("HTTP/1.1 503 ") && body.contains("--max-connections"), "{head}\n{body}");
}

#[tokio::test]
async fn health_probes_are_answered_without_a_token() {
    let address = &serve(|server| server).await;
    let connect = async || TcpStream::connect(address).await.unwrap();
    let host = [("host", address.as_str())];
    for (path, status, text) in [
        ("/healthz", "200", "ok\n"),
        ("/readyz", "200", "ready\n"),
        ("/metrics", "401", ""),
        ("/", "401", ""),
    ] {
        let (head, body) = ask(connect().await, &format!("GET {path}"), &host, "").await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
        assert_eq!(body, text, "{path}");
    }
}

/// Starts a server with one tool, which waits until a test ends it. Returns the address, and the handles that end
/// the tool and stop the server.
async fn serve_waiting(
    drain: &str,
) -> (String, Arc<Notify>, Arc<Notify>, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    serve_waiting_with(limits(&[(HttpLimit::Drain, drain)])).await
}

async fn serve_waiting_with(
    limits: HttpLimits,
) -> (String, Arc<Notify>, Arc<Notify>, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let (called, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
    let tool = CustomTool::new("wait", {
        let (called, release) = (Arc::clone(&called), Arc::clone(&release));
        move |_| {
            let (called, release) = (Arc::clone(&called), Arc::clone(&release));
            async move {
                called.notify_one();
                release.notified().await;
                Ok(ToolResult::text("done"))
            }
        }
    });
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let server = server.without_token().with_limits(limits);
    let address =
        server.url().strip_prefix("http://").and_then(|it| it.strip_suffix("/mcp")).unwrap().to_owned();
    let service = Service::new(api, vec![tool]).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_until(service, async move { _ = stopped.await }));
    (address, called, release, stop, serving)
}

const CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{}}}"#;

#[tokio::test]
async fn stopping_server_finishes_calls_and_refuses_new_connections() {
    let (address, called, release, stop, serving) = serve_waiting("60").await;
    let mut open = TcpStream::connect(&address).await.unwrap();
    let call = tokio::spawn({
        let (address, stream) = (address.clone(), TcpStream::connect(&address).await.unwrap());
        async move { ask(stream, "POST /mcp", &[("host", &address)], CALL).await }
    });
    called.notified().await;
    stop.send(()).unwrap();
    // An idle connection is closed, and a new connection is refused.
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(&address).await.is_err());
    assert!(!serving.is_finished());
    release.notify_one();
    let (head, body) = call.await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200 ") && body.contains("done"), "{head}\n{body}");
    serving.await.unwrap();
}

#[tokio::test]
async fn calls_longer_than_the_drain_period_are_cancelled() {
    let (address, called, _release, stop, serving) = serve_waiting("0").await;
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json, \
         text/event-stream\r\ncontent-length: {}\r\n\r\n{CALL}",
        CALL.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    called.notified().await;
    stop.send(()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(!answer.contains("done"), "{answer}");
    serving.await.unwrap();
}

/// Starts a server whose only tool waits for an approval. A client has called the tool as a task.
#[cfg(feature = "serve")]
async fn serve_task(drain: &str) -> (SqliteStore, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let store = SqliteStore::in_memory().unwrap();
    let asking = AskFirst::new(AskMode::Destroy, "shop", "shop-mcp").with_store(store.clone());
    let policies = Policies::none().approval(Arc::new(asking)).tasks(store.clone());
    let api = Api::new(&SHOP, Environment::of::<&str, &str>([])).with_policies(policies);
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let server = server.without_token().with_limits(limits(&[(HttpLimit::Drain, drain)]));
    let address =
        server.url().strip_prefix("http://").and_then(|it| it.strip_suffix("/mcp")).unwrap().to_owned();
    let (stop, stopped) = oneshot::channel::<()>();
    let service = Service::new(api, vec![idle_tool()]).unwrap();
    let serving = tokio::spawn(server.serve_until(service, async move { _ = stopped.await }));
    let meta = r#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}},"io.modelcontextprotocol/clientInfo":{"name":"x","version":"1"}}"#;
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"idle","arguments":{{}},"_meta":{meta}}}}}"#
    );
    let headers = [
        ("host", address.as_str()),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "idle"),
    ];
    let (_, body) = ask(TcpStream::connect(&address).await.unwrap(), "POST /mcp", &headers, &call).await;
    assert!(body.contains(r#""status":"working""#), "{body}");
    assert_eq!(state_of_task(&store).0, "working");
    (store, stop, serving)
}

/// Returns the state and the content of the single task in a store.
#[cfg(feature = "serve")]
fn state_of_task(store: &SqliteStore) -> (String, String) {
    let query = "SELECT state, coalesce(content, '') FROM tasks";
    store.read(|it| Ok(it.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))?)).unwrap()
}

#[cfg(feature = "serve")]
#[tokio::test]
async fn task_longer_than_the_drain_period_fails_with_the_reason() {
    let (store, stop, serving) = serve_task("0").await;
    stop.send(()).unwrap();
    serving.await.unwrap();
    let (state, content) = state_of_task(&store);
    assert!(state == "failed" && content.contains("check whether the call took effect"), "{state} {content}");
}

#[cfg(feature = "serve")]
#[tokio::test]
async fn stopping_server_waits_until_its_tasks_have_ended() {
    let (store, stop, serving) = serve_task("60").await;
    stop.send(()).unwrap();
    let approvals = Approvals::new(store.clone());
    let waits = approvals.list(false).unwrap().remove(0);
    approvals.decide(&waits.id, true, "fern").unwrap().unwrap();
    serving.await.unwrap();
    let (state, content) = state_of_task(&store);
    assert!(state == "completed" && content.contains("done"), "{state} {content}");
}

#[tokio::test]
async fn only_tls_requests_through_a_trusted_proxy_are_accepted() {
    let protection = |text: &str| Protection { proxies: text.parse().ok(), ..Protection::default() };
    let address = &serve(|server| server.without_token().with_protection(protection("127.0.0.1"))).await;
    let connect = async |address: &str| TcpStream::connect(address).await.unwrap();
    for (headers, status) in [
        (&[("host", address.as_str()), ("x-forwarded-proto", "https")][..], "200"),
        (&[("host", address), ("x-forwarded-proto", "http")], "403"),
        (&[("host", address)], "403"),
    ] {
        let (head, _) = ask(connect(address).await, "POST /mcp", headers, LIST).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    }
    let address = &serve(|server| server.without_token().with_protection(protection("192.0.2.1"))).await;
    let mut answer = String::new();
    let _ = connect(address).await.read_to_string(&mut answer).await;
    assert_eq!(answer, "");
}

#[cfg(feature = "serve")]
#[tokio::test]
async fn server_with_a_certificate_answers_only_over_tls() {
    use rustls::pki_types::ServerName;

    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let protection = Protection::of(Some(TlsFiles { certificate, key }), None, false).unwrap();
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let server = server.without_token().with_protection(protection);
    let address =
        server.url().strip_prefix("https://").and_then(|it| it.strip_suffix("/mcp")).unwrap().to_owned();
    let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
    tokio::spawn(server.serve(Service::new(api, Vec::new()).unwrap()));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let stream = TcpStream::connect(&address).await.unwrap();
    let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    let (head, body) = ask(stream, "POST /mcp", &[("host", "localhost")], LIST).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}\n{body}");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn list_request_in_the_usual_form_gets_the_answer_of_the_sdk_over_http() {
    let address = &serve(HttpServer::without_token).await;
    let meta = |rest: &str| {
        format!(
            r#"{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}},"io.modelcontextprotocol/clientInfo":{{"name":"x","version":"1"}}{rest}}}}}"#
        )
    };
    let modern =
        [("host", address.as_str()), ("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list")];
    let legacy = [("host", address.as_str()), ("mcp-protocol-version", "2025-06-18")];
    for (headers, usual, unusual) in [
        (&modern[..], meta(""), meta(r#","traceparent":"x""#)),
        (&legacy[..], "{}".to_owned(), r#"{"_meta":{}}"#.to_owned()),
        (&legacy[..], r#"{"cursor":"0-9"}"#.to_owned(), r#"{"cursor":"0-9","_meta":{}}"#.to_owned()),
    ] {
        let mut answers = Vec::new();
        for params in [usual, unusual] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{params}}}"#);
            let stream = TcpStream::connect(address).await.unwrap();
            let (head, body) = ask(stream, "POST /mcp", headers, &body).await;
            let status = head.lines().next().unwrap_or_default().to_owned();
            answers.push((status, serde_json::from_str::<serde_json::Value>(&body).unwrap()));
        }
        assert_eq!(answers[0], answers[1]);
    }
}

/// Reads the head of a response, but not its body.
async fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}

#[tokio::test]
async fn body_of_a_call_in_a_session_counts_as_memory_until_the_stream_ends() {
    let limits = limits(&[(HttpLimit::Body, "1024")]);
    let (address, _called, _release, _stop, _serving) = serve_waiting_with(limits).await;
    let post = async |session: &str, body: &str, length: usize| {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json, \
             text/event-stream\r\n{session}content-length: {length}\r\n\r\n{body:length$}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let head = head_of(&mut stream).await;
        (stream, head)
    };
    let open = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}"#;
    let (_opened, head) = post("", open, open.len()).await;
    let session = head.lines().find(|line| line.starts_with("mcp-session-id")).unwrap();
    let session = format!("{session}\r\nmcp-protocol-version: 2025-11-25\r\n");
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let (_, head) = post(&session, ready, ready.len()).await;
    assert!(head.starts_with("http/1.1 202 "), "{head}");
    let mut streams = Vec::new();
    for id in 0..16 {
        let call = CALL.replace("\"id\":1", &format!("\"id\":{}", id + 10));
        let (stream, head) = post(&session, &call, 1024).await;
        assert!(head.starts_with("http/1.1 200 "), "{id}: {head}");
        streams.push(stream);
    }
    let (_, head) = post(&session, CALL, 1024).await;
    assert!(head.starts_with("http/1.1 503 "), "{head}");
}

#[tokio::test(start_paused = true)]
async fn connection_of_a_client_that_never_reads_is_closed_after_the_idle_limit() {
    let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
    let service = Service::new(api, vec![idle_tool()]).unwrap();
    let (drain, limits) = (Drain::new(), HttpLimits::default());
    let service = CurrentService::from(service);
    let health = Health::new(service.clone(), drain.clone());
    let config = StreamableHttpServerConfig::default().with_allowed_hosts(["localhost"]);
    let routes = Routes::new(service, config, limits);
    let filter = RequestFilter::new(routes, Access::Open, Protection::default(), limits, (health, drain));
    let (mut client, server) = tokio::io::duplex(64);
    let serving = tokio::spawn(Arc::new(filter).serve(server, None));
    let request = format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, \
         text/event-stream\r\ncontent-length: {}\r\n\r\n{LIST}",
        LIST.len()
    );
    client.write_all(request.as_bytes()).await.unwrap();
    let begin = tokio::time::Instant::now();
    assert!(tokio::time::timeout(Duration::from_secs(3600), serving).await.is_ok());
    let limit = limits.time(HttpLimit::IdleTimeout);
    assert!(begin.elapsed() >= limit && begin.elapsed() < 2 * limit, "{:?}", begin.elapsed());
    let mut part = Vec::new();
    client.read_to_end(&mut part).await.unwrap();
    assert!(part.starts_with(b"HTTP/1.1 200 "));
}
