//! An MCP client of a process over stdio, and helpers that start gateways and servers.
#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod accounts;
pub(crate) mod asking_server;
pub(crate) mod browser;
pub(crate) mod fake_issuer;
pub(crate) mod fake_server;
pub(crate) mod guarded_server;
pub(crate) mod http_gateway;
pub(crate) mod provider;
pub(crate) mod tiny_http;

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The longest time that a test waits for a condition or a message.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a condition holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        std::thread::yield_now();
    }
}

/// The lines of a stream. A thread reads the stream to its end, so that a test can wait for a line with a timeout.
pub(crate) struct Lines(Receiver<String>);

impl Lines {
    pub(crate) fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self(lines)
    }

    /// Returns the next line. Fails if none arrives before `end`.
    pub(crate) fn next(&self, end: Instant, awaited: &str) -> String {
        match self.0.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("waited {PATIENCE:?} in vain for {awaited}"),
            Err(RecvTimeoutError::Disconnected) => panic!("the process ended before {awaited}"),
        }
    }
}

/// A process that is an MCP server over stdio, and its client.
pub(crate) struct Peer {
    process: Child,
    input: Option<ChildStdin>,
    output: Lines,
    next: u64,
    /// The messages that arrived while another message was awaited.
    pub(crate) notices: Vec<Value>,
}

impl Peer {
    /// Starts a process, and sends `initialize` without capabilities.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::start_with(command, &json!({}))
    }

    /// Starts a process, and sends `initialize` with these capabilities of a client.
    pub(crate) fn start_with(command: &mut Command, capabilities: &Value) -> Self {
        Self::greeted(command, capabilities, Stdio::null())
    }

    /// Starts a process with its stderr in `log`, and sends `initialize`.
    pub(crate) fn start_with_log(command: &mut Command, log: impl Into<Stdio>) -> Self {
        Self::greeted(command, &json!({}), log)
    }

    fn greeted(command: &mut Command, capabilities: &Value, log: impl Into<Stdio>) -> Self {
        let mut peer = Self::ungreeted_with(command, log);
        let client = json!({ "name": "by hand", "version": "1" });
        peer.request(
            "initialize",
            &json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": client }),
        );
        peer.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        peer
    }

    /// Starts a process for a client of revision 2026-07-28, which sends no `initialize`.
    pub(crate) fn ungreeted(command: &mut Command) -> Self {
        Self::ungreeted_with(command, Stdio::null())
    }

    fn ungreeted_with(command: &mut Command, log: impl Into<Stdio>) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().unwrap();
        let (input, output) = (process.stdin.take(), Lines::of(process.stdout.take().unwrap()));
        Self { process, input, output, next: 0, notices: Vec::new() }
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{message}").unwrap();
        input.flush().unwrap();
    }

    /// Sends a request, and returns the whole response.
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin(method, params);
        self.answer(id)
    }

    /// Sends a request without waiting, and returns its id.
    pub(crate) fn begin(&mut self, method: &str, params: &Value) -> u64 {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.next
    }

    /// Waits for the response to a request, and returns it.
    pub(crate) fn answer(&mut self, id: u64) -> Value {
        let (end, awaited) = (Instant::now() + PATIENCE, format!("the answer to request {id}"));
        loop {
            let message = self.read_until(end, &awaited);
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.notices.push(message);
        }
    }

    /// Waits for a message with this method, such as a request of the server.
    pub(crate) fn hear(&mut self, method: &str) -> Value {
        if let Some(at) = self.notices.iter().position(|it| it["method"] == method) {
            return self.notices.remove(at);
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let message = self.read_until(end, method);
            if message["method"] == method {
                return message;
            }
            self.notices.push(message);
        }
    }

    /// Returns the next message.
    pub(crate) fn read(&mut self) -> Value {
        self.read_until(Instant::now() + PATIENCE, "a message")
    }

    fn read_until(&mut self, end: Instant, awaited: &str) -> Value {
        let line = self.output.next(end, awaited);
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", &json!({ "name": tool, "arguments": arguments }))["result"].clone()
    }

    /// Calls a tool, and returns the text of the first content block of the result.
    pub(crate) fn told(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{result}")).to_owned()
    }

    pub(crate) fn tools(&mut self) -> Vec<String> {
        let list = self.request("tools/list", &json!({}));
        let tools = list["result"]["tools"].as_array().unwrap().clone();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Closes the stdin of the process, and waits until it exits.
    pub(crate) fn end(mut self) {
        drop(self.input.take());
        until("the process ends after its input", || self.process.try_wait().unwrap().is_some());
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder with a gateway.toml, and the state of the gateway.
pub(crate) struct Site {
    folder: TempDir,
}

impl Site {
    pub(crate) fn of(config: &str) -> Self {
        // Confined programs cannot create files in a folder above the state, so the state is beside the folder of gateway.toml.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let site = Self { folder };
        for name in ["home", "site", "state"] {
            fs::create_dir(site.folder.path().join(name)).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("../state", site.path().join("state")).unwrap();
        site.configure(config);
        site
    }

    pub(crate) fn configure(&self, config: &str) {
        fs::write(self.path().join("gateway.toml"), format!("store = \"state\"\n{config}")).unwrap();
    }

    /// Returns the folder of gateway.toml.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// Copies the committed connector of the bookshop and its document into the folder `name`, and returns the folder.
    pub(crate) fn copy_bookshop(&self, name: &str) -> PathBuf {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = self.path().join(name);
        fs::create_dir(&folder).unwrap();
        for file in ["connector.toml", "jackfield.lock"] {
            let text = fs::read_to_string(repository.join("crates/connectors/bookshop").join(file)).unwrap();
            fs::write(folder.join(file), text.replace("../../../specs/", "")).unwrap();
        }
        fs::copy(repository.join("specs/bookshop.yaml"), folder.join("bookshop.yaml")).unwrap();
        folder
    }

    /// Returns the home folder of the user who runs the gateway.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Returns a command of `jackfield-gateway`. Its environment has only PATH and HOME, which is a folder of the site.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield-gateway"));
        command.args(words).current_dir(self.path()).env_clear();
        // The key of the audit is in the vault, which is below HOME.
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.home());
        command
    }

    /// Runs a command, and returns its exit code and its output.
    pub(crate) fn run(&self, words: &[&str]) -> (i32, String) {
        let Output { status, stdout, stderr } = self.command(words).output().unwrap();
        let text = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        (status.code().unwrap_or(-1), text)
    }

    /// Adds a token for an agent of gateway.toml, and returns it.
    pub(crate) fn add_token(&self, agent: &str) -> String {
        let output = self.command(&["token", "add", agent]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Starts the gateway over stdio.
    pub(crate) fn serve(&self) -> Peer {
        Peer::start(&mut self.command(&["serve", "--stdio", "--ask", "never"]))
    }
}

/// Returns a shell script of a server that answers `initialize` and `tools/list`, and then runs `after`. In `after`, the function
/// `answer ID TEXT` answers a call.
pub(crate) fn child_script(tools: &Value, after: &str) -> String {
    let server = json!({ "name": "sh", "version": "1" });
    let hello =
        json!({ "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": server });
    let say = |id: u8, result: &Value| {
        format!("printf '%s\\n' '{}'\n", json!({ "jsonrpc": "2.0", "id": id, "result": result }))
    };
    let (hello, list) = (say(1, &hello), say(2, &json!({ "tools": tools })));
    let unknown = json!({ "jsonrpc": "2.0", "id": 0, "error": { "code": -32601, "message": "unknown" } });
    let block = r#"{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}"#;
    let answer = format!("answer() {{ printf '{block}\\n' \"$1\" \"$2\"; }}\n");
    format!(
        "echo $$ >> starts\nread a\ncase \"$a\" in *server/discover*) printf '%s\\n' '{unknown}'; read a ;; esac\n{hello}read b\nread c\n{list}{answer}{after}\n"
    )
}

/// Returns the folder of the third-party servers.
pub(crate) fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mcp_servers").canonicalize().unwrap()
}

/// Whether the third-party servers are installed. Reports a skipped test if they are not.
///
/// # Panics
/// Panics if the servers are not installed and JACKFIELD_REQUIRE_MCP_SERVERS is set.
pub(crate) fn are_servers_installed() -> bool {
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|it| it.status.success());
    let are_there = ["node_modules/@modelcontextprotocol/sdk", "venv/bin/mcp-server-git", "venv/bin/fastmcp"];
    if has_node && are_there.iter().all(|file| servers().join(file).exists()) {
        return true;
    }
    let report = "the servers of tests/mcp_servers are not installed: see its README.md";
    assert!(std::env::var_os("JACKFIELD_REQUIRE_MCP_SERVERS").is_none(), "{report}");
    jackfield_testkit::skipped(report);
    false
}
