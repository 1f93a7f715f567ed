//! Servers whose callers have individual tokens, as processes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use jackfield_testkit::{Answer, Issuer, Upstream, canary, leaks};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::http::ask;

/// The bookshop, served over HTTP to callers with individual tokens. The server stops when this is dropped.
pub(crate) struct TokenServer {
    address: String,
    process: Child,
    stderr: BufReader<ChildStderr>,
    folder: tempfile::TempDir,
}

/// Creates a command of the bookshop, with an isolated environment and the state in that folder.
fn bookshop(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connector"));
    command
        .arg("bookshop")
        .args(words)
        .env_clear()
        .env("JACKFIELD_STATE", folder.join("state"))
        .env("JACKFIELD_VAULT", folder.join("vault"))
        .env("BOOKSHOP_LOG", "trace")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl TokenServer {
    /// Starts a server at a free port with these options.
    pub(crate) fn start(options: &[&str], variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = [&["serve", "--http", "127.0.0.1:0"], options].concat();
        let mut process = bookshop(folder.path(), &words, variables).spawn().unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let start = said.len();
            assert!(stderr.read_line(&mut said).unwrap() > 0, "the server does not start:\n{said}");
            if let Some(url) = said[start..].trim().strip_prefix("serving at http://") {
                break url.strip_suffix("/mcp").unwrap().to_owned();
            }
        };
        Self { address, process, stderr, folder }
    }

    /// Runs a command beside the server. Returns the command's stdout, and its stdout and stderr together.
    fn run(&self, words: &[&str]) -> (String, String) {
        let output = bookshop(self.folder.path(), words, &[]).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let all = format!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
        (stdout, all)
    }

    /// Sends a message, and returns the head and the body of the response.
    async fn ask(&self, token: Option<&str>, message: &Value) -> (String, String) {
        let token = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("host", self.address.as_str())];
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        let stream = TcpStream::connect(&self.address).await.unwrap();
        ask(stream, "POST /mcp", &headers, &message.to_string()).await
    }

    /// Requests `tools/list`, and returns the response.
    pub(crate) async fn list(&self, token: Option<&str>) -> (String, String) {
        self.ask(token, &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })).await
    }

    async fn call(&self, tool: &str, token: &str) -> (String, String) {
        let params = json!({ "name": tool, "arguments": {} });
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        self.ask(Some(token), &call).await
    }

    /// Stops the server, and returns the rest of its log.
    fn stop(mut self) -> (String, tempfile::TempDir) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut log = Vec::new();
        self.stderr.read_to_end(&mut log).unwrap();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        (String::from_utf8_lossy(&log).into_owned(), folder)
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Issues a token for that audience. Its claims contain a canary, so that any part of the token is recognised
/// in output.
fn token(issuer: &Issuer, audience: &str, subject: &str) -> String {
    let header = json!({ "alg": null, "typ": null, "kid": null, "x": canary("header") });
    let claims = json!({
        "a": canary("first"), "iss": null, "aud": audience, "sub": subject, "exp": null, "jti": canary("jti"),
        "scope": "books.read", "z": canary("last"),
    });
    issuer.token(&header, &claims)
}

/// Returns the contents of all files below a folder, one after the other.
fn content(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(content(&path)),
            false => all.extend(std::fs::read(&path).unwrap()),
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn token_of_a_caller_is_in_no_log_audit_reply_or_upstream_request() {
    // The service echoes the whole request, and half of its replies are failures.
    let echo = |status: u16| {
        Upstream::start(move |request| {
            let head = request.to_text();
            let line = head.replace(['\r', '\n'], " ");
            Answer::json(status, &json!({ "you said": head })).header("x-request-id", &line)
        })
    };
    let issuer = Issuer::start().await.unwrap();
    for status in [200, 401, 500] {
        let upstream = echo(status).await.unwrap();
        let (base, url) = (upstream.base_url(), issuer.url());
        let options =
            ["--issuer", &url, "--audience", "shop", "--audit", "on", "--audit-arguments", "redacted"];
        let server = TokenServer::start(&options, &[("BOOKSHOP_BASE_URL", &base)]);
        let (named, said) = server.run(&["token", "add", "ci"]);
        let named = named.trim().to_owned();
        assert!(named.starts_with("jft_") && said.matches(&named).count() == 1, "{said}");

        let good = token(&issuer, "shop", "reader");
        let refused = [
            token(&issuer, "other", "reader"),
            format!("{good}A"),
            canary("x"),
            format!("jft_{}", canary("y")),
        ];
        let mut replies = String::new();
        for token in [&good, &named] {
            let (head, body) = server.call("list_books", token).await;
            assert!(head.starts_with("HTTP/1.1 200 ") && body.contains("you said"), "{head}\n{body}");
            replies += &format!("{head}{body}");
        }
        for token in &refused {
            let (head, body) = server.call("list_books", token).await;
            assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
            replies += &format!("{head}{body}");
        }
        let requests: String = upstream.take().iter().map(|request| request.to_text()).collect();
        assert!(requests.contains("/books") && !requests.to_ascii_lowercase().contains("authorization"));
        // Audit records of reads are written in batches, after a short delay.
        let is_complete =
            |tail: &str| ["#reader", "token:ci", "not_authenticated"].iter().all(|part| tail.contains(part));
        let tail = (0..100).map(|_| server.run(&["audit", "tail"]).1).find(|tail| is_complete(tail));
        let tail = tail.expect("the audit has the records of all callers");
        let (_, listed) = server.run(&["token", "list"]);
        assert!(listed.contains("ci"), "{listed}");
        let (log, folder) = server.stop();
        assert!(log.contains("a token was refused"), "{log}");
        let files = content(folder.path());
        let places = [
            replies.into_bytes(),
            requests.into_bytes(),
            tail.into_bytes(),
            listed.into_bytes(),
            log.into_bytes(),
            files,
        ];
        for (at, place) in places.iter().enumerate() {
            assert_eq!(leaks(place), [] as [String; 0], "place {at}");
            for part in good.split('.').chain([named.as_str(), &named[4..]]) {
                let found =
                    place.windows(20).any(|window| part.as_bytes().windows(20).any(|it| it == window));
                assert!(!found, "place {at} has a part of a token");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn named_token_is_created_used_and_revoked_by_commands() {
    let server = TokenServer::start(&["--http-auth", "named-tokens", "--scope", "books"], &[]);
    let (token, said) = server.run(&["token", "add", "ci", "--expires", "7", "--scopes", "books more"]);
    assert!(said.contains("the token `ci` expires on"), "{said}");
    let token = token.trim();
    assert!(server.list(Some(token)).await.0.starts_with("HTTP/1.1 200 "));
    let (_, again) = server.run(&["token", "add", "ci"]);
    assert!(again.contains("token revoke ci") && !again.contains("jft_"), "{again}");
    let (other, _) = server.run(&["token", "add", "other"]);
    let (head, _) = server.list(Some(other.trim())).await;
    assert!(head.starts_with("HTTP/1.1 403 ") && head.contains("scope=\"books\""), "{head}");
    let (listed, _) = server.run(&["token", "list"]);
    assert!(listed.contains("books more") && listed.contains("no scopes"), "{listed}");
    server.run(&["token", "revoke", "ci"]);
    let (head, _) = server.list(Some(token)).await;
    assert!(head.starts_with("HTTP/1.1 401 ") && head.contains("unknown or revoked"), "{head}");
    let (_, gone) = server.run(&["token", "revoke", "ci"]);
    assert!(gone.contains("there is no token `ci`"), "{gone}");
    let (head, _) = server.list(None).await;
    assert!(head.starts_with("HTTP/1.1 401 ") && !head.contains("resource_metadata"), "{head}");
}

#[test]
fn contradicting_server_options_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let issuer = ["--issuer", "https://id.example.com"];
    for (options, why) in [
        (&["--scope", "a"][..], "`--scope` needs `--issuer URL`"),
        (&["--audience", "a", "--http-auth", "named-tokens"], "`--audience` needs `--issuer URL`"),
        (&[issuer[0], issuer[1], "--http-auth", "none"], "cannot be combined with --http-auth none"),
        (&[issuer[0], issuer[1], "--http-token-file", "t"], "cannot be combined with --http-token-file"),
        (&[issuer[0], issuer[1], "--scope", "a b"], "takes one scope"),
        (&[issuer[0], issuer[1], "--public-url", "https://shop.example.com"], "has to end with /mcp"),
        (&[issuer[0], "http://id.example.com"], "not protected by TLS"),
    ] {
        let words = [&["serve", "--http", "127.0.0.1:0"], options].concat();
        let output = bookshop(folder.path(), &words, &[]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(why), "{options:?}: {said}");
    }
    for (options, why) in [
        (&[][..], "every caller needs an individual token: add --issuer URL"),
        (&issuer[..], "add --tls-cert"),
        (&["--http-auth", "named-tokens"], "add --tls-cert"),
    ] {
        let words = [&["serve", "--http", "0.0.0.0:0"], options].concat();
        let output = bookshop(folder.path(), &words, &[]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(why), "{options:?}: {said}");
    }
}
