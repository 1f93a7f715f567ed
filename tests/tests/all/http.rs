//! The HTTP server, and the clients that it accepts.

use std::net::SocketAddr;
use std::time::Duration;

use jackfield_runtime::{Api, Environment, HttpAddress, HttpServer, HttpToken, Service};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::bookshop_api;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;

/// Sends a request with these headers, and returns the head and the body of the response.
pub(crate) async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (String, String) {
    let mut stream = stream;
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

fn bookshop() -> Service {
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of::<&str, &str>([]));
    Service::new(api, Vec::new()).unwrap()
}

/// Starts a server on loopback, and returns its address.
async fn serve(change: impl FnOnce(HttpServer) -> HttpServer) -> String {
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let server = change(server);
    let url = server.url();
    tokio::spawn(server.serve(bookshop()));
    url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap().to_owned()
}

fn assert_lists(head: &str, body: &str) {
    assert_eq!(head.lines().next(), Some("HTTP/1.1 200 OK"), "{body}");
    let answer: Value = serde_json::from_str(body).unwrap();
    let tools = answer["result"]["tools"].as_array().unwrap();
    assert_eq!(tools.len(), bookshop_api::CONNECTOR.tools().count());
}

#[tokio::test]
async fn request_with_foreign_host_or_origin_is_refused() {
    let address = &serve(HttpServer::without_token).await;
    let connect = async || TcpStream::connect(address).await.unwrap();
    let (head, body) = ask(connect().await, "POST /mcp", &[("host", address)], LIST).await;
    assert_lists(&head, &body);
    let port = address.rsplit(':').next().unwrap();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let origin = format!("http://{host}:{port}");
        let headers = [("host", address.as_str()), ("origin", &origin)];
        let (head, body) = ask(connect().await, "POST /mcp", &headers, LIST).await;
        assert_lists(&head, &body);
    }

    for (case, line, headers, status) in [
        ("another name of this machine", "POST /mcp", &[("host", "shop.example.com")][..], "403"),
        ("a web page", "POST /mcp", &[("host", address), ("origin", "https://shop.example.com")], "403"),
        (
            "a web page of another server of this machine",
            "POST /mcp",
            &[("host", address), ("origin", "http://localhost:1")],
            "403",
        ),
        ("a web page without an origin", "POST /mcp", &[("host", address), ("origin", "null")], "403"),
        ("another path", "POST /", &[("host", address)], "404"),
        ("another method", "GET /mcp", &[("host", address)], "405"),
    ] {
        let (head, body) = ask(connect().await, line, headers, LIST).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{case}: {head}\n{body}");
        assert!(!body.contains("tools"), "{case}: {body}");
    }
}

#[tokio::test]
async fn only_a_client_with_elicitation_or_roots_gets_a_session() {
    let address = &serve(HttpServer::without_token).await;
    let connect = async || TcpStream::connect(address).await.unwrap();
    for (capabilities, has_session) in [
        ("{}", false),
        (r#"{"experimental":{}}"#, false),
        (r#"{"elicitation":{}}"#, true),
        (r#"{"roots":{}}"#, true),
    ] {
        let client = r#""clientInfo":{"name":"x","version":"1"}"#;
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"2025-11-25","capabilities":{capabilities},{client}}}}}"#
        );
        let mut stream = connect().await;
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json, \
             text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        // The stream of a session stays open.
        let mut answer = String::new();
        while !answer.contains("serverInfo") {
            let mut part = [0; 4096];
            let length = stream.read(&mut part).await.unwrap();
            assert_ne!(length, 0, "{answer}");
            answer.push_str(&String::from_utf8_lossy(&part[..length]));
        }
        assert_eq!(answer.to_ascii_lowercase().contains("mcp-session-id:"), has_session, "{answer}");
    }
    let headers = [("host", address.as_str()), ("mcp-session-id", "unknown")];
    let (head, _) = ask(connect().await, "POST /mcp", &headers, LIST).await;
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
}

#[tokio::test]
async fn client_without_the_token_gets_401_and_no_detail() {
    let token = HttpToken::random().unwrap();
    let right = format!("Bearer {}", token.text());
    let address = &serve(|server| server.with_token(token)).await;
    let connect = async || TcpStream::connect(address).await.unwrap();

    let (head, body) =
        ask(connect().await, "POST /mcp", &[("host", address), ("authorization", &right)], LIST).await;
    assert_lists(&head, &body);

    let wrong = format!("{}x", &right[..right.len() - 1]);
    for (case, line, headers) in [
        ("no token", "POST /mcp", &[("host", address.as_str())][..]),
        ("a wrong token", "POST /mcp", &[("host", address), ("authorization", &wrong)]),
        ("another scheme", "POST /mcp", &[("host", address), ("authorization", "Basic eDp5")]),
        (
            "two tokens",
            "POST /mcp",
            &[("host", address), ("authorization", &right), ("authorization", &wrong)],
        ),
        ("a web page", "POST /mcp", &[("host", address), ("origin", "https://shop.example.com")]),
        ("another path", "POST /", &[("host", address)]),
        ("another method", "GET /mcp", &[("host", address)]),
    ] {
        let (head, body) = ask(connect().await, line, headers, LIST).await;
        assert!(head.starts_with("HTTP/1.1 401 "), "{case}: {head}");
        assert!(head.to_ascii_lowercase().contains("\r\nwww-authenticate: bearer\r\n"), "{case}: {head}");
        assert_eq!(body, "", "{case}");
    }
    // The token is checked before the rest of the request is read.
    let headers = [("host", "shop.example.com"), ("authorization", &right)];
    let (head, _) = ask(connect().await, "POST /mcp", &headers, LIST).await;
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
}

#[tokio::test]
async fn client_without_the_token_is_answered_before_it_sends_the_body() {
    let address = serve(|server| server).await;
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-length: 1000000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn silent_connections_do_not_block_clients() {
    let token = HttpToken::random().unwrap();
    let right = format!("Bearer {}", token.text());
    let address = &serve(|server| server.with_token(token)).await;
    let mut silent = Vec::new();
    for _ in 0..400 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let headers = [("host", address.as_str()), ("authorization", &right)];
    let answer = ask(TcpStream::connect(address).await.unwrap(), "POST /mcp", &headers, LIST);
    // The time limit is shorter than the ten seconds for which a silent connection is kept.
    let (head, body) = tokio::time::timeout(Duration::from_secs(5), answer).await.unwrap();
    assert_lists(&head, &body);
    // The server has closed the oldest connection.
    let mut byte = [0];
    let ended = tokio::time::timeout(Duration::from_secs(5), silent[0].read(&mut byte)).await.unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn owner_of_a_unix_socket_needs_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    let address: HttpAddress = format!("unix://{}", path.display()).parse().unwrap();
    let server = HttpServer::bind_at(address).await.unwrap();
    assert!(server.token().is_none());
    let serving = tokio::spawn(server.serve(bookshop()));
    let stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    let (head, body) = ask(stream, "POST /mcp", &[("host", "localhost")], LIST).await;
    assert_lists(&head, &body);
    serving.abort();
    let _ = serving.await;
    assert!(!path.exists());
}

#[tokio::test]
async fn non_loopback_address_is_refused() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let refused = HttpServer::bind(address.parse().unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains("your credentials: serve at 127.0.0.1"), "{refused}");
    }
}

#[tokio::test]
async fn trace_context_of_a_caller_is_sent_to_the_service() {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const OTHER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let upstream = Upstream::answering(Answer::json(200, &json!({ "items": [] }))).await.unwrap();
    let base = upstream.base_url();
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of([("BOOKSHOP_BASE_URL", base.as_str())]));
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap().without_token();
    let address = server.url().strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap().to_owned();
    tokio::spawn(server.serve(Service::new(api, Vec::new()).unwrap()));
    let call = |meta: Value| {
        let params = json!({ "name": "list_books", "arguments": {}, "_meta": meta });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string()
    };
    let usual = call(Value::Null).replace(r#","_meta":null"#, "");
    for (headers, body, parent, state) in [
        (&[][..], usual.clone(), None, None),
        (
            &[("traceparent", TRACE), ("tracestate", "a=1"), ("baggage", "b=1")],
            usual,
            Some(TRACE),
            Some("a=1"),
        ),
        (&[("traceparent", TRACE)], call(json!({ "traceparent": OTHER })), Some(OTHER), None),
        (&[], call(json!({ "traceparent": "invented\r\nx: y" })), None, None),
    ] {
        let headers = [&[("host", address.as_str())], headers].concat();
        let stream = TcpStream::connect(&address).await.unwrap();
        let (head, answer) = ask(stream, "POST /mcp", &headers, &body).await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}\n{answer}");
        let request = upstream.last().unwrap();
        assert_eq!((request.header("traceparent"), request.header("tracestate")), (parent, state), "{body}");
        assert_eq!(request.header("baggage"), None);
    }
}
