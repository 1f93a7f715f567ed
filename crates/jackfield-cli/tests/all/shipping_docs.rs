//! Runs the commands of docs/shipping.md from top to bottom. They lead from a document to a client on a machine without Rust.
//! Each block starts in the same folder, and finds the files that earlier blocks made. A command that is neither run
//! nor in [`SKIPPED`] fails the test.
#![allow(clippy::print_stdout, reason = "the test reports the commands that it runs")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::ship_programs::{CLAUDE, CLAUDE_VARIABLES, installed};
use crate::shown::compare;
use jackfield_testkit::skipped;
use tempfile::TempDir;

/// Prefixes of commands in sentences and tables that are not run, each with the reason. A prefix that matches no command fails the test.
const SKIPPED: [(&str, &str); 3] = [
    ("tar -C dist/image -cf - . \\| docker load", "needs Docker"),
    ("podman run", "needs an uploaded image"),
    ("jackfield ship", "the name of the command"),
];

/// A command, with the output that the page shows.
struct Shown {
    command: String,
    lines: String,
}

#[test]
fn shipping_docs_commands_run_as_shown() {
    let page = fs::read_to_string(repository().join("docs/shipping.md")).unwrap();
    let desk = Desk::new();
    let mut ran = 0;
    for block in blocks(&page) {
        let mut folder = desk.path("");
        for Shown { command, lines } in block {
            if let Some(into) = command.strip_prefix("cd ") {
                folder = folder.join(into);
                continue;
            }
            if command.starts_with("claude ") && !desk.has_claude {
                continue;
            }
            println!("run {command}");
            compare(&command, &desk.expected(&lines), &desk.printed(&folder, &command));
            ran += 1;
        }
    }
    assert!(ran >= 9, "only {ran} commands were found");
    desk.check_end();
}

#[test]
fn shipping_docs_commands_in_sentences_are_run_or_skipped_with_a_reason() {
    let page = fs::read_to_string(repository().join("docs/shipping.md")).unwrap();
    let programs = ["claude", "docker", "jackfield", "podman", "skopeo", "tar"];
    let prose: String = page.split("\n```").step_by(2).collect();
    let mut used = Vec::new();
    for span in prose.split('`').skip(1).step_by(2) {
        let is_command = span.split_once(' ').is_some_and(|(program, _)| programs.contains(&program));
        if is_command {
            let known = SKIPPED.iter().find(|(begin, _)| span.starts_with(begin));
            used.push(known.unwrap_or_else(|| panic!("`{span}` is neither run nor skipped")).0);
        }
    }
    for (begin, reason) in SKIPPED {
        assert!(used.contains(&begin), "the page has no command {begin} ({reason})");
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn blocks(page: &str) -> Vec<Vec<Shown>> {
    let blocks = page.split("\n```").skip(1).step_by(2);
    let read = blocks.map(|block| {
        let (language, text) = block.split_once('\n').unwrap();
        let mut commands: Vec<Shown> = Vec::new();
        for line in text.lines() {
            let command = match language {
                "console" => line.strip_prefix("$ "),
                "sh" => Some(line),
                other => panic!("`{other}` blocks: are they commands?"),
            };
            match (command, commands.last_mut()) {
                (Some(command), _) => {
                    commands.push(Shown { command: command.to_owned(), lines: String::new() });
                }
                (None, Some(last)) => last.lines.push_str(&format!("{line}\n")),
                (None, None) => panic!("output without a command: {line}"),
            }
        }
        commands
    });
    read.collect()
}

/// The folder in which the two people on the page work.
struct Desk {
    folder: TempDir,
    /// Whether a statically linked program exists. Only such a program can be in an image.
    has_image: bool,
    /// Whether Claude Code is installed. If it is not, the commands that start it are skipped.
    has_claude: bool,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(repository().join("specs/bookshop.yaml"), folder.path().join("bookshop.yaml")).unwrap();
        for inner in ["home", "bin"] {
            fs::create_dir(folder.path().join(inner)).unwrap();
        }
        let fixed = std::env::var_os("JACKFIELD_STATIC_PROGRAM").map(PathBuf::from);
        let has_image = fixed.is_some();
        if !has_image {
            skipped(
                "the image of docs/shipping.md: no statically linked jackfield is there (JACKFIELD_STATIC_PROGRAM)",
            );
        }
        let program = fixed.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_jackfield")));
        symlink(program, folder.path().join("bin/jackfield")).unwrap();
        let claude = installed(CLAUDE);
        if let Some(claude) = &claude {
            let script = format!("#!/bin/sh\nexec node '{}' \"$@\"\n", claude.display());
            fs::write(folder.path().join("bin/claude"), script).unwrap();
            fs::set_permissions(folder.path().join("bin/claude"), fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder, has_image, has_claude: claude.is_some() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn expected(&self, lines: &str) -> String {
        let lines = lines.lines().filter(|line| self.has_image || !line.starts_with("  image/"));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// Runs a command, and returns the output. The command that asks for a credential reads it from stdin.
    fn printed(&self, folder: &Path, command: &str) -> String {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", &format!("{{ {command}\n}} 2>&1")]).current_dir(folder).env_clear();
        shell.env("PATH", path).env("HOME", self.path("home")).env("NO_COLOR", "1");
        shell.env("JACKFIELD_VAULT", self.path("vault")).env("JACKFIELD_STATE", self.path("state"));
        shell.envs(CLAUDE_VARIABLES).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        // A command that does not read stdin may have ended already.
        let _ = child.stdin.take().unwrap().write_all(b"placeholder-credential\n");
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{command}\n{text}");
        text
    }

    /// Checks that the client has the server of the page, and that the client's file contains no credential.
    fn check_end(&self) {
        let text = fs::read_to_string(self.path("home/.claude.json")).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let command = file["mcpServers"]["bookshop"]["command"].as_str().unwrap();
        assert!(command.ends_with("/bookshop-0.1.0/jackfield"), "{text}");
        assert!(!text.contains("placeholder-credential"), "{text}");
        let entry = fs::read_to_string(self.path("fleet/clients/zed.json")).unwrap();
        assert!(entry.contains("\"/srv/mcp/bookshop-0.1.0/jackfield\""), "{entry}");
    }
}
