//! Requests through a Unix socket instead of the network.

use std::path::PathBuf;

use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use serde_json::Map;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use crate::specs;

/// A Unix socket in a temporary folder.
struct Socket(PathBuf);

impl Socket {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("jackfield-{}-{name}.sock", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn call(address: &str) -> (bool, String) {
    let connector = specs::preview(&specs::document("servers_relative.yaml"), "shop");
    let environment = Environment::of([("SHOP_BASE_URL", address)]);
    let service = Service::new(Api::new(connector, environment), Vec::new()).unwrap();
    let result = service.call("list_books", Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap();
    (result.is_error(), result.as_text().to_owned())
}

#[tokio::test]
async fn service_behind_a_unix_socket_is_called_over_http() {
    let socket = Socket::new("called");
    let listener = UnixListener::bind(&socket.0).unwrap();
    let upstream = tokio::spawn(async move {
        let mut heads = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            heads.push(String::from_utf8(head).unwrap());
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello")
                .await
                .unwrap();
        }
        heads
    });
    let path = socket.0.display().to_string();
    let (is_error, text) = call(&format!("unix://{path}")).await;
    assert!(!is_error && text.contains("hello"), "{text}");
    let (is_error, text) = call(&format!("http+unix://{}/v1.43", path.replace('/', "%2F"))).await;
    assert!(!is_error && text.contains("hello"), "{text}");
    let heads = upstream.await.unwrap();
    assert!(heads[0].starts_with("GET /books HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[0].to_lowercase().contains("\r\nhost: localhost\r\n"), "{}", heads[0]);
    assert!(heads[1].starts_with("GET /v1.43/books HTTP/1.1\r\n"), "{}", heads[1]);
}

#[tokio::test]
async fn missing_unix_socket_is_named_in_the_error() {
    let socket = Socket::new("gone");
    let (is_error, text) = call(&format!("unix://{}", socket.0.display())).await;
    assert!(
        is_error && text.contains("gone.sock cannot be used") && text.contains("Nothing was sent"),
        "{text}"
    );
}

const OWN_SOCKET: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
servers: [{ url: ROOT }]
paths:
  /rates:
    post:
      operationId: rateBook
      servers: [{ url: 'SOCKET' }]
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, required: [Privileged], properties: { Privileged: { const: true } } }
      responses: { '204': { description: Done. } }
";

#[tokio::test]
async fn unix_socket_named_only_by_the_document_is_refused() {
    let socket = Socket::new("own");
    let listener = UnixListener::bind(&socket.0).unwrap();
    let path = socket.0.display().to_string();
    let spelled = [format!("unix://{path}"), format!("http+unix://{}/v1.41", path.replace('/', "%2F"))];
    for own in &spelled {
        for root in ["https://api.example.com", own] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("shop.yaml");
            std::fs::write(&file, OWN_SOCKET.replace("ROOT", root).replace("SOCKET", own)).unwrap();
            let connector = specs::preview(&file, "shop");
            let environment = Environment::of([("SHOP_SERVER", "1")]);
            let service = Service::new(Api::new(connector, environment), Vec::new()).unwrap();
            let result =
                service.call("rate_book", Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap();
            let text = result.as_text();
            assert!(result.is_error() && text.contains("is a Unix socket of this machine"), "{text}");
            assert!(text.ends_with("Nothing was sent."), "{text}");
        }
    }
    let came = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(came.is_err(), "a connection to the socket was opened");
}
