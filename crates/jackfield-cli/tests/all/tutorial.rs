//! Runs docs/tutorial.md from top to bottom, against a mock of the service.
//! Scripts run unchanged. For commands with output, the shown lines are compared with the printed lines. This test
//! itself sends the requests of `curl` commands, so that `curl` need not be installed. Approvals are given at a
//! pseudo terminal.
#![allow(clippy::print_stdout, reason = "the test reports the command that it skips")]

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::server::{Server, exchange};
use crate::shown::compare;
use jackfield_build::{Job, Manifest, model_of};
use jackfield_testkit::{Mock, Terminal, Upstream, skipped};
use tempfile::TempDir;

/// The address of the server on the page. The test replaces it by a free port.
const ADDRESS: &str = "127.0.0.1:8700";
/// The id of the approval on the page.
const APPROVAL: &str = "1f0c6b2a9d3e4f58";
/// The number of words that a person reads in a minute.
const WORDS: usize = 200;
/// The number of seconds that a person needs for a command.
const SECONDS: usize = 15;

/// A code block of the page.
enum Block {
    Script(String),
    /// Commands, each with the output that the page shows.
    Session(Vec<(String, Vec<String>)>),
}

#[test]
fn tutorial_runs_with_the_document_of_this_repository() {
    replay(&repository().join("specs/stripe.yaml"));
}

#[test]
fn tutorial_runs_with_the_document_of_the_service() {
    let shared =
        std::env::var_os("JACKFIELD_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from);
    let document = shared.join("corpus/stripe.yaml");
    match document.is_file() {
        true => replay(&document),
        false => skipped("the published document of Stripe is not there (JACKFIELD_SHARED)"),
    }
}

#[test]
fn tutorial_states_the_number_of_minutes_that_it_takes() {
    let page = page();
    let prose: usize = prose(&page).split_whitespace().count();
    let commands: usize = blocks(&page)
        .iter()
        .map(|block| match block {
            Block::Script(_) => 1,
            Block::Session(commands) => commands.len(),
        })
        .sum();
    let seconds = prose * 60 / WORDS + commands * SECONDS;
    let minutes = seconds.div_ceil(60);
    let said = ["six", "seven", "eight", "nine"]
        .iter()
        .position(|word| page.contains(&format!("about {word} minutes")));
    let said =
        said.map(|at| at + 6).unwrap_or_else(|| panic!("the page does not say how many minutes it takes"));
    assert_eq!(minutes, said, "{prose} words and {commands} commands take {minutes} minutes");
    assert!(minutes < 10, "{minutes}");
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let word = ["six", "seven", "eight", "nine"][minutes - 6];
    assert!(readme.contains(&format!("served connector in {word} minutes")), "the README says another time");
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn page() -> String {
    fs::read_to_string(repository().join("docs/tutorial.md")).unwrap()
}

/// Returns the text outside code blocks.
fn prose(page: &str) -> String {
    page.split("\n```").step_by(2).map(|part| format!("{part}\n")).collect()
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        blocks.push(match language {
            "sh" => Block::Script(text.to_owned()),
            "console" => {
                let mut commands: Vec<(String, Vec<String>)> = Vec::new();
                for line in text.lines() {
                    match (line.strip_prefix("$ "), commands.last_mut()) {
                        (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
                        (None, Some((_, shown))) => shown.push(line.to_owned()),
                        (None, None) => panic!("output without a command: {line}"),
                    }
                }
                Block::Session(commands)
            }
            other => panic!("`{other}` blocks: are they commands?"),
        });
    }
    blocks
}

fn replay(document: &Path) {
    let mut desk = Desk::new(document);
    let (mut scripts, mut commands) = (0, 0);
    for block in blocks(&page()) {
        match block {
            Block::Script(script) => {
                desk.script(&script);
                scripts += 1;
            }
            Block::Session(session) => {
                for (command, shown) in session {
                    let printed = desk.command(&command);
                    compare(&command, &desk.named(&shown.join("\n")), &printed);
                    commands += 1;
                }
            }
        }
    }
    assert!(scripts >= 5 && commands >= 10, "{scripts} scripts and {commands} commands were found");
    desk.check_end();
}

/// The folder, the processes and the mock of the person who follows the page.
struct Desk {
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
    variables: BTreeMap<String, String>,
    running: Option<(Upstream, Server)>,
    /// The id of the approval for which a call waits.
    approval: Option<String>,
}

impl Desk {
    fn new(document: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(document, folder.path().join("stripe.yaml")).unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        Self { folder, runtime, variables: BTreeMap::new(), running: None, approval: None }
    }

    /// Replaces the address and the approval of the page by those of this run.
    fn named(&self, text: &str) -> String {
        let address = self.running.as_ref().map_or("127.0.0.1:0", |(_, server)| server.address());
        let text = text.replace(ADDRESS, address);
        self.approval.as_ref().map_or_else(|| text.clone(), |approval| text.replace(APPROVAL, approval))
    }

    fn shell(&self, script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", script]).current_dir(self.folder.path()).env("PATH", crate::path_of_shell());
        shell.env("HOME", self.folder.path().join("home")).env("NO_COLOR", "1");
        for (variable, folder) in [("JACKFIELD_STATE", "state"), ("JACKFIELD_VAULT", "vault")] {
            shell.env(variable, self.folder.path().join(folder));
        }
        shell.env_remove("STRIPE_BASE_URL").env_remove("STRIPE_TOKEN").envs(&self.variables);
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }

    /// Runs a script. If the script starts a server, the variables that it sets are passed to the server.
    fn script(&mut self, script: &str) {
        if script.starts_with("claude ") {
            println!("SKIPPED {script}: a program of another vendor");
            return;
        }
        let Some((before, serve)) =
            script.trim_end().rsplit_once('\n').filter(|(_, last)| last.contains(" --http "))
        else {
            self.printed(&self.named(script));
            return;
        };
        for line in before.lines() {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            self.variables.insert(name.to_owned(), value.to_owned());
        }
        let manifest = Manifest::read(&self.folder.path().join("stripe/connector.toml")).unwrap();
        let mock = Mock::of(&model_of(&Job::new(manifest)).unwrap().connector);
        let upstream = self.runtime.block_on(Upstream::start(mock.responder())).unwrap();
        let mut shell = self.shell(&format!("exec {}", self.named(serve)));
        shell.env("STRIPE_BASE_URL", upstream.base_url());
        self.running = Some((upstream, Server::start(shell)));
    }

    fn printed(&self, script: &str) -> String {
        let output = self.shell(script).output().unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command, and returns its output.
    fn command(&mut self, command: &str) -> String {
        let command = self.named(command);
        if let Some(arguments) = command.strip_prefix("curl ") {
            return self.curl(arguments);
        }
        if !command.contains(" approvals approve ") {
            return self.printed(&command);
        }
        let mut terminal = Terminal::start(self.shell(&format!("exec {command}"))).unwrap();
        terminal.wait_for("[y/N] ").unwrap();
        terminal.type_line("y").unwrap();
        let (status, shown) = terminal.finish().unwrap();
        assert!(status.success(), "{shown}");
        shown.replace('\r', "")
    }

    /// Sends the request of a `curl` command, whose words the shell separates.
    fn curl(&mut self, arguments: &str) -> String {
        let words = self.printed(&format!("printf '%s\\0' {arguments}"));
        let mut words = words.split_terminator('\0');
        let (mut head, mut body, mut url) = (String::new(), String::new(), "");
        while let Some(word) = words.next() {
            match word {
                "-s" => {}
                "-H" => head.push_str(&format!("{}\r\n", words.next().unwrap())),
                "-d" => {
                    let file = words.next().unwrap().strip_prefix('@').unwrap();
                    // Like curl's `-d @FILE`, this removes line breaks.
                    body = fs::read_to_string(self.folder.path().join(file)).unwrap().replace('\n', "");
                }
                word => url = word,
            }
        }
        let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let request = format!(
            "POST /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{head}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let reply = exchange(TcpStream::connect(address).unwrap(), &request);
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        let (_, body) = reply.split_once("\r\n\r\n").unwrap();
        if let Some((_, rest)) = body.split_once("as approval `") {
            let (upstream, _) = self.running.as_ref().unwrap();
            assert!(upstream.requests().is_empty(), "the call was sent before it was approved");
            self.approval = Some(rest.split('`').next().unwrap().to_owned());
        }
        body.trim().to_owned()
    }

    /// Checks that the connector has thirty tools, and that one refund was made.
    fn check_end(mut self) {
        let inspected = self.printed("jackfield inspect stripe --json");
        let inspected: serde_json::Value = serde_json::from_str(&inspected).unwrap();
        assert_eq!(inspected["tools"].as_array().unwrap().len(), 30);
        let list = r#"{"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}"#;
        fs::write(self.folder.path().join("list.json"), list).unwrap();
        let request = "http://127.0.0.1:8700/mcp -H \"Authorization: Bearer $(cat desk.token)\" -d @list.json \
                       -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'";
        let listed = self.curl(&self.named(request));
        assert!(listed.contains("create_refund") && !listed.contains("close_dispute"), "{listed}");
        let (upstream, server) = self.running.take().unwrap();
        let (status, log) = server.stop();
        assert!(status.success(), "{log}");
        let requests = upstream.requests();
        let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v1/refunds"));
        let body = String::from_utf8(request.body.clone()).unwrap();
        let mut pairs: Vec<&str> = body.split('&').collect();
        pairs.sort_unstable();
        assert_eq!(pairs, ["amount=500", "payment_intent=pi_1", "reason=requested_by_customer"]);
        assert_eq!(request.header("authorization"), Some("Bearer sk_test_placeholder"));
    }
}
