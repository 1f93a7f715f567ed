//! Tests `jackfield serve` as a process: its messages, and its errors with the commands that they suggest.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::running::{command_in, paste_in};

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Incident Desk, version: '1' }
servers: [{ url: https://api.example.com/v1 }]
components: { securitySchemes: { desk: { type: http, scheme: bearer } } }
security: [{ desk: [] }]
paths:
  /incidents:
    get: { operationId: listIncidents, responses: { '204': { description: Done. } } }
    post: { operationId: createIncident, responses: { '204': { description: Done. } } }
";

const CUSTOM: &str = "pub fn tools() -> Vec<CustomTool> {\n    vec![CustomTool::new(\"count\", count)]\n}\n";

/// A folder with a connector.toml and its document. The name of the folder has to be quoted in a shell.
struct Place(TempDir);

impl Place {
    /// Creates the folder without a lock.
    fn unlocked() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("my desk's")).unwrap();
        place.document(DOCUMENT);
        fs::write(place.path("my desk's/connector.toml"), "document = \"desk.yaml\"\nname = \"desk\"\n")
            .unwrap();
        place
    }

    fn new() -> Self {
        let place = Self::unlocked();
        assert!(place.run(&["gen", "--lock-only", "--out", "my desk's"]).status.success());
        place
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.0.path().join(inner)
    }

    fn document(&self, text: &str) {
        fs::write(self.path("my desk's/desk.yaml"), text).unwrap();
    }

    fn command(&self) -> Command {
        command_in(self.0.path())
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    /// Runs the printed line that begins with `begin` in a shell, as if a user had pasted it.
    fn paste(&self, said: &Output, begin: &str) -> Output {
        let text = err(said);
        let at = text.find(begin).unwrap_or_else(|| panic!("{begin}\n{text}"));
        let command = text[at..].split(['`', '\n']).next().unwrap();
        paste_in(self.0.path(), command)
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn folder_without_a_lock_is_served_after_the_printed_command_has_run() {
    let place = Place::unlocked();
    let said = place.run(&["serve", "my desk's"]);
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(err(&said).contains("there is no my desk's/jackfield.lock"), "{}", err(&said));
    let pasted = place.paste(&said, "jackfield gen --lock-only");
    assert!(pasted.status.success() && err(&pasted).contains("https://api.example.com"), "{pasted:?}");
    assert!(!place.path("my desk's/Cargo.toml").exists(), "the folder became a crate");
    let said = place.run(&["serve", "my desk's"]);
    assert!(said.status.success() && said.stdout.is_empty() && said.stderr.is_empty(), "{said:?}");
}

#[test]
fn serve_runs_a_command_of_the_connector_in_a_given_or_the_current_folder() {
    let place = Place::new();
    let said = place.run(&["serve", "my desk's", "tools"]);
    assert!(said.status.success() && out(&said).contains("list_incidents"), "{said:?}");
    let within =
        place.command().current_dir(place.path("my desk's")).args(["serve", "tools"]).output().unwrap();
    assert_eq!(out(&within), out(&said));
    let said = place.run(&["serve", "my desk's/connector.toml", "call", "list_incidents", "--dry-run"]);
    let said = out(&said);
    assert!(said.contains("GET https://api.example.com/v1/incidents"), "{said}");
    assert!(said.contains("authorization: Bearer <DESK_TOKEN>"), "{said}");
    let said = place.run(&["serve", "my desk's", "call", "list_incidents"]);
    assert!(err(&said).contains(r"jackfield serve 'my desk'\''s' auth set desk"), "{said:?}");
}

#[test]
fn tools_of_an_added_origin_are_withheld_until_the_printed_command_accepts_it() {
    let place = Place::new();
    place.document(&DOCUMENT.replace("api.example.com", "api.example.net"));
    let said = place.run(&["serve", "my desk's", "tools"]);
    assert!(said.status.success() && out(&said).trim().is_empty(), "{said:?}");
    assert!(err(&said).contains("2 tools are withheld until you accept what changed"), "{}", err(&said));
    assert!(err(&said).contains("--accept-origin https://api.example.net"), "{}", err(&said));
    // Other commands do not reach the new origin either.
    let doctor = place.run(&["serve", "my desk's", "doctor"]);
    assert!(!format!("{}{}", out(&doctor), err(&doctor)).contains("api.example.net"), "{doctor:?}");
    let locked = place.run(&["serve", "--locked", "my desk's"]);
    assert_eq!(locked.status.code(), Some(2), "{locked:?}");
    let pasted = place.paste(&said, "jackfield gen --lock-only");
    assert!(pasted.status.success(), "{pasted:?}");
    let said = place.run(&["serve", "my desk's", "tools"]);
    assert!(said.stderr.is_empty() && out(&said).contains("list_incidents"), "{said:?}");
}

#[test]
fn call_of_a_withheld_tool_says_why_it_is_withheld_and_how_to_accept_it() {
    let place = Place::new();
    place.document(&DOCUMENT.replace("listIncidents,", "listIncidents, description: Poisoned.,"));
    for words in [["call", "list_incidents"], ["tools", "list_incidents"]] {
        let said = place.run(&[&["serve", "my desk's"][..], &words].concat());
        assert!(!said.status.success() && said.stdout.is_empty(), "{said:?}");
        for part in [
            "there is no tool `list_incidents`; it is withheld, because its texts, arguments, credentials or requests",
            "jackfield gen --lock-only --out ",
            "--check --report",
        ] {
            assert!(err(&said).contains(part), "{part}\n{}", err(&said));
        }
        assert!(!err(&said).contains("Poisoned"), "{}", err(&said));
    }
    let inspected = out(&place.run(&["inspect", "my desk's", "--json"]));
    assert!(
        inspected.contains(r#""withheld":[{"tool":"list_incidents","because":["its texts,"#),
        "{inspected}"
    );
    let inspected = out(&place.run(&["inspect", "my desk's"]));
    assert!(
        inspected.contains("withholds until they are accepted\n  list_incidents\n    its texts,"),
        "{inspected}"
    );
    // A preview of a connector with a lock also withholds changed tools.
    let manifest = "my desk's/connector.toml";
    let said = place.run(&["preview", manifest, "tools"]);
    assert!(!out(&said).contains("list_incidents") && out(&said).contains("create_incident"), "{said:?}");
    assert!(err(&said).contains("1 tool is withheld"), "{}", err(&said));
    let said = place.run(&["preview", "--wording", "full", manifest, "tools"]);
    assert!(out(&said).contains("list_incidents"), "{said:?}");
    assert!(err(&said).contains("not compared with jackfield.lock"), "{}", err(&said));
}

#[test]
fn gen_prints_the_differences_before_the_name_of_the_accepted_lock() {
    let place = Place::new();
    place.document(&DOCUMENT.replace("listIncidents,", "listIncidents, description: Reads them.,"));
    let gen_lock = ["gen", "--lock-only", "--out", "my desk's"];
    let said = place.run(&gen_lock);
    assert!(said.status.success(), "{said:?}");
    // The earlier document was never committed, so only the digests in the locks can be compared.
    assert!(out(&said).contains("`list_incidents`: changed, digest"), "{}", out(&said));
    let (report, written) = (out(&said).find("changed, digest"), out(&said).find("jackfield.lock\n"));
    assert!(report.is_some() && report < written, "{}", out(&said));
    assert!(out(&place.run(&gen_lock)).contains("nothing changed"));
    place.document(DOCUMENT);
    let said = place.run(&[&gen_lock[..], &["--yes"]].concat());
    assert!(said.status.success() && !out(&said).contains("changed, digest"), "{said:?}");
}

#[test]
fn changed_tool_is_withheld_but_is_an_error_under_the_locked_option() {
    let place = Place::new();
    let document = DOCUMENT.replace("listIncidents,", "listIncidents, description: Reads them.,");
    place.document(&document.replace("createIncident", "addIncident"));
    let said = place.run(&["serve", "my desk's"]);
    assert!(said.status.success() && said.stdout.is_empty(), "{said:?}");
    for part in ["1 of 2 tools is withheld", "differs from jackfield.lock", "changed tool list_incidents"] {
        assert!(err(&said).contains(part), "{part}\n{}", err(&said));
    }
    // The lock keeps the name of a tool whose operationId changed.
    assert!(out(&place.run(&["serve", "my desk's", "tools"])).contains("create_incident"));
    for words in [["serve", "--locked", "my desk's"], ["serve", "my desk's", "--locked"]] {
        let said = place.run(&words);
        assert_eq!(said.status.code(), Some(2), "{said:?}");
        assert!(err(&said).contains("changed tool list_incidents"), "{}", err(&said));
    }
    assert!(place.paste(&said, "jackfield gen --lock-only").status.success());
    assert!(place.run(&["serve", "--locked", "my desk's"]).status.success());
}

#[test]
fn serve_reports_that_handwritten_tools_are_not_served() {
    let place = Place::new();
    fs::create_dir(place.path("my desk's/src")).unwrap();
    fs::write(place.path("my desk's/src/custom.rs"), CUSTOM).unwrap();
    let said = place.run(&["serve", "my desk's"]);
    assert!(said.status.success(), "{said:?}");
    assert!(err(&said).contains("src/custom.rs are not served"), "{}", err(&said));
    let empty = CUSTOM.replace("vec![CustomTool::new(\"count\", count)]", "Vec::new()");
    fs::write(place.path("my desk's/src/custom.rs"), empty).unwrap();
    assert!(place.run(&["serve", "my desk's"]).stderr.is_empty());
}

#[test]
fn serve_refuses_a_path_without_a_connector_and_prints_a_command() {
    let place = Place::new();
    fs::create_dir(place.path("docs")).unwrap();
    fs::write(place.path("docs/desk.yaml"), DOCUMENT).unwrap();
    fs::rename(place.path("my desk's"), place.path("desk")).unwrap();
    fs::copy(place.path("desk/connector.toml"), place.path("desk/other.toml")).unwrap();
    for (path, remedy) in [
        ("docs", "jackfield gen docs/desk.yaml"),
        ("docs/desk.yaml", "jackfield preview docs/desk.yaml"),
        ("desk/other.toml", "mv desk/other.toml desk/connector.toml"),
        ("dsek", "did you mean desk?"),
        ("-", "jackfield serve bookshop"),
        ("https://example.com/openapi.json", "jackfield serve bookshop"),
    ] {
        let said = place.run(&["serve", path]);
        assert_eq!(said.status.code(), Some(2), "{said:?}");
        assert!(err(&said).contains(remedy), "{path}\n{}", err(&said));
    }
    let said = place.run(&["serve", "--htp", "127.0.0.1:0", "desk"]);
    assert!(!said.status.success(), "{said:?}");
    let said = place.run(&["serve", "desk", "--htp", "127.0.0.1:0"]);
    assert!(err(&said).contains("--htp"), "{said:?}");
}

#[test]
fn help_of_serve_shows_the_options_of_a_server_without_a_folder() {
    let place = Place::new();
    let said = out(&place.run(&["serve", "--help"]));
    for part in
        ["--locked", "--http ADDR", "--surface KIND", "--audit on|off|PATH", "jackfield serve PATH help"]
    {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let said = out(&place.run(&["serve", "my desk's", "--help"]));
    assert!(said.contains("DESK_TOKEN") && said.contains(r"jackfield serve 'my desk'\''s' tools"), "{said}");
}

#[test]
fn serve_serves_a_folder_over_http() {
    let place = Place::new();
    let mut child = place
        .command()
        .args(["serve", "--http", "127.0.0.1:0", "my desk's"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Lines about the rights are printed before the address.
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut told = Vec::new();
    let is_served = lines
        .inspect(|line| told.push(line.clone()))
        .any(|line| line.starts_with("serving at http://127.0.0.1:"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_served, "{told:?}");
}
