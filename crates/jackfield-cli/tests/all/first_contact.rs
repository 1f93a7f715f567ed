//! Tests the commands that a new user types, and the commands that their output suggests.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Incident Desk, version: '1' }
servers: [{ url: https://api.example.com/v1 }]
components: { securitySchemes: { my key: { type: apiKey, in: header, name: X-Key } } }
paths:
  /incidents:
    get:
      operationId: listIncidents
      tags: [incidents]
      parameters: [{ name: state, in: query, required: true, schema: { enum: [open, \"it's closed\"] } }]
      security: [{ my key: [] }]
      responses: { '204': { description: Done. } }
    post: { operationId: createIncident, tags: [incidents], responses: { '204': { description: Done. } } }
";

/// A folder with a document. The name of the folder has to be quoted in a shell.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("my api's docs")).unwrap();
        fs::write(place.path("my api's docs/desk.yaml"), DOCUMENT).unwrap();
        place
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.0.path().join(inner)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        command
            .env("PATH", crate::path_of_shell())
            .current_dir(self.0.path())
            .env("JACKFIELD_VAULT", self.path("vault"))
            .env_remove("NO_COLOR");
        command
    }

    fn run(&self, words: &[&str]) -> Said {
        Said::of(&self.command().args(words).stdin(Stdio::null()).output().unwrap())
    }

    fn run_with(&self, words: &[&str], stdin: &str) -> Said {
        let mut child = self
            .command()
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        Said::of(&child.wait_with_output().unwrap())
    }

    /// Runs a printed command in a shell, as if a user had pasted it.
    fn paste(&self, command: &str) -> Said {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command).current_dir(self.0.path()).env("PATH", crate::path_of_shell());
        Said::of(&shell.env("JACKFIELD_VAULT", self.path("vault")).stdin(Stdio::null()).output().unwrap())
    }
}

#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Returns the printed line that begins with `begin`, without indentation.
    fn line(&self, begin: &str) -> String {
        let all = format!("{}\n{}", self.out, self.err);
        let found = all.lines().map(str::trim).find(|line| line.starts_with(begin));
        found.unwrap_or_else(|| panic!("no line begins with {begin:?}: {self:?}")).to_owned()
    }
}

#[test]
fn naming_a_folder_lists_its_documents_with_a_command_for_each() {
    let place = Place::new();
    fs::write(place.path("my api's docs/notes.yaml"), "title: no document\n").unwrap();
    for command in ["gen", "inspect", "preview"] {
        let said = place.run(&[command, "my api's docs"]);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(!said.err.contains("notes.yaml"), "{said:?}");
        assert!(
            said.err.contains(r"jackfield gen 'my api'\''s docs/desk.yaml'") || command != "gen",
            "{said:?}"
        );
    }
    // If a flag has the same value as the document argument, only the document argument is replaced.
    let said = place.run(&["gen", "--out", "my api's docs", "my api's docs"]);
    let command = said.line("jackfield gen");
    assert_eq!(command, r"jackfield gen --out 'my api'\''s docs' 'my api'\''s docs/desk.yaml'");
    let said = place.run(&["inspect", "my api's docs"]);
    let pasted = place.paste(&said.line("jackfield inspect"));
    assert!(pasted.out.contains("list_incidents"), "{pasted:?}");
}

#[test]
fn naming_a_url_prints_the_command_that_fetches_it() {
    let place = Place::new();
    let said = place.run(&["gen", "https://example.com/it's/openapi.json"]);
    assert_eq!(said.code, Some(2));
    let command = said.line("jackfield gen");
    assert_eq!(command, r"jackfield gen --fetch 'https://example.com/it'\''s/openapi.json'");
    // The printed command contains all flags of the user's command.
    let said = place.run(&["gen", "https://example.com/openapi.json", "--out", "my desk", "--name", "desk"]);
    let command = said.line("jackfield gen");
    assert_eq!(command, "jackfield gen --fetch https://example.com/openapi.json --out 'my desk' --name desk");
}

#[test]
fn fetch_refuses_private_addresses_and_passwords() {
    let place = Place::new();
    let said = place.run(&["gen", "--fetch", "http://127.0.0.1:9/openapi.json"]);
    assert!(said.code == Some(2) && said.err.contains("private address"), "{said:?}");
    let said = place.run(&["inspect", "--fetch", "https://user:hunter2@example.com/openapi.json"]);
    assert!(said.code == Some(2) && !said.err.contains("hunter2"), "{said:?}");
}

#[test]
fn connector_of_a_document_on_stdin_is_named_after_its_title() {
    let place = Place::new();
    let said = place.run_with(&["gen", "-"], DOCUMENT);
    assert_eq!(said.code, Some(0), "{said:?}");
    let manifest = fs::read_to_string(place.path("incident-desk-mcp/connector.toml")).unwrap();
    assert!(manifest.contains("document = \"openapi.yaml\""), "{manifest}");
    assert_eq!(fs::read_to_string(place.path("incident-desk-mcp/openapi.yaml")).unwrap(), DOCUMENT);
    let said = place.run(&["gen", "--check", "--out", "incident-desk-mcp"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = place.run_with(&["inspect", "-", "--json"], DOCUMENT);
    assert!(said.out.contains("listIncidents"), "{said:?}");
    let said = place.run_with(&["preview", "-", "tools"], DOCUMENT);
    assert!(said.out.contains("list_incidents"), "{said:?}");
}

#[test]
fn document_is_found_without_its_extension_and_a_typo_gets_a_suggestion() {
    let place = Place::new();
    fs::create_dir(place.path("specs")).unwrap();
    fs::write(place.path("specs/desk.yaml"), DOCUMENT).unwrap();
    assert_eq!(place.run(&["inspect", "desk"]).code, Some(0));
    let said = place.run(&["inspect", "specs/dsk.yaml"]);
    assert!(said.err.contains("did you mean specs/desk.yaml?"), "{said:?}");
}

#[test]
fn document_copy_works_in_a_moved_connector_and_can_be_updated() {
    let place = Place::new();
    let said = place.run(&["gen", "my api's docs/desk.yaml"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("builds only on this machine"), "{said:?}");
    // Moving the connector simulates a fresh clone, in which only the connector's own files exist, at another path.
    fs::create_dir(place.path("elsewhere")).unwrap();
    fs::rename(place.path("desk-mcp"), place.path("elsewhere/desk-mcp")).unwrap();
    fs::rename(place.path("my api's docs"), place.path("docs")).unwrap();
    let check = place.run(&["gen", "--check", "--out", "elsewhere/desk-mcp"]);
    assert_eq!(check.code, Some(0), "{check:?}");

    fs::write(
        place.path("docs/desk.yaml"),
        DOCUMENT.replace("    post: { operationId: createIncident", "    patch: { operationId: openIncident"),
    )
    .unwrap();
    let said = place.run(&["gen", "docs/desk.yaml", "--out", "elsewhere/desk-mcp"]);
    assert!(said.code == Some(0) && said.out.contains("changed desk.yaml"), "{said:?}");
    let lock = fs::read_to_string(place.path("elsewhere/desk-mcp/jackfield.lock")).unwrap();
    assert!(lock.contains("open_incident"), "{lock}");
    let check = place.run(&["gen", "--check", "--out", "elsewhere/desk-mcp"]);
    assert_eq!(check.code, Some(0), "{check:?}");
}

#[test]
fn gen_copies_referenced_files_with_their_folder_structure() {
    let place = Place::new();
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/refs_across_files/main.yaml");
    let said = place.run(&["gen", &specs.display().to_string(), "--name", "refs", "--out", "refs"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let manifest = fs::read_to_string(place.path("refs/connector.toml")).unwrap();
    assert!(manifest.contains("document = \"document/main.yaml\""), "{manifest}");
    let attributes = fs::read_to_string(place.path("refs/.gitattributes")).unwrap();
    assert!(attributes.ends_with("/document/** -text\n"), "{attributes}");
    let check = place.run(&["gen", "--check", "--out", "refs"]);
    assert_eq!(check.code, Some(0), "{check:?}");
    let said = place.run(&["gen", &specs.display().to_string(), "--out", "refs"]);
    assert!(said.out.contains("nothing changed"), "{said:?}");
}

#[test]
fn gen_with_the_link_option_does_not_copy_the_document() {
    let place = Place::new();
    let said = place.run(&["gen", "my api's docs/desk.yaml", "--link"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!place.path("desk-mcp/desk.yaml").exists());
    let manifest = fs::read_to_string(place.path("desk-mcp/connector.toml")).unwrap();
    assert!(manifest.contains("document = \"../my api's docs/desk.yaml\""), "{manifest}");
}

#[test]
fn gen_of_a_connector_toml_creates_the_missing_files_of_the_crate() {
    let place = Place::new();
    let folder = place.path("my api's docs");
    let choice = "document = \"desk.yaml\"\nname = \"desk\"\ninclude = [\"listIncidents\"]\n";
    fs::write(folder.join("connector.toml"), choice).unwrap();
    let said = place.run(&["gen", "my api's docs/connector.toml"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(fs::read_to_string(folder.join("connector.toml")).unwrap(), choice);
    for file in ["Cargo.toml", "src/main.rs", "src/generated/incidents.rs", "jackfield.lock"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let main = fs::read_to_string(folder.join("src/main.rs")).unwrap();
    assert!(main.contains("desk_mcp"), "{main}");
    // The printed path can be pasted into a shell.
    let pasted = place.paste(&format!("{} && pwd", said.line("cd ")));
    assert!(pasted.out.trim_end().ends_with("my api's docs"), "{pasted:?}");
    assert_eq!(place.run(&["gen", "--check", "--out", "my api's docs"]).code, Some(0));
}

#[test]
fn error_about_a_typo_in_connector_toml_suggests_the_nearest_spelling() {
    let place = Place::new();
    for (choice, near) in [
        ("include = [\"listIncident\"]", "did you mean `listIncidents`?"),
        ("include = [\"list_incident\"]", "did you mean `list_incidents`?"),
        ("exclude = [\"tag:incident\"]", "did you mean `tag:incidents`?"),
        ("[rename]\nListIncident = \"find\"", "did you mean `listIncidents`?"),
        ("[effect]\ncreate_incidnt = \"write\"", "did you mean `create_incident`?"),
        ("[effect]\ncreateIncident = \"wriite\"", "did you mean `write`?"),
        ("includes = [\"listIncidents\"]", "did you mean `include`?"),
    ] {
        let text = format!("document = \"my api's docs/desk.yaml\"\n{choice}\n");
        fs::write(place.path("connector.toml"), text).unwrap();
        let said = place.run(&["inspect", "connector.toml"]);
        assert!(said.code == Some(2) && said.err.contains(near), "{choice}: {said:?}");
    }
}

#[test]
fn mistyped_command_suggests_the_nearest_command() {
    let place = Place::new();
    let document = "my api's docs/desk.yaml";
    for (words, near) in [
        (&["inspct", document][..], "inspect"),
        (&["gen", document, "--chek"], "--check"),
        (&["preview", document, "--wordng", "full"], "--wording"),
        (&["preview", document, "tolls"], "tools"),
        (&["preview", document, "call", "listIncidents"], "list_incidents"),
    ] {
        let said = place.run(words);
        assert!(said.code == Some(2) && said.err.contains(near), "{words:?}: {said:?}");
    }
}

#[test]
fn inspect_shows_operation_ids() {
    let place = Place::new();
    let said = place.run(&["inspect", "my api's docs/desk.yaml"]);
    assert!(
        said.out.lines().any(|line| line.split_whitespace().eq(["list_incidents", "listIncidents"])),
        "{said:?}"
    );
    let said = place.run(&["inspect", "my api's docs/desk.yaml", "--json"]);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["tools"][0]["operationId"], "listIncidents");
    assert_eq!(json["tools"][0]["route"], "GET /incidents");
}

/// Runs the commands that lead from a document to its first call, as they are printed.
#[test]
fn printed_commands_from_a_document_to_the_first_call_can_be_pasted() {
    let place = Place::new();
    let document = "my api's docs/desk.yaml";
    let shown = place.run(&["preview", "--name", "desk", document, "tools", "list_incidents"]);
    let example = shown.line("jackfield preview");
    assert!(example.ends_with("--dry-run"), "{example}");
    let refused = place.paste(example.trim_end_matches(" --dry-run"));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    // The remedy for the missing credential is executed.
    let remedy = refused.err.split('`').find(|part| part.contains("auth set")).unwrap_or_default().to_owned();
    let kept = place.paste(&format!("printf abc | {remedy}"));
    assert_eq!(kept.code, Some(0), "{remedy}\n{kept:?}");
    let request = place.paste(&example);
    assert!(
        request.code == Some(0)
            && request.out.starts_with("GET https://api.example.com/v1/incidents?state=open"),
        "{request:?}"
    );
}

#[test]
fn call_reads_arguments_from_stdin_and_files() {
    let place = Place::new();
    let words = ["preview", "--name", "desk", "my api's docs/desk.yaml", "call", "create_incident"];
    let with = |more: &[&'static str]| words.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
    let said = place.run_with(&with(&["-", "--dry-run"]), "{}\n");
    assert!(said.out.starts_with("POST https://api.example.com/v1/incidents"), "{said:?}");
    fs::write(place.path("a.json"), "[]").unwrap();
    let said = place.run(&with(&["@a.json"]));
    assert!(said.code == Some(2) && said.err.contains("a.json have to be a JSON object"), "{said:?}");
}

#[test]
fn output_to_a_pipe_has_no_colours() {
    let place = Place::new();
    let document = "my api's docs/desk.yaml";
    let mut command = place.command();
    command.args(["preview", "--name", "desk", document, "call", "create_incident"]);
    // This URL has no server, so a warning is logged.
    let said = Said::of(
        &command.env("DESK_BASE_URL", "http://127.0.0.1:9").env("DESK_LOG", "debug").output().unwrap(),
    );
    assert!(said.err.contains("WARN"), "{said:?}");
    assert!(!said.err.contains('\u{1b}'), "{said:?}");
    let served = place.run(&["preview", document]);
    assert!(!served.err.contains("Ctrl-D") && served.out.is_empty(), "{served:?}");
    assert_eq!(served.code, Some(0), "the server did not end when its input ended: {served:?}");
}

#[test]
fn inspect_of_many_tools_explains_how_to_choose_tools() {
    let place = Place::new();
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/stripe.yaml");
    let said = place.run(&["inspect", spec]);
    assert!(said.out.contains("In connector.toml, choose the tools that the model needs"), "{said:?}");
    let include = said.line("include = ");
    assert_eq!(place.run(&["gen", spec, "--out", "stripe"]).code, Some(0));
    let manifest = fs::read_to_string(place.path("stripe/connector.toml")).unwrap();
    let (connector, rest) = manifest.split_once('\n').unwrap();
    fs::write(place.path("stripe/connector.toml"), format!("{connector}\n{include}\n{rest}")).unwrap();
    let chosen = place.run(&["inspect", "stripe"]);
    assert_eq!(chosen.code, Some(0), "{chosen:?}");
}
