//! What is served over HTTP, and to whom.

use std::net::SocketAddr;

use jackfield_runtime::{Api, Environment, HttpServer, Service};
use jackfield_tests::bookshop_api;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;

/// The head line and body of the answer to a request with these headers.
async fn ask(address: &str, line: &str, headers: &[(&str, &str)], body: &str) -> (String, String) {
    let mut request = format!("{line} HTTP/1.1\r\nconnection: close\r\ncontent-type: application/json\r\n");
    request += "accept: application/json, text/event-stream\r\n";
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn this_machine_alone_is_served() {
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of::<&str, &str>([]));
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let url = server.url();
    tokio::spawn(server.serve(Service::new(api, Vec::new()).unwrap()));
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap();

    let (head, body) = ask(address, "POST /mcp", &[("host", address)], LIST).await;
    assert_eq!(head, "HTTP/1.1 200 OK", "{body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    let tools = answer["result"]["tools"].as_array().unwrap();
    assert_eq!(tools.len(), bookshop_api::CONNECTOR.tools().count());

    for (case, line, headers, status) in [
        ("another name of this machine", "POST /mcp", &[("host", "shop.example.com")][..], "403"),
        ("a web page", "POST /mcp", &[("host", address), ("origin", "https://shop.example.com")], "403"),
        ("a web page of this machine", "POST /mcp", &[("host", address), ("origin", &url)], "403"),
        ("another path", "POST /", &[("host", address)], "404"),
        ("another method", "GET /mcp", &[("host", address)], "405"),
    ] {
        let (head, body) = ask(address, line, headers, LIST).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{case}: {head}\n{body}");
        assert!(!body.contains("tools"), "{case}: {body}");
    }
}

#[tokio::test]
async fn other_machines_are_not_served() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let refused = HttpServer::bind(address.parse().unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains("your credentials: serve at 127.0.0.1"), "{refused}");
    }
}
