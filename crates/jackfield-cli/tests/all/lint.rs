//! Tests `jackfield lint`. Each code is documented. For each code, there is a test document with the finding, and a corrected twin without
//! it. Each fix removes its finding.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jackfield_build::model::{Code, Fix};
use jackfield_build::{Job, Manifest, Shown};
use jackfield_cli::lint::{Profile, lint};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint")
}

/// Returns the codes that docs/lint.md explains.
fn documented() -> Vec<Code> {
    let text = fs::read_to_string(folder().join("../../../../docs/lint.md")).expect("the fixture is valid");
    let heads = text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::trim);
    let codes = heads.filter_map(|head| Code::ALL.iter().copied().find(|code| code.as_str() == head));
    // Only lists of published servers have this finding; `published.rs` tests it.
    codes.filter(|code| *code != Code::FalseHint).collect()
}

/// Returns the profile whose rules report a code.
fn profile(code: Code) -> Option<Profile> {
    match code {
        Code::ToolTitle | Code::LongToolName | Code::MixedTool => Some(Profile::ClaudeDirectory),
        Code::StrictSchema => Some(Profile::OpenaiStrict),
        Code::GeminiSchema | Code::GeminiName => Some(Profile::Gemini),
        Code::LongList => Some(Profile::SmallContext),
        _ => None,
    }
}

/// A connector in a temporary folder.
struct Connector {
    folder: tempfile::TempDir,
    manifest: String,
}

impl Connector {
    fn of(stem: &str) -> Self {
        let read = |ending: &str| fs::read_to_string(folder().join(format!("{stem}.{ending}")));
        let folder = tempfile::tempdir().expect("the fixture is valid");
        // Documents contain `@@` within credentials, so that scanners of repositories do not report them.
        fs::write(
            folder.path().join("api.yaml"),
            read("yaml").expect("the fixture is valid").replace("@@", ""),
        )
        .expect("the fixture is valid");
        let choices = read("toml").unwrap_or_default();
        let manifest = format!("document = \"api.yaml\"\nname = \"shop\"\n{choices}");
        Self { folder, manifest }
    }

    fn found(&self, code: Code) -> Vec<Shown> {
        let path = self.folder.path().join("connector.toml");
        fs::write(&path, &self.manifest).expect("the fixture is valid");
        let job = Job::new(Manifest::read(&path).expect("connector.toml is valid"));
        let profiles: Vec<Profile> = profile(code).into_iter().collect();
        let found = lint(&job, &profiles, &[]).expect("the connector can be read");
        found.into_iter().filter(|shown| shown.diagnostic.code == code).collect()
    }

    /// Pastes fixes into connector.toml, or into an overlay.
    fn paste(&mut self, fixes: &[Fix]) {
        let mut overlay = String::new();
        for fix in fixes {
            match fix {
                Fix::Manifest { table, line } => self.manifest = pasted(&self.manifest, table, line),
                Fix::ManifestRemoval { key, .. } => {
                    let is_other = |line: &&str| line.split('=').next().unwrap_or_default().trim() != key;
                    self.manifest = self.manifest.lines().filter(is_other).collect::<Vec<_>>().join("\n");
                }
                Fix::Overlay { action } => {
                    action.lines().for_each(|line| overlay.push_str(&format!("  {line}\n")));
                }
            }
        }
        if !overlay.is_empty() {
            let text = format!("overlay: 1.0.0\ninfo: {{ title: Fixes, version: '1' }}\nactions:\n{overlay}");
            fs::write(self.folder.path().join("fixes.yaml"), text).expect("the fixture is valid");
            self.manifest = pasted(&self.manifest, "", "overlays = [\"fixes.yaml\"]");
        }
    }
}

/// Adds a line to a table, or replaces the line with the same key.
fn pasted(text: &str, table: &str, line: &str) -> String {
    let key = line.split('=').next().unwrap_or_default().trim();
    let head = format!("[{table}]");
    let (mut lines, mut here, mut is_done) = (Vec::new(), table.is_empty(), false);
    for old in text.lines() {
        if here && old.starts_with('[') && !is_done {
            lines.push(line.to_owned());
            is_done = true;
        }
        here = if old.starts_with('[') { old == head } else { here };
        if here && old.split('=').next().unwrap_or_default().trim() == key {
            continue;
        }
        lines.push(old.to_owned());
    }
    if !is_done {
        lines.extend((!here).then_some(head));
        lines.push(line.to_owned());
    }
    lines.join("\n") + "\n"
}

#[test]
fn every_lint_code_is_reported_for_its_document_but_not_for_the_clean_twin() {
    let codes = documented();
    assert!(codes.len() >= 18, "{codes:?}");
    let mut problems = Vec::new();
    for code in codes {
        let fired = Connector::of(code.as_str()).found(code);
        if fired.is_empty() {
            problems.push(format!("{code} does not fire on tests/lint/{code}.yaml"));
        }
        for shown in &fired {
            let finding = &shown.diagnostic;
            assert!(finding.place.is_some(), "{code} has no place");
            assert!(!finding.remedy.is_empty() && !finding.consequence.is_empty(), "{code}");
        }
        let clean: Vec<String> =
            Connector::of(&format!("{code}.clean")).found(code).iter().map(Shown::to_string).collect();
        if !clean.is_empty() {
            problems.push(format!("{code} fires on its clean twin: {clean:?}"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn pasted_lint_fix_removes_the_finding() {
    let mut problems = Vec::new();
    for code in documented() {
        let mut connector = Connector::of(code.as_str());
        let fixes: Vec<Fix> =
            connector.found(code).into_iter().filter_map(|shown| shown.diagnostic.fix).collect();
        connector.paste(&fixes);
        let left: Vec<String> = connector.found(code).iter().map(Shown::to_string).collect();
        if fixes.is_empty() || !left.is_empty() {
            problems.push(format!("{code} remains with {}: {left:?}", connector.manifest));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_document_in_the_lint_folder_is_named_after_a_code() {
    let codes = documented();
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or_default();
        assert!(codes.iter().any(|code| code.as_str() == stem), "{name}");
    }
}

fn run(words: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_jackfield")).args(words).current_dir(folder()).output();
    command.expect("the command can be started")
}

#[test]
fn lint_exits_with_1_for_findings_and_prints_the_fix() {
    let out = run(&["lint", "unapproved-destroy.yaml"]);
    let text = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{text}");
    for part in [
        "warning[unapproved-destroy]: `remove_book` destroys something",
        "--> unapproved-destroy.yaml:6:5",
        "= fix: in connector.toml\n      [ask]\n      removeBook = \"always\"\n",
        "1 finding\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let out = run(&["lint", "unapproved-destroy.yaml", "--allow", "unapproved-destroy"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let out = run(&["lint", "missing.yaml"]);
    assert_eq!(out.status.code(), Some(2));
    let out = run(&["lint", "unapproved-destroy.yaml", "--allow", "unaproved-destroy"]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("did you mean `unapproved-destroy`?"));
}

#[test]
fn lint_prints_findings_as_json() {
    let out = run(&["lint", "instruction-text.yaml", "--json"]);
    let text = String::from_utf8(out.stdout).unwrap();
    let found: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(found["code"], "instruction-text");
    assert_eq!(found["line"], 8);
    assert_eq!(found["fix"]["file"], "an overlay");
    assert!(found["fix"]["text"].as_str().unwrap().contains("['paths']['/books']['get']['summary']"));
}
