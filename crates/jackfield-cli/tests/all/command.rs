//! Tests the output streams and the exit code of the command as a process.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn jackfield(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield"))
        .args(words)
        .current_dir(folder)
        .output()
        .expect("the command can be started")
}

fn spec(name: &str) -> String {
    repository().join("specs").join(name).display().to_string()
}

#[test]
fn json_output_has_one_finding_per_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = jackfield(&["gen", &spec("broken_parts.yaml"), "--message-format", "json"], folder.path());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (count, findings) = lines.split_last().unwrap();
    assert_eq!(count["operations"], 25);
    assert_eq!(count["emitted"].as_u64().unwrap() + count["skipped"].as_u64().unwrap(), 25);
    assert!(findings.len() > 10);
    for finding in findings {
        assert!(
            finding["code"].is_string() && finding["line"].is_u64() && finding["remedy"].is_string(),
            "{finding}"
        );
    }
}

#[test]
fn gen_writes_no_files_if_a_warning_is_denied() {
    let folder = tempfile::tempdir().unwrap();
    let out = jackfield(&["gen", &spec("broken_parts.yaml"), "--deny", "warnings"], folder.path());
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let out = jackfield(&["gen", &spec("bookshop.yaml"), "--deny", "warnings"], folder.path());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn failed_check_prints_the_difference_and_the_command_to_update_the_file() {
    let folder = tempfile::tempdir().unwrap();
    assert!(jackfield(&["gen", &spec("bookshop.yaml")], folder.path()).status.success());
    let connector = folder.path().join("bookshop-mcp");
    assert!(jackfield(&["gen", "--check"], &connector).status.success());
    let file = connector.join("src/generated/books.rs");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("Search the catalogue", "Burn the catalogue", 1)).unwrap();
    let out = jackfield(&["gen", "--check"], &connector);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8(out.stdout).unwrap();
    for part in [
        "src/generated/books.rs:",
        "- /// Burn the catalogue",
        "+ /// Search the catalogue",
        "run `jackfield gen`",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn readme_commands_are_valid_command_lines() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().filter(|line| line.starts_with("jackfield ")).collect();
    assert!(commands.len() >= 2, "the README has no commands any more");
    for line in commands {
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        if let Err(problem) = jackfield_cli::understand(&words) {
            panic!("{line}\n{problem}");
        }
    }
}

#[test]
fn base_url_flag_is_accepted_before_and_after_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let spec = spec("servers_private.yaml");
    let call = ["call", "list_files", "{}", "--dry-run"];
    let out = jackfield(&[&["preview", &spec][..], &call].concat(), folder.path());
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{said}");
    for line in [
        "http://localhost:2375 is this machine",
        "jackfield gen --accept-origin http://localhost:2375",
        "origins = [\"http://localhost:2375\"]",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let flag = ["--base-url", "http://127.0.0.1:1/v9"];
    for words in [
        [&["preview"][..], &flag, &[&spec], &call].concat(),
        [&["preview", &spec][..], &flag, &call].concat(),
        [&["preview", &spec][..], &call, &flag].concat(),
        [&["preview", &spec][..], &call, &["--base-url=http://127.0.0.1:1/v9"]].concat(),
    ] {
        let out = jackfield(&words, folder.path());
        let said = String::from_utf8(out.stdout).unwrap();
        assert!(out.status.success() && said.contains("http://127.0.0.1:1/v9/files"), "{words:?}\n{said}");
    }
    for words in [
        [&["preview", "--base-url", "ftp://x", &spec][..], &call].concat(),
        [&["preview", &spec][..], &call, &["--base-url", "https://me:pw@example.com"]].concat(),
    ] {
        let out = jackfield(&words, folder.path());
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(
            out.status.code() == Some(2) && said.contains("--base-url") && !said.contains("pw"),
            "{said}"
        );
    }
}

/// Returns the characters that a terminal would execute, or that reorder a line.
fn obeyed(text: &str) -> Vec<char> {
    let obeys = |c: &char| *c != '\n' && (c.is_control() || jackfield_build::model::is_invisible(*c));
    text.chars().filter(obeys).collect()
}

#[test]
fn terminal_escapes_in_a_document_are_escaped_in_output() {
    let folder = tempfile::tempdir().unwrap();
    // The vault refuses a scheme name with control characters, so the scheme in the document has a plain name.
    let document = std::fs::read_to_string(spec("text_controls.yaml")).unwrap();
    let hostile = document.replace("token", r#""tok\e]0;OWNED\a\e[31men""#);
    assert_ne!(hostile, document);
    std::fs::write(folder.path().join("text_controls.yaml"), hostile).unwrap();
    let controls = folder.path().join("text_controls.yaml").display().to_string();
    let values = spec("schema_invisible_values.yaml");
    let commands: &[&[&str]] = &[
        &["inspect", &controls],
        &["inspect", &controls, "--all"],
        &["inspect", &controls, "--wording", "full"],
        &["inspect", &values],
        &["gen", &controls],
        &["gen", &controls, "--out", "again", "--name", "again", "--all"],
        &["preview", &controls, "tools"],
        &["preview", &controls, "help"],
        &["preview", &controls, "auth", "status"],
        &["preview", &controls, "doctor"],
        &["preview", &controls, "call", "again", "{}"],
        &["preview", &controls, "call", "again", "{}", "--dry-run"],
        &["preview", &controls, "call", "nothing\u{1b}[31m", "{}"],
        &["preview", &values, "help"],
        &["preview", &values, "tools"],
    ];
    for words in commands {
        let out = Command::new(env!("CARGO_BIN_EXE_jackfield"))
            .args(*words)
            .current_dir(folder.path())
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("XDG_DATA_HOME", folder.path())
            .env("CLICOLOR_FORCE", "0")
            .env("NO_COLOR", "1")
            .output()
            .expect("the command can be started");
        let said = [out.stdout, out.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(!said.is_empty(), "{words:?} says nothing");
        assert!(obeyed(&said).is_empty(), "{words:?}: {said:?}");
    }
    // Generated files contain these characters only as escapes.
    for file in [
        "text-controls-mcp/src/generated/mod.rs",
        "text-controls-mcp/README.md",
        "text-controls-mcp/jackfield.lock",
    ] {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(obeyed(&text).is_empty(), "{file}");
    }
}

#[test]
fn findings_of_one_kind_are_grouped_unless_the_all_flag_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let operation = serde_json::json!({ "get": {
        "parameters": [{ "name": "Accept", "in": "header", "schema": { "type": "string" } }],
        "responses": { "204": { "description": "Done." } },
    } });
    let paths: serde_json::Map<_, _> = (0..57).map(|n| (format!("/{n}"), operation.clone())).collect();
    let document = serde_json::json!({
        "openapi": "3.0.3", "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }], "paths": paths,
    });
    std::fs::write(folder.path().join("shop.json"), document.to_string()).unwrap();
    let said = |words: &[&str]| String::from_utf8(jackfield(words, folder.path()).stderr).unwrap();
    let grouped = said(&["inspect", "shop.json"]);
    assert_eq!(grouped.matches("[ignored-parameter]").count(), 1, "{grouped}");
    assert!(
        grouped.contains("(57 times)") && grouped.contains("= and 54 more: --all shows each"),
        "{grouped}"
    );
    assert_eq!(grouped.matches("--> shop.json:").count(), 3, "{grouped}");
    let each = said(&["inspect", "shop.json", "--all"]);
    assert_eq!(each.matches("[ignored-parameter]").count(), 57, "{each}");
    let out = jackfield(&["gen", "shop.json", "--message-format", "json"], folder.path());
    assert_eq!(String::from_utf8(out.stdout).unwrap().matches("ignored-parameter").count(), 57);
}

#[test]
fn surface_auto_reports_the_chosen_surface_and_how_to_change_it() {
    let folder = tempfile::tempdir().unwrap();
    for (words, said) in [
        (&["--surface", "auto"][..], "surface auto: every tool is listed, because "),
        (&["--surface", "search"], ""),
    ] {
        let out =
            jackfield(&[&["preview"], words, &[spec("bookshop.yaml").as_str()]].concat(), folder.path());
        assert!(out.status.success(), "{words:?}");
        let text = String::from_utf8(out.stderr).unwrap();
        let note = text.lines().find(|line| line.starts_with("surface ")).unwrap_or_default();
        assert!(note.starts_with(said) && note.is_empty() == said.is_empty(), "{text}");
        assert!(said.is_empty() || note.ends_with("`--surface search` lists a search instead"), "{note}");
    }
}

#[test]
fn preview_with_an_unreadable_encoder_fails_and_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    for (surface, succeeds, said) in [
        ("search", false, "cannot read the encoder: no-model-here/model.safetensors"),
        (
            "each",
            true,
            "the encoder is not used, because clients see every tool: to let them search instead, add `--surface search`",
        ),
    ] {
        let document = spec("bookshop.yaml");
        let words = ["preview", "--surface", surface, "--encoder", "no-model-here", document.as_str()];
        let out = jackfield(&words, folder.path());
        let text = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.success(), succeeds, "{text}");
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn closed_pipe_ends_a_command_without_a_panic() {
    for words in [&["catalogue"][..], &["inspect", &spec("bookshop.yaml")]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let command = Command::new(env!("CARGO_BIN_EXE_jackfield")).args(words).stdout(writer).output();
        let out = command.unwrap();
        let told = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && !told.contains("panicked"), "{words:?}: {told}");
    }
}
