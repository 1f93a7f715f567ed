use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Answer, Upstream};

/// Sends raw bytes over one connection, and reads until the server closes it.
async fn exchange(upstream: &Upstream, bytes: &[u8]) -> String {
    let mut stream = sent(upstream, bytes).await;
    stream.shutdown().await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    String::from_utf8(reply).unwrap()
}

async fn connect(upstream: &Upstream) -> TcpStream {
    TcpStream::connect(upstream.base_url().trim_start_matches("http://")).await.unwrap()
}

/// Opens a connection and sends raw bytes over it.
async fn sent(upstream: &Upstream, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(upstream).await;
    stream.write_all(bytes).await.unwrap();
    stream
}

async fn read<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

#[tokio::test]
async fn request_is_recorded_byte_for_byte() {
    let upstream = Upstream::answering(Answer::json(200, &json!({"a": 1}))).await.unwrap();
    let reply = exchange(
        &upstream,
        b"GET /a%2e%2E/%2f..//b?q=%7c|\"[]&x=+%20 HTTP/1.1\r\nHost: 127.0.0.1:9\r\nX-oDD:  v \r\nx-odd: 2\r\n\r\n",
    )
    .await;
    assert_eq!(
        reply,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{\"a\":1}"
    );
    let request = upstream.last().unwrap();
    assert_eq!(
        request.to_string(),
        "GET /a%2e%2E/%2f..//b?q=%7c|\"[]&x=+%20 HTTP/1.1\nHost: {host}\nX-oDD: v\nx-odd: 2\n\n"
    );
    assert_eq!(request.path(), "/a%2e%2E/%2f..//b");
    assert_eq!(request.query(), Some("q=%7c|\"[]&x=+%20"));
    assert_eq!(request.header("X-ODD"), Some("v"));
    assert_eq!(request.headers_named("x-odd"), ["v", "2"]);
}

#[tokio::test]
async fn malformed_request_is_recorded() {
    let upstream = Upstream::answering(Answer::empty(204)).await.unwrap();
    exchange(&upstream, b"GET /a b\\c\xff HTTP/1.1\r\n\r\n").await;
    let request = upstream.last().unwrap();
    assert_eq!(request.target, "/a b\\c\\xff");
    assert_eq!(request.head, b"GET /a b\\c\xff HTTP/1.1\r\n");
}

#[tokio::test]
async fn connection_is_reused_after_a_request_with_a_body() {
    let upstream = Upstream::start(|request| Answer::text(200, request.text())).await.unwrap();
    let reply = exchange(
        &upstream,
        b"POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\
          POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nTrailer: t\r\n\r\n\
          \r\nHEAD /3 HTTP/1.1\r\n\r\n\
          DELETE /4 HTTP/1.1\r\nConnection: close\r\n\r\n\
          GET /never HTTP/1.1\r\n\r\n",
    )
    .await;
    let bodies: Vec<String> = upstream.requests().iter().map(super::Recorded::text).collect();
    assert_eq!(bodies, ["abc", "def", "", ""]);
    assert!(reply.contains("\r\n\r\nabcHTTP/1.1 200 OK"), "{reply}");
    assert_eq!(upstream.take().len(), 4);
    assert_eq!(upstream.requests(), []);
}

#[tokio::test]
async fn client_that_expects_100_continue_gets_it() {
    let upstream = Upstream::answering(Answer::empty(200)).await.unwrap();
    let asking = b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
    let mut stream = sent(&upstream, asking).await;
    assert_eq!(&read::<25>(&mut stream).await, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"x").await.unwrap();
    read::<25>(&mut stream).await;
    assert_eq!(upstream.last().unwrap().body, b"x");
}

#[tokio::test]
async fn chunked_answer_is_sent_in_chunks() {
    let chunks = vec![b"ab".to_vec(), Vec::new(), b"c".to_vec()];
    let answer = Answer::empty(200).header("x-a", "1").header("x-a", "2").chunked(chunks);
    let upstream = Upstream::answering(answer).await.unwrap();
    let reply = exchange(&upstream, b"GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(
        reply,
        "HTTP/1.1 200 OK\r\nx-a: 1\r\nx-a: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    );
}

#[tokio::test]
async fn faulty_answers_are_sent_as_configured() {
    let upstream = Upstream::start(|request| match request.target.as_str() {
        "/hang-up" => Answer::hang_up(),
        "/cut" => Answer::text(200, "abcdef").cut_after(2),
        "/raw" => Answer::raw("nonsense"),
        _ => Answer::empty(200).after(Duration::from_millis(50)),
    })
    .await
    .unwrap();
    assert_eq!(exchange(&upstream, b"GET /hang-up HTTP/1.1\r\n\r\n").await, "");
    let cut = exchange(&upstream, b"GET /cut HTTP/1.1\r\n\r\n").await;
    assert!(cut.contains("content-length: 6") && cut.ends_with("\r\n\r\nab"), "{cut}");
    assert_eq!(exchange(&upstream, b"GET /raw HTTP/1.1\r\n\r\n").await, "nonsense");
    let start = Instant::now();
    exchange(&upstream, b"GET /late HTTP/1.1\r\n\r\n").await;
    assert!(start.elapsed() >= Duration::from_millis(50));
    assert_eq!(upstream.requests().len(), 4);
}

#[tokio::test]
async fn invalid_request_is_refused() {
    let upstream = Upstream::answering(Answer::empty(200)).await.unwrap();
    let long = [b"GET / HTTP/1.1\r\nx: ".to_vec(), vec![b'x'; 300_000]].concat();
    for (bytes, status) in [
        (&b"nonsense\r\n\r\n"[..], "400"),
        (b"GET / HTTP/1.1\nHost: x\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\na", "400"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "413"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "413"),
    ] {
        let reply = exchange(&upstream, bytes).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
    }
    // The server stops reading early, so sending the remaining bytes may fail because the connection is closed.
    let mut stream = connect(&upstream).await;
    let _ = stream.write_all(&long).await;
    let mut start = [0; 12];
    if stream.read_exact(&mut start).await.is_ok() {
        assert_eq!(&start, b"HTTP/1.1 431");
    }
    assert_eq!(upstream.requests(), []);
}

#[tokio::test]
async fn dropped_server_stops_serving() {
    let upstream = Upstream::answering(Answer::empty(200)).await.unwrap();
    let mut open = sent(&upstream, b"GET / HTTP/1.1\r\n\r\n").await;
    read::<12>(&mut open).await;
    let address = upstream.base_url().trim_start_matches("http://").to_owned();
    drop(upstream);
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), open.read_to_end(&mut rest)).await;
    assert!(closed.is_ok());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn repeated_body_is_sent_as_chunks() {
    let stream = Answer::text(200, "x\n").repeated(3, Duration::from_millis(1));
    let upstream = Upstream::answering(stream).await.unwrap();
    let reply = exchange(&upstream, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(reply.ends_with("\r\n\r\n2\r\nx\n\r\n2\r\nx\n\r\n2\r\nx\n\r\n0\r\n\r\n"), "{reply}");
}
