//! The official SDKs as clients of third-party servers: every feature of tests/mcp_servers/features.json gives the same answer directly
//! and through the gateway.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use support::{Site, are_servers_installed, servers};
use tempfile::TempDir;

/// Each client: its interpreter, its script, and the era of its handshake.
const CLIENTS: [(&str, &str, &str); 3] = [
    ("node", "client.mjs", "legacy"),
    ("venv/bin/python", "client.py", "legacy"),
    // This client uses revision 2026-07-28 with the gateway, even if the server behind the gateway is older.
    ("venv/bin/python", "client.py", "auto"),
];

/// The number of seconds after which a client is killed.
const LONGEST: &str = "120";

/// Members of results that the gateway sets itself, or that revision 2026-07-28 adds.
const OWN_MEMBERS: [&str; 4] = ["cacheScope", "nextCursor", "resultType", "ttlMs"];
/// The members of a tool that the gateway passes on. The gateway sets the annotations itself.
const OF_TOOLS: [&str; 7] = ["_meta", "description", "icons", "inputSchema", "name", "outputSchema", "title"];

/// A server, and the folder with its files.
struct Fixture {
    name: &'static str,
    root: TempDir,
    page: String,
}

impl Fixture {
    fn new(name: &'static str) -> Self {
        Self { name, root: tempfile::tempdir().unwrap(), page: serve_page() }
    }

    /// Returns the folder of the server's files, which is not the folder of the gateway.
    fn files(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("files")
    }

    /// Creates the files again, so that each run starts with the same files.
    fn reset(&self) {
        let files = self.files();
        let _ = fs::remove_dir_all(&files);
        fs::create_dir_all(files.join("c")).unwrap();
        fs::write(files.join("a.txt"), "one\ntwo\n").unwrap();
        fs::write(files.join("b.png"), [137, 80, 78, 71, 0, 255]).unwrap();
        if self.name == "git" {
            for words in
                [&["init", "-q", "-b", "main"][..], &["add", "a.txt"], &["commit", "-q", "-m", "First"]]
            {
                let mut git = Command::new("git");
                let git = git.args(words).current_dir(&files).envs(self.variables());
                assert!(git.status().unwrap().success(), "{words:?}");
            }
            fs::write(files.join("a.txt"), "one\n2\n").unwrap();
        }
    }

    /// Returns the environment variables of the server. They also fix the times of git commits.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let file = |name: &str| self.files().join(name).display().to_string();
        match self.name {
            "memory" => vec![("MEMORY_FILE_PATH", file("memory.json"))],
            "git" => vec![
                ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z".to_owned()),
                ("GIT_AUTHOR_EMAIL", "ada@example.com".to_owned()),
                ("GIT_AUTHOR_NAME", "Ada".to_owned()),
                ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z".to_owned()),
                ("GIT_COMMITTER_EMAIL", "ada@example.com".to_owned()),
                ("GIT_COMMITTER_NAME", "Ada".to_owned()),
                ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
                ("HOME", file("")),
            ],
            _ => Vec::new(),
        }
    }

    fn command(&self) -> Vec<String> {
        let folder = servers();
        let path = |file: &str| folder.join(file).display().to_string();
        let root = self.files().display().to_string();
        match self.name {
            "time" => vec![path("venv/bin/mcp-server-time"), "--local-timezone".to_owned(), "UTC".to_owned()],
            "git" => vec![path("venv/bin/mcp-server-git"), "--repository".to_owned(), root],
            "fetch" => {
                let words = ["--allow-private-ips", "--ignore-robots-txt"].map(str::to_owned);
                [vec![path("venv/bin/mcp-server-fetch")], words.into()].concat()
            }
            "fastmcp" => vec![path("venv/bin/python"), path("fastmcp_server.py")],
            name => {
                let file = path(&format!("node_modules/@modelcontextprotocol/server-{name}/dist/index.js"));
                let more = match name {
                    "everything" => vec!["stdio".to_owned()],
                    "filesystem" => vec![root],
                    _ => Vec::new(),
                };
                [vec!["node".to_owned(), file], more].concat()
            }
        }
    }

    /// Returns the command that runs the server without the gateway, with the same environment variables.
    fn direct(&self) -> Vec<String> {
        [bare_environment(&self.variables()), self.command()].concat()
    }

    /// Creates a gateway with the server.
    fn site(&self) -> Site {
        let mut config = format!(
            "[connectors.{}]\ncommand = {}\ntimeout = 60\ndirectory = {}\n",
            self.name,
            json!(self.command()),
            json!(self.files())
        );
        config += &format!("[connectors.{}.env]\n", self.name);
        for (name, value) in self.variables() {
            config += &format!("{name} = {}\n", json!(value));
        }
        Site::of(&config)
    }

    fn steps(&self) -> Vec<Value> {
        let text = fs::read_to_string(servers().join("features.json")).unwrap();
        let text = text.replace("$ROOT", &self.files().display().to_string()).replace("$PAGE", &self.page);
        let all: Value = serde_json::from_str(&text).unwrap();
        all[self.name].as_array().unwrap().clone()
    }
}

/// Returns an `env` command that sets only PATH and these variables.
fn bare_environment(variables: &[(&str, String)]) -> Vec<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let set = variables.iter().map(|(name, value)| format!("{name}={value}"));
    ["env".to_owned(), "-i".to_owned(), format!("PATH={path}")].into_iter().chain(set).collect()
}

/// Starts a web server with one page, and returns its URL.
fn serve_page() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut first, mut line) = (String::new(), String::new());
            let _ = reader.read_line(&mut first);
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                line.clear();
            }
            let (status, body) = match first.contains("/page") {
                true => (
                    "200 OK",
                    "<html><title>A page</title><body><h1>Head</h1><p>Text &amp; more.</p></body></html>",
                ),
                false => ("404 Not Found", "none"),
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
        }
    });
    url
}

/// Runs a client against a command, and returns its answers.
fn answers(
    client: (&str, &str, &str),
    folder: &Path,
    command: &[String],
    names: (&str, &str),
    steps: &[Value],
) -> Vec<Value> {
    let (program, script, mode) = client;
    let program = if program.contains('/') {
        servers().join(program).display().to_string()
    } else {
        program.to_owned()
    };
    // The client's answers to questions of servers.
    let answers = json!({
        "roots": [{ "uri": "file:///srv/ada", "name": "home" }],
        "form": { "name": "Ada", "check": true, "color": "green", "integer": 7, "number": 3.5, "birthdate": "2001-02-03" },
    });
    let plan = json!({
        "command": command, "folder": folder, "mode": mode, "prefix": names.0, "scheme": names.1, "steps": steps,
        "answers": answers,
    });
    let mut client = Command::new("timeout");
    client.args([LONGEST, &program, script]).current_dir(servers());
    let mut client =
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    client.stdin.take().unwrap().write_all(plan.to_string().as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} {mode} {command:?}: {text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Normalizes an answer: restores the server's own names, and removes values that the gateway sets or that differ between runs.
fn normal(name: &str, step: &Value, mut answer: Value) -> Value {
    if let Some(result) = answer.as_object_mut() {
        OWN_MEMBERS.iter().for_each(|member| drop(result.remove(*member)));
        for tool in result.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
            // The gateway uses the title of a tool's annotations if the tool has no title.
            if tool["title"].is_null() {
                tool["title"] = tool["annotations"]["title"].clone();
            }
            tool.as_object_mut()
                .unwrap()
                .retain(|member, value| OF_TOOLS.contains(&member.as_str()) && !value.is_null());
        }
        for list in ["tools", "prompts", "resources", "resourceTemplates"] {
            let entries = result.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
            for entry in entries.filter_map(Value::as_object_mut) {
                if matches!(list, "tools" | "prompts") {
                    let own = entry["name"]
                        .as_str()
                        .map(|shown| shown.strip_prefix(&format!("{name}_")).unwrap_or(shown).to_owned());
                    entry.insert("name".to_owned(), own.into());
                }
                without_empty(entry);
                for argument in entry.get_mut("arguments").and_then(Value::as_array_mut).into_iter().flatten()
                {
                    argument.as_object_mut().map(without_empty);
                }
            }
        }
    }
    let mut answer = plain(name, answer);
    let result = if step["progress"] == true { &mut answer["result"] } else { &mut answer };
    // Since revision 2026-07-28, each result names its server.
    if let Some(meta) = result.get_mut("_meta").and_then(Value::as_object_mut) {
        meta.remove("io.modelcontextprotocol/serverInfo");
        if meta.is_empty() {
            result.as_object_mut().unwrap().remove("_meta");
        }
    }
    if step["do"] == "call" && result.is_object() && result.get("error").is_none() {
        result.as_object_mut().unwrap().remove("resultType");
        // An absent `isError` means false.
        let is_error = result["isError"].as_bool().unwrap_or(false);
        result["isError"] = is_error.into();
    }
    answer
}

/// Removes members whose value means the same as their absence.
fn without_empty(entry: &mut Map<String, Value>) {
    entry.retain(|member, value| match member.as_str() {
        "description" => value != "",
        "arguments" => *value != json!([]),
        _ => true,
    });
}

/// Restores the server's own URIs, normalizes numbers, and removes times.
fn plain(name: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("uri" | "uriTemplate", Value::String(uri)) => {
                        uri.strip_prefix(&format!("{name}+")).unwrap_or(&uri).into()
                    }
                    ("blob", Value::String(blob)) => {
                        let bytes = STANDARD.decode(&blob).unwrap();
                        String::from_utf8(bytes).map_or(blob.into(), |text| without_time(&text).into())
                    }
                    ("text", Value::String(text)) => without_time(&text).into(),
                    (_, value) => plain(name, value),
                };
                (key, value)
            });
            fields.collect()
        }
        Value::Array(items) => items.into_iter().map(|item| plain(name, item)).collect(),
        Value::Number(number) => json!(number.as_f64()),
        value => value,
    }
}

/// Removes the creation time from the text of a resource of server-everything.
fn without_time(text: &str) -> String {
    text.split_once(" created at ").map_or(text, |(before, _)| before).to_owned()
}

/// Compares the answers that each client gets directly and through the gateway, for all features of a server.
fn compare(name: &'static str) {
    if !are_servers_installed() {
        return;
    }
    let fixture = Fixture::new(name);
    let steps = fixture.steps();
    let mut problems = Vec::new();
    for client in CLIENTS {
        fixture.reset();
        let direct = answers(client, &fixture.files(), &fixture.direct(), ("", ""), &steps);
        fixture.reset();
        let site = fixture.site();
        let gateway = [
            bare_environment(&[("HOME", site.path().display().to_string())]),
            vec![env!("CARGO_BIN_EXE_jackfield-gateway").to_owned(), "--config".to_owned()],
            vec![site.path().join("gateway.toml").display().to_string()],
            ["serve", "--stdio", "--ask", "never"].map(str::to_owned).into(),
        ];
        let names = (format!("{name}_"), format!("{name}+"));
        let through = answers(client, &site.path(), &gateway.concat(), (&names.0, &names.1), &steps);
        assert_eq!((direct.len(), through.len()), (steps.len(), steps.len()));
        for ((step, direct), through) in steps.iter().zip(direct).zip(through) {
            let (mut expected, mut found) = (normal("", step, direct), normal(name, step, through));
            // The gateway declares every capability of a client, so a server may list more tools to it.
            if let Some(tools) = found.get_mut("tools").and_then(Value::as_array_mut) {
                let known = |tool: &Value| expected["tools"].as_array().unwrap().contains(tool);
                tools.retain(known);
            }
            // A server may send its last progress notification after the result, when the client no longer listens.
            if let (Some(one), Some(other)) = (
                expected.get_mut("progress").and_then(Value::as_array_mut),
                found.get_mut("progress").and_then(Value::as_array_mut),
            ) {
                let least = one.len().min(other.len());
                assert!(least > 0, "no progress was reported: {step}");
                one.truncate(least);
                other.truncate(least);
            }
            let differs = step["differs"].is_string();
            if (expected == found) == differs {
                let why = if differs { "no longer differs" } else { "differs" };
                problems.push(format!(
                    "{} {} {why}: {step}\n  direct  {expected}\n  through {found}",
                    client.1, client.2
                ));
            }
        }
    }
    assert!(problems.is_empty(), "{} lines\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn gateway_does_not_change_the_answers_of_the_everything_server_to_sdk_clients() {
    compare("everything");
}

#[test]
fn gateway_does_not_change_the_answers_of_the_filesystem_server_to_sdk_clients() {
    compare("filesystem");
}

#[test]
fn gateway_does_not_change_the_answers_of_the_memory_server_to_sdk_clients() {
    compare("memory");
}

#[test]
fn gateway_does_not_change_the_answers_of_the_time_server_to_sdk_clients() {
    compare("time");
}

#[test]
fn gateway_does_not_change_the_answers_of_the_git_server_to_sdk_clients() {
    compare("git");
}

#[test]
fn gateway_does_not_change_the_answers_of_the_fetch_server_to_sdk_clients() {
    compare("fetch");
}

#[test]
fn gateway_does_not_change_the_answers_of_a_fastmcp_server_to_sdk_clients() {
    compare("fastmcp");
}
