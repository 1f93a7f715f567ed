use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::common::environment::Environment;
use crate::transport::client::HttpClient;
use crate::transport::connect::Lookup;
use crate::transport::request_body::RequestBody;
use crate::v1::{Connector, Server};

const NAMES: Lookup = Lookup::Table(&[
    ("rebound.example.com", &["127.0.0.1"]),
    ("metadata.example.com", &["169.254.169.254"]),
    ("public.example.com", &["93.184.216.34"]),
    ("proxy.example.com", &["127.0.0.1"]),
    ("localhost", &["127.0.0.1"]),
]);

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// The requests that a proxy received, as text.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Starts a proxy on this machine that answers every message with `answer`.
async fn proxy(answer: &'static [u8]) -> (u16, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, seen) = (listener.local_addr().unwrap().port(), Seen::default());
    let log = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, answer, log.clone()));
        }
    });
    (port, seen)
}

async fn converse(mut stream: TcpStream, answer: &'static [u8], log: Seen) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut bytes).await {
        let message = String::from_utf8_lossy(&bytes[..length]).into_owned();
        // SOCKS: the client sends its methods, and then the address of the service.
        let reply: &[u8] = match bytes[..length] {
            [5, _, 0] => b"\x05\x00",
            [5, 1, ..] => b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00",
            _ => answer,
        };
        log.0.lock().unwrap().push(message);
        if stream.write_all(reply).await.is_err() {
            return;
        }
    }
}

/// Requests `url` with a connector whose root server is public, with `variables` set.
async fn get(url: &str, variables: &[(&str, &str)]) -> Result<u16, String> {
    let servers = leak([Server::new("https://public.example.com")]);
    let connector = leak(Connector::new("shop").servers(servers));
    let client = HttpClient::resolving(connector, &Environment::of(variables.iter().copied()), NAMES);
    let request = http::Request::get(url).body(RequestBody::from(Bytes::new())).unwrap();
    let answer = client.request(request, None).await;
    answer.map(|answer| answer.status().as_u16()).map_err(|error| error.describe("GET /"))
}

const DONE: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn request_without_tls_is_forwarded_with_its_whole_url() {
    let (port, seen) = proxy(DONE).await;
    let named = format!("http://me:p%40w@proxy.example.com:{port}");
    for url in ["http://public.example.com/x?y=1", "http://unknown.example.com:8080/x?y=1"] {
        assert_eq!(get(url, &[("http_proxy", &named)]).await, Ok(204));
        let request = seen.all().pop().unwrap();
        assert!(request.starts_with(&format!("GET {url} HTTP/1.1\r\n")), "{request}");
        assert!(request.contains("proxy-authorization: Basic bWU6cEB3\r\n"), "{request}");
    }
}

#[tokio::test]
async fn request_over_tls_goes_through_a_tunnel() {
    let (port, seen) = proxy(b"HTTP/1.1 407 No\r\n\r\n").await;
    let named = format!("http://me:hunter2@127.0.0.1:{port}");
    let why = get("https://public.example.com/x", &[("HTTPS_PROXY", &named)]).await.unwrap_err();
    assert!(why.contains("does not accept the credentials") && why.contains("HTTPS_PROXY"), "{why}");
    assert!(why.contains("Nothing was sent") && !why.contains("hunter2"), "{why}");
    let request = seen.all().remove(0);
    assert!(request.starts_with("CONNECT public.example.com:443 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("Proxy-Authorization: Basic bWU6aHVudGVyMg==\r\n"), "{request}");
    let (port, _) = proxy(b"HTTP/1.1 403 No\r\n\r\n").await;
    let named = format!("http://127.0.0.1:{port}");
    let why = get("https://public.example.com/x", &[("HTTPS_PROXY", &named)]).await.unwrap_err();
    assert!(why.contains("cannot connect to the service"), "{why}");
}

#[tokio::test]
async fn socks_proxy_resolves_the_host_name() {
    let (port, seen) = proxy(DONE).await;
    let named = format!("socks5h://127.0.0.1:{port}");
    assert_eq!(get("http://unknown.example.com/x", &[("ALL_PROXY", &named)]).await, Ok(204));
    let messages = seen.all();
    assert!(messages[1].contains("unknown.example.com"), "{messages:?}");
    assert!(messages[2].starts_with("GET /x HTTP/1.1\r\n"), "{messages:?}");
}

#[tokio::test]
async fn private_addresses_are_refused_before_the_proxy_is_asked() {
    let (port, seen) = proxy(DONE).await;
    let named = format!("http://127.0.0.1:{port}");
    for url in [
        "http://10.0.0.1/",
        "http://rebound.example.com/",
        "https://rebound.example.com/",
        "http://169.254.169.254/",
    ] {
        let why = get(url, &[("all_proxy", &named)]).await.unwrap_err();
        assert!(why.contains("Nothing was sent") && why.contains(" is "), "{url}: {why}");
    }
    let metadata = "http://metadata.example.com";
    let why = get(metadata, &[("all_proxy", &named), ("SHOP_ORIGINS", metadata)]).await.unwrap_err();
    assert!(why.contains("never called"), "{why}");
    assert_eq!(seen.all(), [""; 0], "the proxy was asked");
    let private = "http://10.0.0.1";
    assert_eq!(get(private, &[("all_proxy", &named), ("SHOP_ORIGINS", private)]).await, Ok(204));
}

#[tokio::test]
async fn hosts_in_no_proxy_and_local_addresses_are_reached_without_the_proxy() {
    let ((port, seen), (service, direct)) = (proxy(DONE).await, proxy(DONE).await);
    let named = format!("http://127.0.0.1:{port}");
    for host in ["localhost", "127.0.0.1", "rebound.example.com"] {
        let url = format!("http://{host}:{service}");
        let variables = [
            ("all_proxy", named.as_str()),
            ("SHOP_ORIGINS", url.as_str()),
            ("NO_PROXY", "rebound.example.com"),
        ];
        assert_eq!(get(&url, &variables).await, Ok(204), "{host}");
    }
    assert_eq!((seen.all().len(), direct.all().len()), (0, 3));
}

#[tokio::test]
async fn unusable_proxy_is_an_error_and_is_not_bypassed() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (text, words) in [
        (format!("http://{closed}"), "no connection to the proxy"),
        ("https://proxy.example.com".to_owned(), "socks5h://HOST:PORT"),
        ("http://169.254.169.254:80".to_owned(), "never called"),
        ("http://missing.example.com".to_owned(), "has no address"),
    ] {
        for url in ["http://public.example.com/", "https://public.example.com/"] {
            let why = get(url, &[("all_proxy", &text)]).await.unwrap_err();
            assert!(why.contains(words) && why.contains("Nothing was sent"), "{url} {text}: {why}");
        }
    }
}
