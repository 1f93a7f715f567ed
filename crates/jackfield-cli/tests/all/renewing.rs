//! Tests that two connectors of one user share their tokens. If the service refuses a token, the connector that
//! notices it first refreshes the token for both.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use jackfield_testkit::{Answer, Client, Recorded, Upstream, canary, expire_tokens};
use serde_json::json;

/// The number of rounds in which the service refuses a token that has not expired.
const REFUSALS: usize = 1_000;
/// The number of rounds in which the token expires.
const ENDS: usize = 3;

/// An API and its authorization server, which accepts each refresh token only once.
struct Service {
    /// The number of tokens that were issued.
    given: usize,
    /// The number of the valid access token. Earlier tokens are refused.
    taken: Option<usize>,
    /// The number of refreshes.
    refreshed: usize,
    /// Descriptions of requests that violate the server's rules.
    faults: Vec<String>,
}

impl Service {
    fn answer(&mut self, request: &Recorded) -> Answer {
        let text = request.to_text();
        let target = text.split(' ').nth(1).unwrap_or_default().to_owned();
        match target.split('?').next() {
            Some("/authorize") => {
                let redirect = value(&target, "redirect_uri").replace("%3A", ":").replace("%2F", "/");
                let location = format!("{redirect}?code=a-code&state={}", value(&target, "state"));
                Answer::empty(302).header("location", &location)
            }
            Some("/token") => self.token(&text),
            _ => {
                let right =
                    self.taken.is_some_and(|number| text.contains(&format!("Bearer {}", access(number))));
                Answer::json(if right { 200 } else { 401 }, &json!({ "right": right }))
            }
        }
    }

    fn token(&mut self, request: &str) -> Answer {
        if request.contains("grant_type=refresh_token") {
            self.refreshed += 1;
            if !request.contains(&refresh(self.given)) {
                self.faults.push(format!("refresh {} came with an old refresh token", self.refreshed));
                return Answer::json(400, &json!({ "error": "invalid_grant" }));
            }
        }
        self.given += 1;
        self.taken = Some(self.given);
        Answer::json(
            200,
            &json!({
                "access_token": access(self.given),
                "refresh_token": refresh(self.given),
                "token_type": "Bearer",
                "expires_in": 3600,
            }),
        )
    }
}

fn access(number: usize) -> String {
    format!("{}.{number}.", canary("access"))
}

fn refresh(number: usize) -> String {
    format!("{}.{number}.", canary("refresh"))
}

/// Returns the value of a query parameter.
fn value(target: &str, name: &str) -> String {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    pair.unwrap_or_default().to_owned()
}

/// Requests a URL as a browser would, and follows one redirect.
fn visit(address: &str) {
    let rest = address.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    // The server may close the connection before it has read the whole request.
    let _ = stream.read_to_string(&mut answer);
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    if let Some(location) = location {
        visit(location.trim());
    }
}

/// Logs in through a browser, as a person would.
fn log_in(document: &Path, variables: &[(&str, &str)]) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jackfield"))
        .args(["preview", "--name", "shop"])
        .arg(document)
        .args(["auth", "login", "--browser"])
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(address) = line.trim().strip_prefix("http://") {
            visit(&format!("http://{address}"));
        }
        said.push_str(&line);
        said.push('\n');
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("will be asked for these scopes: books:read"), "{said}");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("granted") && out.contains("renewed automatically"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_refresh_a_refused_token_only_once() {
    let service = Service { given: 0, taken: None, refreshed: 0, faults: Vec::new() };
    let service = Arc::new(Mutex::new(service));
    let answering = Arc::clone(&service);
    let upstream = Upstream::start(move |request| answering.lock().unwrap().answer(request)).await.unwrap();
    let base = upstream.base_url();
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("shop.yaml");
    std::fs::write(
        &document,
        format!(
            "openapi: 3.1.0\n\
             info: {{ title: Shop, version: '1' }}\n\
             servers: [{{ url: '{base}' }}]\n\
             paths:\n  \
             /books:\n    get: {{ operationId: listBooks, security: [{{ account: ['books:read'] }}], responses: {{ '200': {{ description: Books }} }} }}\n\
             components:\n  securitySchemes:\n    account:\n      type: oauth2\n      flows:\n        \
             authorizationCode: {{ authorizationUrl: '{base}/authorize', tokenUrl: '{base}/token', scopes: {{ 'books:read': Read, 'books:write': Write }} }}\n"
        ),
    )
    .unwrap();
    let vault = folder.path().join("vault");
    let vault_path = vault.display().to_string();
    let variables = [
        ("JACKFIELD_VAULT", vault_path.as_str()),
        ("SHOP_CLIENT_ID", "a-public-client"),
        // The API has a loopback address, which only the user may name.
        ("SHOP_BASE_URL", base.as_str()),
    ];
    tokio::task::block_in_place(|| log_in(&document, &variables));

    let program = Path::new(env!("CARGO_BIN_EXE_jackfield"));
    let path = document.display().to_string();
    let arguments = ["preview", "--name", "shop", path.as_str()];
    let mut first = Client::spawn(program, &arguments, &variables).await.unwrap();
    let mut second = Client::spawn(program, &arguments, &variables).await.unwrap();
    for round in 1..=REFUSALS + ENDS {
        if round <= REFUSALS {
            service.lock().unwrap().taken = None;
        } else {
            assert_eq!(expire_tokens(&vault).unwrap(), 1);
        }
        let (one, other) =
            tokio::join!(first.call("list_books", json!({})), second.call("list_books", json!({})));
        for result in [one.unwrap(), other.unwrap()] {
            assert_ne!(result.is_error, Some(true), "round {round}: {result:?}");
        }
        let service = service.lock().unwrap();
        assert_eq!(service.refreshed, round, "round {round}: {:?}", service.faults);
    }
    first.close().await.unwrap();
    second.close().await.unwrap();
    let service = service.lock().unwrap();
    assert_eq!(
        (service.refreshed, service.given),
        (REFUSALS + ENDS, REFUSALS + ENDS + 1),
        "{:?}",
        service.faults
    );
}
