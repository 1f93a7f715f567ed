//! `jackfield serve` while its files change: calls, announcements, credentials and approvals.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;

use jackfield_runtime::{Approvals, SqliteStore};
use jackfield_testkit::{Answer, Client, Handshake, Upstream, canary};
use serde_json::{Value, json};
use tempfile::TempDir;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Incident Desk, version: '1' }
servers: [{ url: SERVER }]
components: { securitySchemes: { desk: { type: http, scheme: bearer } } }
security: [{ desk: [] }]
paths:
  /incidents:
    get: { operationId: listIncidents, responses: { '200': { description: Done. } } }
    post: { operationId: createIncident, responses: { '200': { description: Done. } } }
";

const ANOTHER: &str =
    "  /people:\n    get: { operationId: listPeople, responses: { '200': { description: Done. } } }\n";

/// A folder that `jackfield serve` serves.
struct Place {
    folder: TempDir,
    server: String,
}

impl Place {
    fn new(server: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), server: server.to_owned() };
        fs::create_dir(place.path("desk")).unwrap();
        fs::write(place.path("desk/connector.toml"), "document = \"desk.yaml\"\nname = \"desk\"\n").unwrap();
        place.write(DOCUMENT);
        place.lock(&["--accept-origin", server]);
        place
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    fn write(&self, document: &str) {
        let text = document.replace("SERVER", &self.server);
        fs::write(self.path("new"), text).unwrap();
        fs::rename(self.path("new"), self.path("desk/desk.yaml")).unwrap();
    }

    fn lock(&self, more: &[&str]) {
        let said = self.run(&[&["gen", "--lock-only", "--out", "desk"], more].concat(), "");
        assert!(said.status.success(), "{said:?}");
    }

    fn variables(&self) -> [(&'static str, String); 2] {
        let path = |inner| self.path(inner).display().to_string();
        [("JACKFIELD_VAULT", path("vault")), ("JACKFIELD_STATE", path("state"))]
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        command.current_dir(self.folder.path()).env_remove("DESK_TOKEN").envs(self.variables());
        command
    }

    fn run(&self, words: &[&str], typed: &str) -> Output {
        let mut command = self.command();
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read stdin may have ended already.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// A client of a server over stdio, and the server's process id.
    async fn client(&self, token: Option<&str>) -> (Client, String) {
        let (desk, pid) = (self.path("desk").display().to_string(), self.path("pid").display().to_string());
        let program = env!("CARGO_BIN_EXE_jackfield");
        let words = ["-c", "echo $$ >\"$0\"; exec \"$@\"", &pid, program, "serve", &desk, "--ask", "never"];
        let variables = self.variables();
        let mut env: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        env.extend(token.map(|token| ("DESK_TOKEN", token)));
        let client = Client::spawn_as(Handshake::Legacy, "/bin/sh".as_ref(), &words, &env).await.unwrap();
        let pid = fs::read_to_string(pid).unwrap().trim().to_owned();
        (client, pid)
    }
}

fn hang_up(pid: &str) {
    assert!(Command::new("kill").args(["-HUP", pid]).status().unwrap().success());
}

async fn names(client: &Client) -> Vec<String> {
    let mut names: Vec<String> =
        client.tools().await.unwrap().iter().map(|tool| tool.name.to_string()).collect();
    names.sort();
    names
}

/// Waits until a condition holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while !holds().await {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changed_document_applies_to_new_calls_and_not_to_running_calls() {
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let upstream = Upstream::start(move |request| {
        if request.path() == "/incidents" {
            let wait = || gate.lock().unwrap().recv_timeout(Duration::from_secs(60));
            let _ = tokio::task::block_in_place(wait);
        }
        Answer::json(200, &json!({ "path": request.path() }))
    });
    let upstream = upstream.await.unwrap();
    let place = Place::new(&upstream.base_url());
    let (client, pid) = place.client(Some("secret")).await;
    let client = Arc::new(client);
    assert_eq!(names(&client).await, ["create_incident", "list_incidents"]);
    let running = tokio::spawn({
        let client = Arc::clone(&client);
        async move { client.call("list_incidents", json!({})).await }
    });
    until("the call is sent", async || !upstream.requests().is_empty()).await;

    place.write(
        &(DOCUMENT.replace("  /incidents:", "  /reports:").replace("listIncidents", "listReports") + ANOTHER),
    );
    hang_up(&pid);
    client.list_changes(1).await.unwrap();
    assert_eq!(names(&client).await, ["create_incident", "list_people", "list_reports"]);
    let reports = client.call("list_reports", json!({})).await.unwrap();
    assert!(format!("{reports:?}").contains("/reports"), "{reports:?}");
    assert!(client.call("list_incidents", json!({})).await.is_err(), "the tool is gone");
    release.send(()).unwrap();
    let ended = running.await.unwrap().unwrap();
    assert!(format!("{ended:?}").contains("/incidents"), "{ended:?}");
    assert!(
        client.stderr().contains("serving the changed files (3 tools, 2 added, 1 removed)"),
        "{}",
        client.stderr()
    );

    // Without a signal, a change is noticed after two checks found the same file.
    place.write(DOCUMENT);
    client.list_changes(2).await.unwrap();
    assert_eq!(names(&client).await, ["create_incident", "list_incidents"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unservable_files_are_reported_once_and_the_previous_files_stay_served() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let place = Place::new(&upstream.base_url());
    let (client, pid) = place.client(Some("secret")).await;
    let toml = fs::read_to_string(place.path("desk/connector.toml")).unwrap();
    let told = |client: &Client| client.stderr().matches("the changed files are not served").count();
    let mut count = 0;
    for (file, text, problem) in [
        ("desk.yaml", "openapi: 3.0.3\npaths: {{{\n".to_owned(), "desk.yaml"),
        (
            "desk.yaml",
            DOCUMENT.replace("SERVER", "https://evil.example.net"),
            "--accept-origin https://evil.example.net",
        ),
        ("connector.toml", toml.replace("desk\"\n", "other\"\n"), "the connector is called other now"),
        ("connector.toml", format!("{toml}renmae = 1\n"), "renmae"),
    ] {
        place.write(DOCUMENT);
        fs::write(place.path("desk").join(file), text).unwrap();
        hang_up(&pid);
        count += 1;
        until("the problem is told", async || told(&client) == count).await;
        assert!(client.stderr().contains(problem), "{problem}\n{}", client.stderr());
        assert_eq!(names(&client).await, ["create_incident", "list_incidents"]);
        // Unchanged files are not read again.
        hang_up(&pid);
        until("nothing has changed", async || {
            client.stderr().matches("no file has changed").count() == count
        })
        .await;
        assert_eq!(told(&client), count);
        fs::write(place.path("desk/connector.toml"), &toml).unwrap();
    }
    assert!(client.call("list_incidents", json!({})).await.unwrap().is_error != Some(true));
    place.write(&(DOCUMENT.to_owned() + ANOTHER));
    hang_up(&pid);
    client.list_changes(1).await.unwrap();
    assert_eq!(names(&client).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_credential_stays_with_its_origin_when_the_document_names_another() {
    let answer = Answer::json(200, &json!({}));
    let (first, second) =
        (Upstream::answering(answer.clone()).await.unwrap(), Upstream::answering(answer).await.unwrap());
    let mut place = Place::new(&first.base_url());
    let secret = canary("desk");
    let said = place.run(&["serve", "desk", "auth", "set", "desk"], &format!("{secret}\n"));
    assert!(said.status.success(), "{said:?}");
    let (client, pid) = place.client(None).await;
    client.call("list_incidents", json!({})).await.unwrap();
    assert_eq!(first.take()[0].header("authorization"), Some(format!("Bearer {secret}").as_str()));

    // The lock does not list the new origin, so the previous document is still served.
    place.server = second.base_url();
    place.write(DOCUMENT);
    hang_up(&pid);
    until("it is refused", async || client.stderr().contains("are not served")).await;
    client.call("list_incidents", json!({})).await.unwrap();
    assert_eq!((first.take().len(), second.take().len()), (1, 0));

    // The user accepts the origin. The stored credential is still not sent there.
    place.lock(&["--accept-origin", &second.base_url()]);
    hang_up(&pid);
    client.list_changes(1).await.unwrap();
    let called = client.call("list_incidents", json!({})).await.unwrap();
    assert_eq!(called.is_error, Some(true), "{called:?}");
    let text = format!("{called:?}");
    assert!(text.contains("--origin") && !text.contains(&secret), "{text}");
    assert_eq!((first.take().len(), second.take().len()), (0, 0));
    assert!(!client.stderr().contains(&secret));
}

/// A server over HTTP. Dropping it ends the process.
struct Http {
    child: Child,
    address: String,
    told: Arc<Told>,
}

/// The lines on stderr after the line with the address.
#[derive(Default)]
struct Told {
    text: Mutex<String>,
    more: Condvar,
}

impl Http {
    fn start(place: &Place, more: &[&str]) -> Self {
        let mut command = place.command();
        command.args(["serve", "desk", "--http", "127.0.0.1:0", "--http-auth", "none", "--ask", "writes"]);
        command.args(more);
        command.env("DESK_TOKEN", "secret").stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines
            .find_map(|line| Some(line.strip_prefix("serving at http://")?.strip_suffix("/mcp")?.to_owned()));
        let told = Arc::<Told>::default();
        let kept = Arc::clone(&told);
        std::thread::spawn(move || {
            lines.for_each(|line| {
                *kept.text.lock().unwrap() += &format!("{line}\n");
                kept.more.notify_all();
            });
        });
        Self { child, address: address.unwrap(), told }
    }

    fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Sends a request of revision 2026-07-28.
    fn send(&self, method: &str, name: Option<&str>, mut params: Value) -> TcpStream {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let name = name.map(|name| format!("mcp-name: {name}\r\n")).unwrap_or_default();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\nmcp-method: {method}\r\n\
             {name}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn ask(&self, method: &str, name: Option<&str>, params: Value) -> Value {
        let mut answer = String::new();
        self.send(method, name, params).read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    fn call(&self, name: &str) -> Value {
        self.ask("tools/call", Some(name), json!({ "name": name, "arguments": {} }))["result"].clone()
    }

    fn names(&self) -> Vec<String> {
        let list = self.ask("tools/list", None, json!({}));
        let tools = list["result"]["tools"].as_array().unwrap();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    fn reload(&self) {
        let count = |told: &String| told.matches("serving the changed files").count();
        let told = self.told.text.lock().unwrap();
        let before = count(&told);
        hang_up(&self.pid());
        let waits = |told: &mut String| count(told) == before;
        let (told, waited) = self.told.more.wait_timeout_while(told, Duration::from_secs(60), waits).unwrap();
        assert!(!waited.timed_out(), "{told}");
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn document_change_is_announced_over_http_and_policies_still_apply() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let place = Place::new(&upstream.base_url());
    let server = Http::start(&place, &["--read-only", "--audit", "on"]);
    assert_eq!(server.names(), ["list_incidents"]);
    let wanted = json!({ "notifications": { "toolsListChanged": true } });
    let mut events =
        BufReader::new(server.send("subscriptions/listen", None, wanted)).lines().map(Result::unwrap);
    assert!(events.any(|line| line.contains("notifications/subscriptions/acknowledged")));
    server.call("list_incidents");
    place.write(
        &(DOCUMENT.to_owned()
            + ANOTHER
            + "    post: { operationId: addPerson, responses: { '200': { description: Done. } } }\n"),
    );
    server.reload();
    assert!(events.any(|line| line.contains("notifications/tools/list_changed")));
    // `--read-only` also hides the tools of the new document, and the audit continues the same chain.
    assert_eq!(server.names(), ["list_incidents", "list_people"]);
    assert_eq!(server.call("list_people")["isError"], false);
    let hidden = server.ask("tools/call", Some("add_person"), json!({ "name": "add_person" }));
    assert_eq!(hidden["error"]["code"], -32602, "{hidden}");
    assert_eq!(upstream.take().len(), 2);
    let told = server.told.text.lock().unwrap().clone();
    drop(server);
    let said = place.run(&["serve", "desk", "audit", "verify"], "");
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("records in 1 chains: unchanged"), "{said}\n{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_is_void_after_the_files_have_changed() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let place = Place::new(&upstream.base_url());
    let server = Http::start(&place, &[]);
    let approvals = Approvals::new(SqliteStore::open(&place.path("state/desk")).unwrap());
    let waiting = || {
        let result = server.call("create_incident");
        assert_eq!(result["isError"], true, "{result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        let id = text.split("approvals approve ").nth(1).unwrap_or_else(|| panic!("{text}"));
        id.chars().take_while(char::is_ascii_hexdigit).collect::<String>()
    };
    let first = waiting();
    approvals.decide(&first, true, "fern").unwrap().unwrap();
    assert_eq!(server.call("create_incident")["isError"], false);
    assert_eq!(upstream.take().len(), 1);

    let second = waiting();
    // Another tool changes. The document is the same for the tool that waits for approval.
    place.write(&(DOCUMENT.to_owned() + ANOTHER));
    server.reload();
    approvals.decide(&second, true, "fern").unwrap().unwrap();
    let third = waiting();
    assert_ne!(second, third);
    assert_eq!(upstream.take().len(), 0);
    approvals.decide(&third, true, "fern").unwrap().unwrap();
    assert_eq!(server.call("create_incident")["isError"], false);
    assert_eq!(upstream.take().len(), 1);
}
