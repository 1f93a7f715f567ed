//! Tests of requests that other programs send to the redirect port while a login waits.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::login::browse;
use crate::auth::oauth::loopback::Loopback;
use crate::common::secret::Secret;

/// Sends raw bytes to the redirect port and returns the response.
async fn say(port: u16, text: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    stream.write_all(text.replace("PORT", &port.to_string()).as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn redirect_of_a_login_with_a_wrong_state_is_ignored() {
    let loopback = Loopback::bind(0).await.unwrap();
    let (port, address) = (loopback.port(), loopback.address());
    assert_eq!(address, format!("http://127.0.0.1:{port}/callback"));
    let waiting = tokio::spawn(loopback.wait(Secret::new("right".to_owned()), Duration::from_secs(5)));

    // A connection that sends nothing does not block other connections.
    let _stalled = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    for (request, status) in [
        ("GET /callback?state=wrong&code=evil HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", "400"),
        ("GET /callback?code=evil HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", "400"),
        ("GET /callback?state=right&state=right&code=evil HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", "400"),
        ("GET /callback?state=%FF HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", "400"),
        ("GET /callback?state=right&code=evil HTTP/1.1\r\nhost: evil.example.net\r\n\r\n", "421"),
        ("GET /callback?state=right&code=evil HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "421"),
        ("GET /callback?state=right&code=evil HTTP/1.1\r\n\r\n", "421"),
        ("GET /?state=right&code=evil HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", "404"),
        ("GET /callback/?state=right&code=evil HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", "404"),
        (
            "POST /callback?state=right&code=evil HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\ncontent-length: 0\r\n\r\n",
            "405",
        ),
        ("HEAD /callback?state=right&code=evil HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", "405"),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let answer = say(port, request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
        assert!(!answer.contains("right") && !answer.contains("evil"), "{answer}");
    }
    let answer = say(port, &format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000))).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");

    let request = "GET /callback?code=a+b%2Bc&state=right HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n";
    let answer = say(port, request).await;
    let (head, page) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(page, "You can close this window.");
    for header in ["cache-control: no-store", "referrer-policy: no-referrer", "content-type: text/plain"] {
        assert!(head.contains(header), "{head}");
    }
    assert_eq!(waiting.await.unwrap().unwrap().get("code"), Some("a b+c"));
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn login_fails_if_no_redirect_arrives_in_time() {
    let loopback = Loopback::bind(0).await.unwrap();
    let address = loopback.address();
    let waiting = tokio::spawn(loopback.wait(Secret::new("right".to_owned()), Duration::from_millis(300)));
    assert_eq!(browse(&format!("{address}?state=wrong")).await.0, 400);
    assert!(waiting.await.unwrap().is_none());
}
