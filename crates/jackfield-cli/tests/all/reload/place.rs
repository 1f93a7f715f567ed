//! A folder that is served, and its clients over stdio.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use jackfield_testkit::{Client, Handshake};
use tempfile::TempDir;

pub(crate) const DOCUMENT: &str = "\
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

pub(crate) const ANOTHER: &str =
    "  /people:\n    get: { operationId: listPeople, responses: { '200': { description: Done. } } }\n";

/// A folder that `jackfield serve` serves.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) server: String,
}

impl Place {
    pub(crate) fn new(server: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), server: server.to_owned() };
        fs::create_dir(place.path("desk")).unwrap();
        fs::write(place.path("desk/connector.toml"), "document = \"desk.yaml\"\nname = \"desk\"\n").unwrap();
        place.write(DOCUMENT);
        place.lock(&["--accept-origin", server]);
        place
    }

    pub(crate) fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    pub(crate) fn write(&self, document: &str) {
        let text = document.replace("SERVER", &self.server);
        fs::write(self.path("new"), text).unwrap();
        fs::rename(self.path("new"), self.path("desk/desk.yaml")).unwrap();
    }

    pub(crate) fn lock(&self, more: &[&str]) {
        let said = self.run(&[&["gen", "--lock-only", "--out", "desk"], more].concat(), "");
        assert!(said.status.success(), "{said:?}");
    }

    /// Changes the document and the lock atomically, so that a server sees either both changes or neither.
    pub(crate) fn write_accepted(&self, document: &str) {
        let next = self.path("next");
        fs::create_dir_all(&next).unwrap();
        for file in ["connector.toml", "jackfield.lock"] {
            fs::copy(self.path("desk").join(file), next.join(file)).unwrap();
        }
        fs::write(next.join("desk.yaml"), document.replace("SERVER", &self.server)).unwrap();
        let said = self.run(&["gen", "--lock-only", "--out", "next"], "");
        assert!(said.status.success(), "{said:?}");
        for file in ["jackfield.lock", "desk.yaml"] {
            fs::rename(next.join(file), self.path("desk").join(file)).unwrap();
        }
    }

    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let path = |inner| self.path(inner).display().to_string();
        [("JACKFIELD_VAULT", path("vault")), ("JACKFIELD_STATE", path("state"))]
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        command.current_dir(self.folder.path()).env_remove("DESK_TOKEN").envs(self.variables());
        command
    }

    pub(crate) fn run(&self, words: &[&str], typed: &str) -> Output {
        let mut command = self.command();
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read stdin may have ended already.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Starts a server over stdio. Returns a client, and the server's process id.
    pub(crate) async fn client(&self, token: Option<&str>) -> (Client, String) {
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

pub(crate) fn hang_up(pid: &str) {
    assert!(Command::new("kill").args(["-HUP", pid]).status().unwrap().success());
}

pub(crate) async fn names(client: &Client) -> Vec<String> {
    let mut names: Vec<String> =
        client.tools().await.unwrap().iter().map(|tool| tool.name.to_string()).collect();
    names.sort();
    names
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while !holds().await {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("{what}"));
}
