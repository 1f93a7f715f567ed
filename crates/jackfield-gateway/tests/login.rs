//! Logins at other servers: the authorization server is discovered, and tokens are kept in the vault, renewed, and sent only to
//! their server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::Site;
use support::fake_server::{hello, tool};
use support::provider::Provider;

/// An MCP server that requires a token.
struct Guarded {
    url: String,
    /// The values of `Authorization` that were received so far.
    seen: Arc<Mutex<Vec<String>>>,
    /// The tokens that are refused.
    refused: Arc<Mutex<Vec<String>>>,
}

impl Guarded {
    /// Starts a server whose metadata names this issuer and this resource. Without `resource`, it names the server's own URL.
    fn start(issuer: &str, resource: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let url = format!("{origin}/mcp");
        let (seen, refused) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let metadata = json!({
            "resource": resource.unwrap_or(&url),
            "authorization_servers": [issuer],
            "scopes_supported": ["books.read", "offline_access"],
        });
        let challenge = format!(
            "www-authenticate: Bearer resource_metadata=\"{origin}/.well-known/oauth-protected-resource/mcp\"\r\n"
        );
        let server = Self { url, seen: Arc::clone(&seen), refused: Arc::clone(&refused) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, refused) = (Arc::clone(&seen), Arc::clone(&refused));
                let (metadata, challenge) = (metadata.to_string(), challenge.clone());
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    while let Some((line, authorization, body)) = read(&mut reader) {
                        let (status, head, body) = if line.starts_with("GET /.well-known/") {
                            (200, "", metadata.clone())
                        } else {
                            answer(authorization, &body, &seen, &refused)
                                .map_or((401, &*challenge, String::new()), |it| (200, "", it))
                        };
                        if !write(&stream, status, head, &body) {
                            return;
                        }
                    }
                });
            }
        });
        server
    }

    /// Returns the tokens that were received so far.
    fn tokens(&self) -> Vec<String> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter_map(|it| it.strip_prefix("Bearer ").map(str::to_owned))
            .collect()
    }

    fn refuse(&self, token: &str) {
        self.refused.lock().unwrap().push(token.to_owned());
    }
}

/// Returns the response to a message, which is empty for a notification. `None` if the message has no valid token.
fn answer(
    authorization: Option<String>,
    body: &[u8],
    seen: &Mutex<Vec<String>>,
    refused: &Mutex<Vec<String>>,
) -> Option<String> {
    let authorization = authorization?;
    seen.lock().unwrap().push(authorization.clone());
    let is_refused = refused.lock().unwrap().iter().any(|token| authorization.ends_with(token.as_str()));
    let message: Value = serde_json::from_slice(body).unwrap_or_default();
    let result = match message["method"].as_str().unwrap_or_default() {
        "initialize" => hello(),
        "tools/list" => json!({ "tools": [tool("greet", "Greets.")] }),
        _ => json!({ "content": [{ "type": "text", "text": "hello" }] }),
    };
    let text = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }).to_string();
    (!is_refused).then_some(if message["id"].is_null() { String::new() } else { text })
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<(String, Option<String>, Vec<u8>)> {
    let (mut first, mut authorization, mut length) = (String::new(), None, 0);
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end().split_once(": ") {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                authorization = Some(value.to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().ok()?;
            }
            Some(_) => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, authorization, body))
}

fn write(mut stream: &TcpStream, status: u16, head: &str, body: &str) -> bool {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} Said\r\n{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).is_ok()
}

fn site(server: &Guarded) -> Site {
    Site::of(&format!("[connectors.docs]\nurl = \"{}\"\n", server.url))
}

/// Logs in with curl as the browser. Returns whether the login succeeded, and the output of the command.
fn log_in(site: &Site) -> (bool, String) {
    let mut command = site.command(&["login", "docs", "--browser"]);
    let mut process =
        command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    for line in BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok) {
        if line.trim_start().starts_with("http://") {
            let opened =
                Command::new("curl").args(["-s", "-L", "-b", "", "-o", "/dev/null", line.trim()]).status();
            assert!(opened.unwrap().success(), "{line}");
        }
        text.push_str(&line);
        text.push('\n');
    }
    process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    (process.wait().unwrap().success(), text)
}

#[test]
fn login_tokens_are_stored_renewed_and_revoked_at_logout() {
    let Some(provider) = Provider::start() else { return };
    let server = Guarded::start(&provider.issuer, None);
    let site = site(&server);
    let (code, text) = site.run(&["test", "docs"]);
    assert!(code == 1 && text.contains("jackfield-gateway login"), "{text}");
    let (is_done, text) = log_in(&site);
    assert!(is_done && text.contains(&format!("asks for a login at {}", provider.issuer)), "{text}");
    assert!(text.contains("docs: granted"), "{text}");

    let mut gateway = site.serve();
    assert_eq!(gateway.tools(), ["docs_greet"]);
    assert_eq!(gateway.told("docs_greet", json!({})), "hello");
    let first = server.tokens().pop().unwrap();
    let known = provider.introspect(&first);
    assert_eq!((&known["active"], &known["aud"]), (&json!(true), &json!(server.url)), "{known}");
    // A token that the server refuses is renewed, and the call is repeated.
    server.refuse(&first);
    assert_eq!(gateway.told("docs_greet", json!({})), "hello");
    let second = server.tokens().pop().unwrap();
    assert_ne!(first, second);
    // Secrets are only in the vault, where they are encrypted.
    for file in ["state/gateway/state.sqlite3", "gateway.toml"] {
        let content = std::fs::read(site.path().join(file)).unwrap();
        assert!(!content.windows(second.len()).any(|it| it == second.as_bytes()), "{file}");
    }
    let vault = std::fs::read_to_string(site.home().join(".local/share/jackfield/vault/records")).unwrap();
    assert!(vault.contains("gateway-docs/docs/granted") && !vault.contains(&second), "{vault}");
    gateway.end();

    let (code, text) = site.run(&["logout", "docs"]);
    assert!(code == 0, "{text}");
    assert_eq!(provider.introspect(&second)["active"], false, "the token is revoked");
    let before = server.tokens().len();
    let told = site.serve().told("docs_greet", json!({}));
    assert!(told.contains("jackfield-gateway login"), "{told}");
    assert_eq!(server.tokens().len(), before);
}

#[test]
fn login_token_is_not_sent_to_a_changed_url() {
    let Some(provider) = Provider::start() else { return };
    let (server, other) = (Guarded::start(&provider.issuer, None), Guarded::start(&provider.issuer, None));
    let site = site(&server);
    let (is_done, text) = log_in(&site);
    assert!(is_done, "{text}");
    site.configure(&format!("[connectors.docs]\nurl = \"{}\"\n", other.url));
    let (code, text) = site.run(&["test", "docs"]);
    assert!(code == 1 && text.contains("jackfield-gateway login"), "{text}");
    assert_eq!(other.tokens(), Vec::<String>::new());
}

#[test]
fn server_cannot_ask_for_tokens_of_another_resource() {
    let server = Guarded::start("http://127.0.0.1:9", Some("https://bank.example.com/mcp"));
    let (code, text) = site(&server).run(&["login", "docs"]);
    assert!(
        code == 2 && text.contains("its metadata names the resource \"https://bank.example.com/mcp\""),
        "{text}"
    );
}

#[test]
fn login_with_a_given_token_stores_it_until_logout() {
    let server = Guarded::start("http://127.0.0.1:9", None);
    let site = site(&server);
    let mut command = site.command(&["login", "docs", "--token"]);
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(b"canary-of-docs\n").unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut gateway = site.serve();
    assert_eq!(gateway.told("docs_greet", json!({})), "hello");
    assert!(server.tokens().iter().all(|token| token == "canary-of-docs"));
    gateway.end();
    let (code, text) = site.run(&["logout", "docs"]);
    assert!(code == 0, "{text}");
    let before = server.tokens().len();
    assert!(site.serve().told("docs_greet", json!({})).contains("jackfield-gateway login"));
    assert_eq!(server.tokens().len(), before);
}

#[test]
fn login_is_refused_for_connectors_without_a_url() {
    let site = Site::of("[connectors.own]\ncommand = [\"true\"]\n");
    let (code, text) = site.run(&["login", "own"]);
    assert!(code == 2 && text.contains("give it variables with `pass` or `env`"), "{text}");
    let (code, text) = site.run(&["login", "onw"]);
    assert!(code == 2 && text.contains("did you mean `own`?"), "{text}");
}
