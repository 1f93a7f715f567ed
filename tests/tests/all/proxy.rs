//! Calls through a proxy that environment variables name, up to the service.

use std::sync::{Arc, Mutex};

use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use jackfield_testkit::{Answer, Authority, Clients, Upstream, Validity};
use jackfield_tests::SPECS;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Starts a proxy that connects every tunnel to one address. Returns the proxy's URL, and the lines that it receives.
async fn tunnels_to(address: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (log, address) = (Arc::clone(&log), address.clone());
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    if line.trim().is_empty() {
                        break;
                    }
                    log.lock().unwrap().push(line.trim().to_owned());
                }
                let mut service = TcpStream::connect(&address).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut service).await;
            });
        }
    });
    (proxy, lines)
}

#[tokio::test]
async fn tls_call_is_tunnelled_through_the_proxy_to_the_service() {
    let authority = Authority::new().unwrap();
    let certified = authority.certify("shop.invalid", Validity::Now).unwrap();
    let upstream = Upstream::start_tls(&certified, Clients::Anybody, |_| Answer::json(200, &json!({"a": 1})));
    let upstream = upstream.await.unwrap();
    let address = upstream.base_url().trim_start_matches("https://").to_owned();
    let (proxy, lines) = tunnels_to(address).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let spec = SPECS.iter().find(|spec| spec.file == "upstream_faults.yaml").unwrap();
    let variables = [
        ("UPSTREAM_FAULTS_BASE_URL", "https://shop.invalid/v1".to_owned()),
        ("UPSTREAM_FAULTS_CA_FILE", file.display().to_string()),
        ("HTTPS_PROXY", proxy.replace("http://", "http://me:secret@")),
        ("NO_PROXY", "other.invalid".to_owned()),
    ];
    let service = Service::new(Api::new(spec.connector, Environment::of(variables)), Vec::new()).unwrap();
    let arguments = json!({"id": "1"}).as_object().cloned().unwrap();
    let result = service.call("get_book", arguments, &Caller::local(Channel::CommandLine)).await.unwrap();
    assert_eq!(result.as_text(), "{\"a\":1}");
    let lines = lines.lock().unwrap();
    assert_eq!(lines[0], "CONNECT shop.invalid:443 HTTP/1.1");
    assert!(lines.iter().any(|line| line == "Proxy-Authorization: Basic bWU6c2VjcmV0"), "{lines:?}");
    let request = upstream.last().unwrap();
    assert_eq!((request.target.as_str(), request.header("host")), ("/v1/books/1", Some("shop.invalid")));
    assert_eq!(request.header("proxy-authorization"), None);
}
