//! Runs the commands in the documentation about servers as shown there.
//!
//! In these commands, `bookshop-mcp` stands for `jackfield serve crates/connectors/bookshop`, and ports are
//! replaced by free ports of the loopback address. Each block of commands has its own state, vault and home.
//! A command that is neither run nor in [`SKIPPED`] fails the test.
#![allow(clippy::print_stdout, reason = "the test reports the commands that it runs and skips")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use crate::server::{Server, exchange};
use jackfield_testkit::{Authority, Validity};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tempfile::TempDir;

const PAGES: [&str; 6] = ["serving", "callers", "approvals", "audit", "folders", "mock"];

/// Prefixes of commands that are not run, each with the reason. A backtick marks the end of the command. A prefix
/// that matches no command fails the test.
const SKIPPED: [(&str, &str); 14] = [
    ("claude ", "a program of another vendor"),
    ("curl ", "needs curl, and the server of the line before it or a public address"),
    ("sudo ", "needs another account"),
    ("bookshop-mcp mock --port", "runs until Ctrl-C; tests/all/mock.rs starts it"),
    (
        "bookshop-mcp call get_book '{\"bookId\":\"bk_117\"}'",
        "needs the mock of the line before it; tests/all/mock.rs calls it",
    ),
    ("jackfield serve bookshop mock", "runs until Ctrl-C; tests/all/mock.rs starts a mock"),
    ("jackfield mock", "the name of the command, or a form; tests/all/mock.rs runs it"),
    ("jackfield gen`", "the name of the command"),
    ("export BOOKSHOP_", "the variables of the call after it"),
    ("RUN ", "installs packages and compiles in a container"),
    ("jackfield serve PATH --http …", "a form, not a command; `bookshop-mcp serve --http` is that form"),
    ("jackfield preview SPEC", "a form, not a command; tested with the previews"),
    ("jackfield serve`", "the name of the command"),
    ("ENTRYPOINT ", "the program of CMD, which is run"),
];

/// Commands that must be refused, with the exit code and a part of the message.
const REFUSED: [(&str, i32, &str); 3] = [
    ("bookshop-mcp approvals approve", 2, "this command needs a terminal"),
    ("bookshop-mcp approvals deny", 2, "this command needs a terminal"),
    // In the folder of the page, no tool is withheld. tests/withheld/accepting.rs tests this command with withheld tools.
    ("jackfield gen --lock-only --out bookshop --tool", 2, "no tool is withheld"),
];

/// The commands of one code block, which share a state.
struct Block {
    commands: Vec<String>,
    /// The output that the page shows for a command.
    shown: Vec<String>,
}

#[test]
fn serving_docs_commands_run_as_shown() {
    let (mut ran, mut skipped) = (0, Vec::new());
    for page in PAGES {
        let text = fs::read_to_string(repository().join(format!("docs/{page}.md"))).unwrap();
        for block in blocks(&text) {
            let place = Place::new(page);
            for (command, shown) in block.commands.iter().zip(&block.shown) {
                if let Some((begin, reason)) = SKIPPED.iter().find(|(begin, _)| {
                    command.starts_with(begin)
                        || begin.strip_suffix('`').is_some_and(|begin| command == begin)
                }) {
                    println!("SKIPPED {page}: {command} ({reason})");
                    skipped.push(*begin);
                    continue;
                }
                println!("run {page}: {command}");
                place.check(command, shown);
                ran += 1;
            }
        }
    }
    for (begin, _) in SKIPPED {
        assert!(skipped.contains(&begin), "no page has the skipped command {begin}");
    }
    println!("{ran} commands run, {} skipped", skipped.len());
    assert!(ran >= 40, "only {ran} commands were found");
}

#[test]
fn serving_docs_flags_are_in_the_help() {
    let output = Command::new(env!("CARGO_BIN_EXE_jackfield")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let known: Vec<&str> = flags(&help).collect();
    for page in PAGES {
        let text = fs::read_to_string(repository().join(format!("docs/{page}.md"))).unwrap();
        let mut of_serve = false;
        for line in text.lines() {
            let Some(row) = line.strip_prefix("| ") else { continue };
            let cell = row.split(" | ").next().unwrap();
            if !cell.contains('`') && !cell.starts_with("--") {
                of_serve = cell.contains("flag") || cell.contains("option of");
            } else if of_serve {
                for flag in flags(cell) {
                    assert!(known.contains(&flag), "{page}: `jackfield serve --help` lacks {flag}");
                }
            }
        }
        for command in blocks(&text).iter().flat_map(|block| &block.commands) {
            if let Some((_, options)) = command.split_once("bookshop-mcp serve ") {
                for flag in flags(options) {
                    assert!(known.contains(&flag), "{page}: `jackfield serve --help` lacks {flag}");
                }
            }
        }
    }
}

fn flags(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_lowercase() && c != '-').filter(|word| {
        word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    })
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns the commands of a page: from code blocks, from tables of commands, and from sentences.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    let mut in_commands = false;
    while let Some(line) = lines.next() {
        let mut block = Block { commands: Vec::new(), shown: Vec::new() };
        if let Some(language) = line.strip_prefix("```") {
            for line in lines.by_ref().take_while(|line| *line != "```") {
                let continued = block.commands.last_mut().filter(|last| last.ends_with('\\'));
                let command = match language {
                    "console" => line.strip_prefix("$ ").map(str::to_owned),
                    "sh" if !line.is_empty() => Some(line.to_owned()),
                    "ini" => line.strip_prefix("ExecStart=/usr/local/bin/").map(str::to_owned),
                    "dockerfile" => container_command(line),
                    "sh" | "json" | "js" | "nginx" | "text" | "toml" => None,
                    other => panic!("`{other}` blocks: are they commands?"),
                };
                match (continued, command) {
                    (Some(last), _) => {
                        last.pop();
                        last.push_str(line.trim_start());
                    }
                    (None, Some(command)) => {
                        block.commands.push(command);
                        block.shown.push(String::new());
                    }
                    (None, None) => {
                        if let Some(shown) = block.shown.last_mut() {
                            shown.push_str(line);
                            shown.push('\n');
                        }
                    }
                }
            }
        } else if let Some(row) = line.strip_prefix("| ") {
            let cell = row.split(" | ").next().unwrap();
            if !cell.contains('`') {
                in_commands = cell == "command";
            } else if in_commands {
                let command = cell.trim_matches('`').replace(['[', ']'], "");
                block.commands.push(format!("bookshop-mcp {command}").replace(" N", " 1"));
            }
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            block.commands.extend(spans.filter(|span| is_command(span)).map(str::to_owned));
        }
        block.shown.resize(block.commands.len(), String::new());
        if !block.commands.is_empty() {
            blocks.push(block);
        }
    }
    blocks
}

fn is_command(span: &str) -> bool {
    let programs =
        ["bookshop-mcp", "claude", "curl", "docker", "jackfield", "nginx", "podman", "sudo", "systemctl"];
    span.split_once(' ').is_some_and(|(program, _)| programs.contains(&program))
}

/// Converts the CMD of a Dockerfile to a shell command. Other lines are returned unchanged.
fn container_command(line: &str) -> Option<String> {
    if let Some(words) = line.strip_prefix("CMD ") {
        let words: Vec<String> = serde_json::from_str(words).unwrap();
        return Some(format!("bookshop-mcp {}", words.join(" ")));
    }
    ["RUN ", "ENTRYPOINT "].iter().any(|begin| line.starts_with(begin)).then(|| line.to_owned())
}

/// A simulated machine. Its home folder has a state, a vault, certificates, the rights that docs/callers.md shows, and the connector
/// `bookshop`.
struct Place {
    folder: TempDir,
    authority: Authority,
    /// The id of a waiting call's approval, for the page about approvals.
    approval: Option<String>,
}

impl Place {
    fn new(page: &str) -> Self {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new().unwrap());
        let mut place = Self { folder, authority, approval: None };
        for inner in ["bin", "tls", "run", "home/.config", "bookshop"] {
            fs::create_dir_all(place.path(inner)).unwrap();
        }
        fs::set_permissions(place.path("run"), fs::Permissions::from_mode(0o700)).unwrap();
        let certified = place.authority.certify("shop.example.com", Validity::Now).unwrap();
        for name in ["fullchain.pem", "tls.crt"] {
            fs::write(place.path("tls").join(name), &certified.certificate).unwrap();
        }
        for name in ["privkey.pem", "tls.key"] {
            fs::write(place.path("tls").join(name), &certified.key).unwrap();
            fs::set_permissions(place.path("tls").join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let callers = fs::read_to_string(repository().join("docs/callers.md")).unwrap();
        let rights = callers.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
        fs::write(place.path("rights.toml"), rights).unwrap();

        let connector = repository().join("crates/connectors/bookshop");
        let program = format!(
            "#!/bin/sh\nexec '{}' serve '{}' \"$@\"\n",
            env!("CARGO_BIN_EXE_jackfield"),
            connector.display()
        );
        fs::write(place.path("bin/bookshop-mcp"), program).unwrap();
        fs::set_permissions(place.path("bin/bookshop-mcp"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::copy(repository().join("specs/bookshop.yaml"), place.path("bookshop/openapi.yaml")).unwrap();
        let toml = "document = \"openapi.yaml\"\nname = \"bookshop\"\n";
        fs::write(place.path("bookshop/connector.toml"), toml).unwrap();
        fs::copy(connector.join("jackfield.lock"), place.path("bookshop/jackfield.lock")).unwrap();
        match page {
            "approvals" => place.approval = Some(place.waiting_call()),
            "audit" => {
                Server::start(place.shell("bookshop-mcp serve --http 127.0.0.1:8700 --audit on")).stop();
            }
            _ => {}
        }
        place
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    /// Returns the shell command with the addresses and files of the simulated machine.
    fn shell(&self, command: &str) -> Command {
        let tls = format!("{}/", self.path("tls").display());
        let mut command = command
            .replace("127.0.0.1:8700", "127.0.0.1:0")
            .replace("0.0.0.0:8443", "127.0.0.1:0")
            .replace("0.0.0.0:9464", "127.0.0.1:0")
            .replace("https://id.example.com", "http://127.0.0.1:9")
            .replace(" /etc/bookshop/", &format!(" {tls}"))
            .replace(" /tls/", &format!(" {tls}"));
        if let Some(approval) = &self.approval {
            command = command.replace("1f0c6b2a9d3e4f58", approval).replace(" ID", &format!(" {approval}"));
        }
        let path = format!("{}:{}", self.path("bin").display(), crate::path_of_shell());
        let mut shell = Command::new("sh");
        // `exec` replaces the shell, so that a signal reaches the server.
        shell.args(["-c", &format!("exec {command}")]).current_dir(self.folder.path()).env("PATH", path);
        shell.env("HOME", self.path("home")).env("XDG_RUNTIME_DIR", self.path("run"));
        shell.env("JACKFIELD_STATE", self.path("state")).env("JACKFIELD_VAULT", self.path("vault"));
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }

    fn check(&self, command: &str, shown: &str) {
        if command.contains(" --http ") {
            let server = Server::start(self.shell(command));
            check_health(&server, &self.authority);
            let (status, log) = server.stop();
            assert!(status.success(), "{status}: {command}\n{log}");
            return;
        }
        let output = self.run(command);
        let told = String::from_utf8_lossy(&output.stderr);
        match REFUSED.iter().find(|(begin, ..)| command.starts_with(begin)) {
            Some((_, code, part)) => {
                assert_eq!(output.status.code(), Some(*code), "{command}\n{told}");
                assert!(told.contains(part), "{command}\n{told}");
            }
            None => assert!(output.status.success(), "{command}\n{told}"),
        }
        if command.starts_with("ls ") {
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(printed.split_whitespace().eq(shown.split_whitespace()), "{command}\n{printed}");
        }
    }

    /// Runs a command. Its stdin contains a credential, for commands that ask for one.
    fn run(&self, command: &str) -> Output {
        let mut child = self.shell(command).spawn().unwrap();
        // A command that does not read stdin may have ended already.
        let _ = child.stdin.take().unwrap().write_all(b"placeholder-credential\n");
        child.wait_with_output().unwrap()
    }

    /// Calls `remove_book`, and returns the id of the approval for which the call waits.
    fn waiting_call(&self) -> String {
        let stored = self.run("bookshop-mcp auth set bookshopToken");
        assert!(stored.status.success(), "{stored:?}");
        let command =
            "bookshop-mcp serve --http 127.0.0.1:8700 --ask destroy --credentials service --http-auth none";
        let server = Server::start(self.shell(command));
        let body = concat!(
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","#,
            r#""params":{"name":"remove_book","arguments":{"bookId":"bk_0117"}}}"#
        );
        let reply = exchange(
            TcpStream::connect(server.address()).unwrap(),
            &format!(
                "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
                 Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
                server.address(),
                body.len()
            ),
        );
        server.stop();
        let (_, rest) = reply.split_once("as approval `").unwrap_or_else(|| panic!("{reply}"));
        rest.split('`').next().unwrap().to_owned()
    }
}

fn check_health(server: &Server, authority: &Authority) {
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let reply = if let Some(path) = server.url.strip_prefix("unix://") {
        exchange(UnixStream::connect(path).unwrap(), request)
    } else {
        let stream = TcpStream::connect(server.address()).unwrap();
        if server.url.starts_with("https://") {
            let request = request.replace("localhost", "shop.example.com:8443");
            exchange(tls(authority, stream), &request)
        } else {
            exchange(stream, request)
        }
    };
    assert!(reply.starts_with("HTTP/1.1 200 ") && reply.contains("ok"), "{}\n{reply}", server.log);
}

fn tls(authority: &Authority, stream: TcpStream) -> impl Read + Write {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "shop.example.com".try_into().unwrap();
    rustls::StreamOwned::new(rustls::ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}
