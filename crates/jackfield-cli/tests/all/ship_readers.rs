//! Tests that third-party programs can read the packages of `jackfield ship` and start their programs.
//! tests/ship/README.md says how to install these programs. If a program is missing, its test is skipped with a
//! report, or fails if JACKFIELD_REQUIRE_SHIP is set.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::packaged::{files, header_only, jackfield, repository};
use crate::ship_programs::{CLAUDE, CLAUDE_VARIABLES, installed, not_installed};
use jackfield_testkit::{schema_problems, skipped};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

const URL: &str = "https://github.com/acme/shop/releases/download/v0.1.0/shop.mcpb";

/// A connector and its packages. Their program is only a header.
struct Shipped {
    folder: TempDir,
    name: &'static str,
}

impl Shipped {
    fn of(name: &'static str, document: &Path) -> Self {
        let shipped = Self { folder: tempfile::tempdir().unwrap(), name };
        fs::write(shipped.path("program"), header_only()).unwrap();
        shipped.jackfield(&["new", &document.to_string_lossy(), "--name", name, "--out", name, "--yes"]);
        shipped.ship("program", "dist", &[]);
        shipped
    }

    /// Makes packages with `program`.
    fn ship(&self, program: &str, out: &str, more: &[&str]) {
        let named = format!("io.github.acme/{}", self.name);
        let image = format!("ghcr.io/acme/{}:0.1.0", self.name);
        let words = ["ship", self.name, "--binary", program, "--out", out, "--author", "Acme"];
        let places = ["--registry-name", &named, "--image", &image, "--bundle-url", URL];
        let all: &[&str] = if more.contains(&"--only") { &[] } else { &places };
        self.jackfield(&[&words[..], all, more].concat());
    }

    fn jackfield(&self, words: &[&str]) {
        let output = jackfield(self.folder.path(), words);
        assert!(output.status.success(), "{words:?}\n{}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read_by_all(&self) {
        self.ship("program", "again", &[]);
        assert_eq!(files(&self.path("dist")), files(&self.path("again")), "two runs differ");
        self.read_by_sha256sum();
        self.read_by_schemas();
        self.read_by_mcpb();
        self.read_by_claude();
        self.read_by_skopeo();
    }

    fn read_by_sha256sum(&self) {
        let mut command = Command::new("sha256sum");
        command.args(["--check", "--strict", "--quiet", "SHA256SUMS"]).current_dir(self.path("dist"));
        succeeds(&mut command);
    }

    /// Validates packages against the published schemas, which are not in this repository.
    fn read_by_schemas(&self) {
        let shared = shared();
        let read = |name: &str| -> Option<Value> {
            serde_json::from_slice(&fs::read(shared.join("formats").join(name)).ok()?).ok()
        };
        let (Some(registry), Some(bundle)) =
            (read("server.schema.json"), read("mcpb-manifest-v0.3.schema.json"))
        else {
            return skipped("the published schemas of packages are not there (JACKFIELD_SHARED)");
        };
        let entry: Value = serde_json::from_slice(&fs::read(self.path("dist/server.json")).unwrap()).unwrap();
        assert_eq!(schema_problems(&registry, &entry), Vec::<String>::new());
        let unzipped = Command::new("python3")
            .args([
                "-c",
                "import sys,zipfile;print(zipfile.ZipFile(sys.argv[1]).read('manifest.json').decode())",
            ])
            .arg(self.bundle())
            .output();
        let Ok(unzipped) = unzipped else { return skipped("python3 is not there") };
        let manifest: Value = serde_json::from_slice(&unzipped.stdout).unwrap();
        assert_eq!(schema_problems(&bundle, &manifest), Vec::<String>::new());
        // This shows that the check can fail.
        let wrong = json!({ "name": "shop", "description": "", "version": "1" });
        assert_ne!(schema_problems(&registry, &wrong), Vec::<String>::new());
        assert_ne!(schema_problems(&bundle, &wrong), Vec::<String>::new());
    }

    fn bundle(&self) -> PathBuf {
        self.path(&format!("dist/{}-0.1.0-linux-amd64.mcpb", self.name))
    }

    fn read_by_mcpb(&self) {
        let Some(mcpb) = installed("@anthropic-ai/mcpb/dist/cli/cli.js") else { return };
        let unpacked = self.path("unpacked");
        succeeds(node(&mcpb, &self.folder).arg("unpack").args([&self.bundle(), &unpacked]));
        let manifest = unpacked.join("manifest.json");
        succeeds(node(&mcpb, &self.folder).arg("validate").arg(&manifest));
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(&manifest, text.replace("\"entry_point\"", "\"entrypoint\"")).unwrap();
        let refused = node(&mcpb, &self.folder).arg("validate").arg(&manifest).output().unwrap();
        assert!(!refused.status.success(), "a manifest without an entry point was accepted");
    }

    fn read_by_claude(&self) {
        let Some(claude) = installed(CLAUDE) else { return };
        let plugin = self.path("dist/plugin");
        succeeds(node(&claude, &self.folder).args(["plugin", "validate", "--strict"]).arg(plugin));
        // The packages are made again with a real program. Claude Code starts it as a plugin, and also with the entry for this client.
        let opt = self.folder.path().to_string_lossy().into_owned();
        let program = serving_program();
        self.ship(&program, "served", &["--only", "plugin,bundle,clients", "--unpacked-in", &opt]);
        let list = |command: &mut Command| {
            let printed = succeeds(command.args(["mcp", "list"]));
            let line = printed.lines().find(|line| line.contains(self.name));
            let line = line.unwrap_or_else(|| panic!("{} is not listed:\n{printed}", self.name));
            assert!(line.ends_with("Connected"), "{printed}");
        };
        let plugin = self.path("served/plugin");
        list(
            node(&claude, &self.folder)
                .args(["--settings", &filled_in(&plugin)])
                .arg("--plugin-dir")
                .arg(plugin),
        );
        let archive = self.path(&format!("served/{}-0.1.0-linux-amd64.tar.gz", self.name));
        succeeds(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&opt));
        let home = tempfile::tempdir().unwrap();
        fs::copy(self.path("served/clients/claude-code.json"), home.path().join(".claude.json")).unwrap();
        list(&mut node(&claude, &home));
    }

    fn read_by_skopeo(&self) {
        if !Command::new("skopeo").arg("--version").output().is_ok_and(|it| it.status.success()) {
            return not_installed("skopeo");
        }
        let image = format!("oci:{}", self.path("dist/image").display());
        let shown: Value =
            serde_json::from_str(&succeeds(Command::new("skopeo").args(["inspect", &image]))).unwrap();
        assert_eq!((&shown["Os"], &shown["Architecture"]), (&json!("linux"), &json!("amd64")));
        assert_eq!(shown["Layers"].as_array().map(Vec::len), Some(1));
        let label = &shown["Labels"]["io.modelcontextprotocol.server.name"];
        assert_eq!(label, &json!(format!("io.github.acme/{}", self.name)));
        // Copying the image reads every blob and verifies its digest.
        let copy = format!("dir:{}", self.path("copied").display());
        succeeds(Command::new("skopeo").args(["--insecure-policy", "copy", "--quiet", &image, &copy]));
        let blobs = files(&self.path("dist/image/blobs/sha256"));
        let (digest, layer) = blobs.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
        assert_eq!(&fs::read(self.path("copied").join(digest)).unwrap(), layer);
    }
}

/// Returns settings that give Claude Code a value for every required field of a plugin. If a value is missing, Claude Code does not start
/// the server.
fn filled_in(plugin: &Path) -> String {
    let manifest = fs::read(plugin.join(".claude-plugin/plugin.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let forms = manifest["userConfig"].as_object().cloned().unwrap_or_default();
    let required = forms.into_iter().filter(|(_, form)| form["required"] == true);
    let options: Map<String, Value> = required.map(|(key, _)| (key, json!("placeholder"))).collect();
    let name = format!("{}@inline", manifest["name"].as_str().unwrap());
    json!({ "pluginConfigs": { name: { "options": options } } }).to_string()
}

/// Returns the path of the `jackfield` program that packages contain.
fn serving_program() -> String {
    let program = std::env::var_os("JACKFIELD_STATIC_PROGRAM");
    program.unwrap_or_else(|| OsString::from(env!("CARGO_BIN_EXE_jackfield"))).into_string().unwrap()
}

fn shared() -> PathBuf {
    std::env::var_os("JACKFIELD_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from)
}

/// Returns a command that runs a Node.js program with an empty home folder and without an account.
fn node(program: &Path, home: &TempDir) -> Command {
    let mut command = Command::new("node");
    command.arg(program).current_dir(home).env_clear().env("HOME", home.path());
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs(CLAUDE_VARIABLES);
    command
}

fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}\n{stdout}\n{stderr}");
    stdout.into_owned()
}

#[test]
fn other_programs_read_the_packages_of_the_bookshop() {
    Shipped::of("bookshop", &repository().join("specs/bookshop.yaml")).read_by_all();
}

#[test]
fn other_programs_read_the_packages_of_stripe() {
    Shipped::of("stripe", &repository().join("specs/stripe.yaml")).read_by_all();
}

#[test]
fn other_programs_read_the_packages_of_github() {
    let places = [repository().join("specs/github.yaml"), shared().join("corpus/github.json")];
    match places.iter().find(|place| place.is_file()) {
        Some(document) => Shipped::of("github", document).read_by_all(),
        None => skipped("no document of GitHub is there (JACKFIELD_SHARED)"),
    }
}
