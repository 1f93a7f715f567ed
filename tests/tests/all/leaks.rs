//! Credentials never appear in the output, files or logs of a connector, even if its calls fail.
//!
//! Every credential is a canary. Connectors run as separate processes with all logs on, and the service echoes requests in every way it
//! can.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use jackfield_testkit::{Answer, Recorded, Upstream, canary, leaks};
use jackfield_tests::{SPECS, Spec};
use serde_json::{Value, json};

/// A connector with an isolated environment, which contains only the variables below.
struct World {
    spec: &'static Spec,
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl World {
    fn new(spec: &'static Spec) -> Self {
        let mut world = Self { spec, folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        world.set("JACKFIELD_VAULT", &world.folder.path().join("vault").display().to_string());
        world.set(&world.named("LOG"), "trace");
        world
    }

    fn named(&self, suffix: &str) -> String {
        format!("{}_{suffix}", self.spec.name.replace('-', "_").to_uppercase())
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Runs a command, and returns its output.
    fn run(&self, words: &[&str], input: &str) -> String {
        let mut child = Command::new(env!("CARGO_BIN_EXE_connector"))
            .arg(self.spec.name)
            .args(words)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read stdin may have exited already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    /// Runs a command, checks its output for credentials, and returns the output.
    fn run_tight(&self, words: &[&str], input: &str) -> String {
        let said = self.run(words, input);
        let leaked = leaks(said.as_bytes());
        assert!(leaked.is_empty(), "{} {words:?}: {leaked:#?}", self.spec.file);
        said
    }

    /// Returns the credential fields of the connector's schemes: scheme, field, variable.
    fn texts(&self) -> Vec<[String; 3]> {
        let status = self.run(&["auth", "status", "--json"], "");
        let end = status.rfind(']').map_or(0, |at| at + 1);
        let schemes: Vec<Value> = serde_json::from_str(&status[..end]).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let of = |scheme: &Value| {
            let name = text(&scheme["scheme"]);
            let texts = scheme["texts"].as_array().cloned().unwrap_or_default();
            texts.into_iter().map(move |it| [name.clone(), text(&it["text"]), text(&it["variable"])])
        };
        schemes.iter().flat_map(of).collect()
    }

    /// Calls the tools of the connector, from a shell and over MCP.
    fn call_around(&self) {
        let mut input = String::new();
        let hello = json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
            },
        });
        input.push_str(&format!("{hello}\n"));
        input.push_str("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
        let mut seen = BTreeSet::new();
        for tool in self.spec.connector.tools() {
            // One call for each way to authenticate is enough.
            if seen.insert(format!("{:?}", tool.alternatives())) {
                self.run_tight(&["call", tool.name(), "{}"], "");
                self.run_tight(&["call", tool.name(), "{}", "--dry-run"], "");
                let call = json!({
                    "jsonrpc": "2.0", "id": seen.len(), "method": "tools/call",
                    "params": { "name": tool.name(), "arguments": {} },
                });
                input.push_str(&format!("{call}\n"));
            }
        }
        input.push_str("{\"jsonrpc\":\"2.0\",\"id\":\"list\",\"method\":\"tools/list\"}\n");
        self.run_tight(&[], &input);
    }
}

/// Echoes the request in every part of a response.
fn echo(status: u16) -> impl Fn(&Recorded) -> Answer + Send + Sync + 'static {
    move |request| {
        let head = request.to_text();
        let one_line = head.replace(['\r', '\n'], " ");
        let answer =
            Answer::json(status, &json!({ "you said": head, one_line.as_str(): [one_line.as_str()] }));
        answer
            .header("x-request-id", &one_line)
            .header("www-authenticate", &format!("Bearer error=\"{one_line}\""))
    }
}

fn secured() -> impl Iterator<Item = &'static Spec> {
    SPECS.iter().filter(|spec| spec.connector.tools().any(|tool| !tool.alternatives().is_empty()))
}

#[tokio::test(flavor = "multi_thread")]
async fn output_and_logs_contain_no_credential() {
    let found = Upstream::start(echo(200)).await.unwrap();
    let refused = Upstream::start(echo(401)).await.unwrap();
    let broken = Upstream::start(echo(500)).await.unwrap();
    let elsewhere = format!("{}/x?{}", found.base_url().replace("127.0.0.1", "localhost"), "k=1");
    let moved = Upstream::answering(Answer::empty(307).header("location", &elsewhere)).await.unwrap();
    let gone = Upstream::answering(Answer::hang_up()).await.unwrap();
    let bases = [
        found.base_url(),
        refused.base_url(),
        broken.base_url(),
        moved.base_url(),
        gone.base_url(),
        found.base_url().replace("http://", "https://"),
        "http://127.0.0.1:1".to_owned(),
    ];
    let mut secrets = 0;
    for spec in secured() {
        let mut world = World::new(spec);
        for [scheme, text, variable] in world.texts() {
            secrets += 1;
            world.set(&variable, &canary(&format!("{scheme}-{text}")));
        }
        for base in &bases {
            world.set(&world.named("BASE_URL"), base);
            world.call_around();
            world.run_tight(&["doctor"], "");
        }
        for words in
            [&["help"][..], &["tools"], &["tools", "--json"], &["auth"], &["auth", "status", "--json"]]
        {
            world.run_tight(words, "");
        }
    }
    assert!(secrets > 3, "the documents have only {secrets} credentials");
    let arrived =
        found.requests().iter().filter(|request| !leaks(request.to_text().as_bytes()).is_empty()).count();
    assert!(arrived > 3, "only {arrived} requests had a credential");
}

#[tokio::test(flavor = "multi_thread")]
async fn vault_of_a_connector_contains_no_credential_in_plain_text() {
    let upstream = Upstream::start(echo(200)).await.unwrap();
    let mut kept = 0;
    for spec in secured() {
        let mut world = World::new(spec);
        world.set(&world.named("BASE_URL"), &upstream.base_url());
        for [scheme, text, _] in world.texts() {
            kept += 1;
            let secret = canary(&format!("{scheme}-{text}"));
            let said = world.run_tight(&["auth", "set", &scheme, &text], &format!("{secret}\n"));
            assert!(said.contains("stored in the vault"), "{said}");
        }
        world.call_around();
        world.run_tight(&["auth", "rotate-key"], "");
        world.run_tight(&["auth", "status"], "");
        assert_tight(&world.folder.path().join("vault"));
        world.run_tight(&["auth", "logout"], "");
        assert_tight(&world.folder.path().join("vault"));
    }
    assert!(kept > 3, "only {kept} credentials were stored");
    assert!(!upstream.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn call_with_a_damaged_vault_sends_nothing() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let mut world = World::new(secured().find(|spec| spec.name == "bookshop").unwrap());
    world.set(&world.named("BASE_URL"), &upstream.base_url());
    world.run_tight(&["auth", "set"], &canary("kept"));
    let call = ["call", "list_orders", "{}"];
    world.run_tight(&call, "");
    assert_eq!(upstream.take().len(), 1);

    let records = world.folder.path().join("vault/records");
    let whole = std::fs::read(&records).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (damaged, what) in [(&whole[..whole.len() - 9], "cut"), (&flipped, "flipped"), (b"", "empty")] {
        std::fs::write(&records, damaged).unwrap();
        let said = world.run_tight(&call, "");
        assert!(said.contains("repair the vault") && said.contains("nothing was sent"), "{what}: {said}");
        // Later writes must not overwrite the damaged vault either.
        world.run_tight(&["auth", "set"], &canary("other"));
        assert_eq!(std::fs::read(&records).unwrap(), damaged, "{what}");
    }
    assert!(upstream.take().is_empty());
    std::fs::write(&records, &whole).unwrap();
    world.run_tight(&call, "");
    assert_eq!(upstream.take().len(), 1);
}

/// Checks that files below the folder contain no credential, and that other users cannot read them.
fn assert_tight(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_tight(&path);
            continue;
        }
        let leaked = leaks(&std::fs::read(&path).unwrap());
        assert!(leaked.is_empty(), "{}: {leaked:#?}", path.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
        }
    }
}

#[test]
fn leak_test_detects_a_deliberate_leak() {
    let spec = secured().find(|spec| spec.name == "bookshop").unwrap();
    let mut world = World::new(spec);
    world.set(&world.named("TOKEN"), &canary("planted"));
    let said = world.run(&["call", "careless", "{}"], "");
    assert!(!leaks(said.as_bytes()).is_empty(), "the deliberate leak was not found in {said}");
}
