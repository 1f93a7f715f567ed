use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::common::environment::Environment;
use crate::transport::client::HttpClient;
use crate::transport::request_body::RequestBody;
use crate::v1::{Connector, Server};

/// Names under an attacker's control, with the addresses that they resolve to.
const NAMES: Lookup = Lookup::Table(&[
    ("rebound.example.com", &["127.0.0.1"]),
    ("api.example.com", &["127.0.0.1"]),
    ("intranet.example.com", &["10.255.255.1"]),
    ("metadata.example.com", &["169.254.169.254"]),
    ("mapped.example.com", &["::ffff:127.0.0.1"]),
    ("mixed.example.com", &["93.184.216.34", "127.0.0.1", "10.0.0.1"]),
    ("public.example.com", &["93.184.216.34"]),
    ("localhost", &["127.0.0.1", "::1"]),
]);

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Starts a service on this machine that counts its requests.
async fn service() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {
                    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                }
            });
        }
    });
    (port, came)
}

fn client(root: &str, variables: &[(&str, &str)]) -> HttpClient {
    let servers = leak([Server::new(leak(root.to_owned()))]);
    let connector = leak(Connector::new("shop").servers(servers));
    HttpClient::resolving(connector, &Environment::of(variables.iter().copied()), NAMES)
}

async fn get(client: &HttpClient, url: &str) -> Result<u16, String> {
    let request = http::Request::get(url).body(RequestBody::from(Bytes::new())).unwrap();
    let answer = client.request(request, None).await;
    answer.map(|answer| answer.status().as_u16()).map_err(|error| error.describe("GET /"))
}

#[tokio::test]
async fn public_name_that_resolves_to_this_machine_is_refused_at_connect() {
    let (port, came) = service().await;
    for host in ["rebound.example.com", "mapped.example.com", "localhost", "127.0.0.1", "[::ffff:127.0.0.1]"]
    {
        let url = format!("http://{host}:{port}/");
        for root in ["https://public.example.com", &url] {
            let refused = get(&client(root, &[]), &url).await.unwrap_err();
            assert!(
                refused.contains("which is this machine") || refused.contains("is this machine"),
                "{refused}"
            );
            assert!(
                refused.contains("jackfield gen --accept-origin") && refused.contains("Nothing was sent"),
                "{refused}"
            );
        }
        let https = url.replace("http:", "https:");
        let refused = get(&client(&https, &[]), &https).await.unwrap_err();
        assert!(refused.contains("is this machine") && refused.contains("Nothing was sent"), "{refused}");
    }
    assert_eq!(came.load(Ordering::SeqCst), 0, "a connection was made");
}

#[tokio::test]
async fn origin_named_by_the_user_may_resolve_to_any_address() {
    let (port, came) = service().await;
    let url = format!("http://rebound.example.com:{port}");
    for variable in ["SHOP_BASE_URL", "SHOP_ORIGINS"] {
        assert_eq!(get(&client(&url, &[(variable, &url)]), &url).await, Ok(204), "{variable}");
    }
    // The same name with another port is another origin.
    let other = format!("http://rebound.example.com:{}", port - 1);
    assert!(get(&client(&url, &[("SHOP_ORIGINS", &other)]), &url).await.is_err());
    assert_eq!(came.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn metadata_address_is_refused_even_if_the_user_names_it() {
    for url in ["http://metadata.example.com", "http://169.254.169.254"] {
        let named = [("SHOP_BASE_URL", url), ("SHOP_ORIGINS", url)];
        let refused = get(&client(url, &named), url).await.unwrap_err();
        assert!(refused.contains("never called"), "{refused}");
    }
}

#[tokio::test]
async fn private_network_is_refused_until_the_user_names_the_origin() {
    let url = "http://intranet.example.com:9";
    let refused = get(&client(url, &[]), url).await.unwrap_err();
    assert!(refused.contains("10.255.255.1, which is an address of a private network"), "{refused}");
    let uri: Uri = url.parse().unwrap();
    let named = client(url, &[("SHOP_BASE_URL", url)]);
    assert_eq!(named.connector.addresses(&uri).await.unwrap(), ["10.255.255.1:9".parse().unwrap()]);
}

#[tokio::test]
async fn operation_server_may_be_as_private_as_the_resolved_root_server() {
    let uri: Uri = "http://192.168.7.7:9".parse().unwrap();
    let loopback: Uri = "http://127.0.0.1:9".parse().unwrap();
    for (root, network, here) in [
        ("http://public.example.com", false, false),
        ("http://intranet.example.com", true, false),
        ("http://mixed.example.com", false, false),
        ("http://rebound.example.com", true, true),
        ("http://unknown.example.com", false, false),
        ("http://localhost", true, true),
    ] {
        let client = client(root, &[("SHOP_BASE_URL", root)]);
        assert_eq!(client.connector.addresses(&uri).await.is_ok(), network, "{root}");
        assert_eq!(client.connector.addresses(&loopback).await.is_ok(), here, "{root}");
    }
}

#[tokio::test]
async fn connection_uses_only_the_checked_addresses_of_a_name() {
    let uri: Uri = "https://mixed.example.com".parse().unwrap();
    let client = client("https://public.example.com", &[]);
    assert_eq!(client.connector.addresses(&uri).await.unwrap(), ["93.184.216.34:443".parse().unwrap()]);
}

#[tokio::test]
async fn kept_alive_connection_is_reused_only_for_the_origin_that_was_checked() {
    let (port, came) = service().await;
    let url = format!("http://api.example.com:{port}");
    let client = client(&url, &[("SHOP_BASE_URL", &url)]);
    for _ in 0..3 {
        assert_eq!(get(&client, &url).await, Ok(204));
    }
    assert_eq!(came.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn private_token_endpoint_of_a_public_api_is_refused() {
    let (port, came) = service().await;
    let post = async |client: &HttpClient, url: &str| {
        let request =
            http::Request::post(url).body(RequestBody::from(Bytes::from_static(b"secret"))).unwrap();
        let answer = client.exchange(request, 1024, std::time::Duration::from_secs(5)).await;
        answer.map(|whole| whole.status.as_u16()).map_err(|error| error.to_string())
    };
    for host in ["127.0.0.1", "localhost", "rebound.example.com"] {
        let token = format!("http://{host}:{port}/token");
        let public = client("https://public.example.com", &[]);
        let refused = post(&public, &token).await.unwrap_err();
        assert!(refused.contains("this machine") && refused.contains("export SHOP_ORIGINS="), "{refused}");
    }
    assert_eq!(came.load(Ordering::SeqCst), 0, "a secret left");
    let token = format!("http://127.0.0.1:{port}/token");
    for named in [("SHOP_BASE_URL", "http://127.0.0.1:9"), ("SHOP_ORIGINS", token.trim_end_matches("/token"))]
    {
        let client = client("https://public.example.com", &[named]);
        assert_eq!(post(&client, &token).await, Ok(204), "{named:?}");
    }
}
