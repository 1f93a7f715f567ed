//! Tests `jackfield config` as a process: the printed entry, and the changes of a client's file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A home folder that contains the bookshop's connector.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let shop = home.path("bookshop");
        fs::create_dir(&shop).unwrap();
        fs::copy(root.join("specs/bookshop.yaml"), shop.join("bookshop.yaml")).unwrap();
        fs::write(shop.join("connector.toml"), "document = \"bookshop.yaml\"\nname = \"bookshop\"\n")
            .unwrap();
        let made = home.run(&["gen", "--lock-only", "--yes", "--out", "bookshop"], &[]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        command.args(words).current_dir(self.path("")).env_clear().env("HOME", self.path(""));
        command.envs(variables.iter().copied()).output().unwrap()
    }

    /// Runs a command that has to succeed, and returns its stdout and stderr.
    fn ok(&self, words: &[&str], variables: &[(&str, &str)]) -> (String, String) {
        let out = self.run(words, variables);
        let [text, told] =
            [&out.stdout, &out.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert!(out.status.success(), "{words:?}: {text}{told}");
        (text, told)
    }

    fn fails(&self, words: &[&str], code: i32) -> String {
        let out = self.run(words, &[]);
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{words:?}: {told}");
        told
    }
}

#[test]
fn config_prints_a_command_that_writes_the_printed_entry() {
    let home = Home::new();
    let words = ["config", "cursor", "bookshop", "--replace", "--", "--read-only", "--rate", "60/min"];
    let (_, told) = home.ok(&words, &[]);
    let end = "config cursor --write --replace -- --read-only --rate 60/min";
    assert!(told.trim_end().ends_with(end), "{told}");
    let refused = home.fails(&["config", "cursor", "bookshop", "--http", "http://me:s3cret@x/mcp"], 2);
    assert!(!refused.contains("s3cret"), "{refused}");
}

#[test]
fn entry_of_a_connector_refers_to_credentials_but_does_not_contain_them() {
    let home = Home::new();
    let set = [("BOOKSHOP_TOKEN", "s3cret-token"), ("BOOKSHOP_BASE_URL", "http://127.0.0.1:1/v1")];
    for client in ["claude-code", "claude-desktop", "cursor", "vscode", "zed", "windsurf", "codex", "gemini"]
    {
        let (text, told) = home.ok(&["config", client, "bookshop", "--", "--read-only"], &set);
        assert!(!text.contains("s3cret") && !told.contains("s3cret"), "{client}: {text}{told}");
        assert!(text.contains("--read-only") && text.contains("serve"), "{client}: {text}");
        assert!(text.contains(home.path("bookshop").to_str().unwrap()), "{client}: {text}");
        let mentions = text.contains("BOOKSHOP_TOKEN") && text.contains("BOOKSHOP_BASE_URL");
        assert_eq!(mentions, !matches!(client, "claude-desktop" | "zed"), "{client}: {text}");
        assert!(mentions || told.contains("auth set"), "{client}: {told}");
    }
    // If no credential is set, the message names the usual variable, and the command that makes the variable unnecessary.
    let (text, told) = home.ok(&["config", "cursor", "bookshop"], &[]);
    assert!(text.contains("${env:BOOKSHOP_TOKEN}") && !text.contains("BASE_URL"), "{text}");
    assert!(
        told.contains("set for the client before it starts: BOOKSHOP_TOKEN") && told.contains("auth set"),
        "{told}"
    );
}

#[test]
fn missing_password_is_mentioned_only_if_the_user_name_is_missing_too() {
    let home = Home::new();
    let document = fs::read_to_string(home.path("bookshop/bookshop.yaml")).unwrap();
    let basic = document.replacen("scheme: bearer", "scheme: basic", 1);
    assert_ne!(basic, document);
    fs::write(home.path("bookshop/bookshop.yaml"), basic).unwrap();
    home.ok(&["gen", "--lock-only", "--yes", "--out", "bookshop"], &[]);
    let (text, told) = home.ok(&["config", "cursor", "bookshop"], &[]);
    assert!(text.contains("BOOKSHOP_USERNAME") && !text.contains("BOOKSHOP_PASSWORD"), "{text}");
    assert!(told.contains("if the service wants a password too, set BOOKSHOP_PASSWORD here"), "{told}");
    // The user name alone can be the whole credential, such as an API key.
    let (_, told) = home.ok(&["config", "cursor", "bookshop"], &[("BOOKSHOP_USERNAME", "ada")]);
    assert!(!told.contains("PASSWORD"), "{told}");
}

#[test]
fn printed_command_has_the_full_path_of_jackfield_if_no_shell_can_find_it() {
    let home = Home::new();
    let jackfield = Path::new(env!("CARGO_BIN_EXE_jackfield"));
    let told_with = |path: &str| {
        let (_, told) = home.ok(&["config", "cursor", "bookshop"], &[("PATH", path)]);
        told
    };
    let shown = jackfield.display();
    assert!(told_with("/bin").contains(&format!("{shown} serve bookshop config cursor --write")));
    let told = told_with(jackfield.parent().unwrap().to_str().unwrap());
    assert!(told.contains("to write it there: jackfield serve bookshop config"), "{told}");
}

#[test]
fn command_in_the_entry_starts_the_server_from_any_folder() {
    let home = Home::new();
    let (text, _) = home.ok(&["config", "cursor", "bookshop"], &[]);
    let entry: Value = serde_json::from_str(&text).unwrap();
    let entry = &entry["mcpServers"]["bookshop"];
    let args = entry["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    let mut command = Command::new(entry["command"].as_str().unwrap());
    let out = command.args(args).arg("tools").current_dir("/").env_clear().output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("get_book"), "{out:?}");
}

#[test]
fn undo_restores_the_client_file_that_config_changed() {
    let home = Home::new();
    fs::create_dir(home.path(".cursor")).unwrap();
    let file = home.path(".cursor/mcp.json");
    let before =
        "{\n  // mine\n  \"mcpServers\": { \"other\": { \"url\": \"https://example.com/mcp\" } }\n}\n";
    fs::write(&file, before).unwrap();
    let (text, _) = home.ok(&["config", "cursor", "bookshop", "--write"], &[]);
    assert!(text.contains(&format!("added `bookshop` to {}", file.display())), "{text}");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("// mine") && written.contains("\"bookshop\""), "{written}");
    let (text, _) = home.ok(&["config", "cursor", "bookshop", "--write"], &[]);
    assert!(text.contains("nothing was changed"), "{text}");
    // The printed command undoes the change.
    let (text, _) = home.ok(&["config", "cursor", "bookshop", "--undo"], &[]);
    assert!(text.starts_with("restored"), "{text}");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    assert!(home.fails(&["config", "cursor", "bookshop", "--undo"], 1).contains("nothing to undo"));
}

#[test]
fn project_and_file_options_choose_the_written_file() {
    let home = Home::new();
    home.ok(&["config", "claude-code", "bookshop", "--project", "--write"], &[]);
    assert!(home.path(".mcp.json").is_file());
    home.ok(&["config", "claude-code", "bookshop", "--project", "--undo"], &[]);
    assert!(!home.path(".mcp.json").exists());
    let http = [
        "config",
        "codex",
        "bookshop",
        "--http",
        "http://127.0.0.1:8700/mcp",
        "--file",
        "codex.toml",
        "--name",
        "shop",
    ];
    let (_, told) = home.ok(&[&http[..], &["--write"]].concat(), &[]);
    assert!(told.contains("BOOKSHOP_HTTP_TOKEN is not set here"), "{told}");
    let text = fs::read_to_string(home.path("codex.toml")).unwrap();
    let expected = "[mcp_servers.shop]\nurl = \"http://127.0.0.1:8700/mcp\"\nbearer_token_env_var = \"BOOKSHOP_HTTP_TOKEN\"\n";
    assert_eq!(text, expected);
}

#[test]
fn config_refuses_a_malformed_url_or_a_url_with_a_password() {
    let home = Home::new();
    for (url, problem) in
        [("ftp://a", "give the URL"), ("http://u:p@a/mcp", "without a password"), ("a b", "not a URL")]
    {
        assert!(home.fails(&["config", "cursor", "bookshop", "--http", url], 2).contains(problem), "{url}");
    }
}

#[test]
fn config_refuses_an_unreadable_file_and_an_entry_of_another_program() {
    let home = Home::new();
    fs::write(home.path("a.json"), "{\n  \"mcpServers\": {,}\n}").unwrap();
    let told = home.fails(&["config", "cursor", "bookshop", "--file", "a.json", "--write"], 2);
    assert!(told.contains("a.json:2:18"), "{told}");
    fs::write(home.path("b.json"), "{\"mcpServers\":{\"bookshop\":{\"command\":\"mine\"}}}").unwrap();
    let told = home.fails(&["config", "cursor", "bookshop", "--file", "b.json", "--write"], 2);
    assert!(told.contains("--replace"), "{told}");
    home.ok(&["config", "cursor", "bookshop", "--file", "b.json", "--write", "--replace"], &[]);
    let told = home.fails(&["config", "cursor", "bookshop", "--project", "--undo"], 1);
    assert!(told.contains("nothing to undo"), "{told}");
}
