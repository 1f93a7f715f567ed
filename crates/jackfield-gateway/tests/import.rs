//! `import` reads the files of MCP clients, expands their references, and leaves out their secrets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;

use support::Site;

/// A secret that must not reach gateway.toml.
const SECRET: &str = "canary-4f7c1d9e";

fn file(site: &Site) -> String {
    fs::read_to_string(site.path().join("gateway.toml")).unwrap_or_default()
}

/// Imports a file with these environment variables, and returns the exit code, the output and the text of gateway.toml.
fn import(name: &str, text: &str, words: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let site = Site::of("[connectors]\n");
    let path = site.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    let output =
        site.command(&[&["import", name], words].concat()).envs(variables.iter().copied()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    let after = file(&site);
    assert!(!after.contains(SECRET), "{after}");
    assert!(!told.contains(SECRET), "{told}");
    // If something was written, it is valid.
    assert_ne!(site.run(&["list"]).0, 2, "{after}");
    let after = after.replace(&site.path().display().to_string(), "SITE");
    (output.status.code().unwrap(), told, after.replace(&site.home().display().to_string(), "HOME"))
}

#[test]
fn imported_servers_of_claude_code_become_connectors_without_secrets() {
    let text = r#"{ "mcpServers": {
        "GitHub Server": { "type": "http", "url": "https://mcp.example.com/${REGION:-eu}/mcp",
            "headers": { "Authorization": "Bearer ${GITHUB_TOKEN}", "X-Org": "canary-4f7c1d9e" } },
        "time": { "command": "uvx", "args": ["mcp-server-time", "--local-timezone", "${ZONE}"],
            "env": { "TZ": "UTC", "API_KEY": "canary-4f7c1d9e", "SAME": "${SAME}", "OTHER": "${SOME_TOKEN}", "LEVEL": "${LEVEL:-info}" } },
        "literal": { "type": "http", "url": "https://b.example.com/mcp", "headers": { "authorization": "bearer canary-4f7c1d9e" } }
    } }"#;
    let (code, told, after) = import(".mcp.json", text, &[], &[("ZONE", "Europe/Paris"), ("SAME", "x")]);
    assert_eq!(code, 0, "{told}");
    let expected = r#"
[connectors.github-server]
url = "https://mcp.example.com/eu/mcp"
token = "GITHUB_TOKEN"
headers = { X-Org = "GITHUB_SERVER_X_ORG" }

[connectors.time]
command = ["uvx", "mcp-server-time", "--local-timezone", "Europe/Paris"]
pass = ["API_KEY", "SAME", "OTHER"]
env = { TZ = "UTC", LEVEL = "info" }

[connectors.literal]
url = "https://b.example.com/mcp"
token = "LITERAL_TOKEN"
"#;
    assert!(after.ends_with(expected), "{after}");
    for line in [
        "github-server: https://mcp.example.com/eu/mcp (`GitHub Server` there)",
        "GITHUB_TOKEN (not set)",
        "SAME (set here)",
        "API_KEY (not set): its value is in ",
        "OTHER (not set): the value of SOME_TOKEN",
        "LITERAL_TOKEN (not set): its value is in ",
        "look at the tools of each with `jackfield-gateway test github-server`",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn import_parses_each_file_by_the_rules_of_its_client() {
    let vscode = r#"{
        // VS Code asks the user for the value of this input.
        "inputs": [{ "id": "key", "type": "promptString", "description": "Key of the shop", "password": true }],
        "servers": {
            "shop": { "type": "http", "url": "https://shop.example.com/mcp", "headers": { "Authorization": "Bearer ${input:key}" } },
            "files": { "command": "files", "args": ["${workspaceFolder}"], "env": { "SHOP_KEY": "${input:key}" }, "cwd": "${workspaceFolder}/x" },
        },
    }"#;
    let (code, told, after) = import(".vscode/mcp.json", vscode, &[], &[]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("(VS Code)") && told.contains("SHOP_TOKEN (not set): Key of the shop"), "{told}");
    assert!(
        after.contains("command = [\"files\", \"SITE\"]\ndirectory = \"SITE/x\"\npass = [\"SHOP_KEY\"]\n"),
        "{after}"
    );
    let cursor = r#"{ "mcpServers": {
        "a": { "command": "a", "args": ["${userHome}/data"], "env": { "A_TOKEN": "${env:A_TOKEN}" } },
        "b": { "url": "https://b.example.com/mcp", "headers": { "X-Key": "${env:B_KEY}" } } } }"#;
    let (code, told, after) = import(".cursor/mcp.json", cursor, &[], &[]);
    assert_eq!(code, 0, "{told}");
    assert!(after.contains("command = [\"a\", \"HOME/data\"]\npass = [\"A_TOKEN\"]\n"), "{after}");
    assert!(after.contains("headers = { X-Key = \"B_KEY\" }"), "{after}");
    // Claude Desktop takes every value literally.
    let desktop =
        r#"{ "mcpServers": { "a": { "command": "a", "args": ["${X}"], "env": { "TZ": "${TZ}" } } } }"#;
    let (code, told, after) =
        import("claude_desktop_config.json", desktop, &[], &[("X", "1"), ("TZ", "UTC")]);
    assert_eq!(code, 0, "{told}");
    assert!(after.contains("command = [\"a\", \"${X}\"]\npass = [\"TZ\"]\n"), "{after}");
    // `--as` chooses the rules for a file with another name.
    let (code, told, _) = import("other.json", cursor, &["--as", "cursor"], &[]);
    assert!(code == 0 && told.contains("(Cursor)"), "{told}");
}

#[test]
fn import_finds_the_user_file_of_a_client_and_its_servers_for_this_project() {
    let site = Site::of("[connectors]\n");
    let here = site.path().canonicalize().unwrap();
    let text = format!(
        r#"{{ "mcpServers": {{ "one": {{ "command": "one" }} }}, "projects": {{ "{}": {{ "mcpServers": {{ "two": {{ "command": "two" }} }} }}, "/other": {{ "mcpServers": {{ "three": {{ "command": "three" }} }} }} }} }}"#,
        here.display()
    );
    fs::write(site.home().join(".claude.json"), text).unwrap();
    let output = site.command(&["import", "claude-code"]).current_dir(&here).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let after = file(&site);
    assert!(
        after.contains("[connectors.one]") && after.contains("[connectors.two]") && !after.contains("three"),
        "{after}"
    );
    // A second import does not change existing connectors.
    let (code, told) = site.run(&["import", "claude-code"]);
    assert!(
        code == 1 && told.contains("has a connector `one` already") && told.contains("was not changed"),
        "{told}"
    );
}

#[test]
fn server_that_cannot_be_imported_is_skipped_with_a_reason() {
    for (entry, expected) in [
        (
            r#"{ "command": "x", "args": ["--api-key", "canary-4f7c1d9e"] }"#,
            "its arguments contain a secret (--api-key)",
        ),
        (r#"{ "command": "x", "args": ["--key=${X_TOKEN}"] }"#, "an argument contains the secret ${X_TOKEN}"),
        (
            r#"{ "command": "x", "args": ["--header", "Authorization: Bearer canary-4f7c1d9e"] }"#,
            "its arguments contain a secret",
        ),
        (
            r#"{ "command": "x", "args": ["${UNSET}"] }"#,
            "an argument contains ${UNSET}, which is not set: set it and import again",
        ),
        (
            r#"{ "type": "http", "url": "https://me:canary-4f7c1d9e@a.example.com/mcp" }"#,
            "its URL may contain a secret",
        ),
        (
            r#"{ "type": "http", "url": "https://a.example.com/mcp?api_key=canary-4f7c1d9e" }"#,
            "its URL may contain a secret",
        ),
        (
            r#"{ "type": "http", "url": "http://a.example.com/mcp", "headers": { "Authorization": "Bearer ${T}" } }"#,
            "without encryption",
        ),
        (
            r#"{ "type": "sse", "url": "https://a.example.com/sse" }"#,
            "its transport is `sse`, which the gateway does not support",
        ),
        (r#"{ "command": "x", "disabled": true }"#, "it is disabled in the client's file"),
        (r#"{ "type": "http" }"#, "it has neither `command` nor `url`"),
        (r#"{ "command": "x", "envFile": "nowhere.env" }"#, "its envFile nowhere.env cannot be read"),
    ] {
        let text = format!(r#"{{ "mcpServers": {{ "left": {entry}, "good": {{ "command": "good" }} }} }}"#);
        let (code, told, after) = import("mcp.json", &text, &[], &[]);
        assert!(code == 1 && told.contains("not added:") && told.contains(expected), "{entry}\n{told}");
        assert!(after.contains("[connectors.good]") && !after.contains("connectors.left"), "{after}");
    }
}

#[test]
fn error_for_an_invalid_import_command_says_what_to_type() {
    let site = Site::of("[connectors]\n");
    fs::write(site.path().join("bad.json"), "{ \"mcpServers\": { ").unwrap();
    fs::write(site.path().join("empty.json"), "{ \"servers\": {} }").unwrap();
    fs::write(site.path().join("one.json"), r#"{ "mcpServers": { "one": { "command": "one" } } }"#).unwrap();
    for (words, expected) in [
        (&["import", "nowhere.json"][..], "nowhere.json cannot be read"),
        (
            &["import", "zed"],
            "the servers of Zed cannot be imported: add them one by one with `jackfield-gateway add NAME`",
        ),
        (&["import", "cursor"], "Cursor has no file "),
        (&["import", "bad.json"], "bad.json:1:"),
        (&["import", "empty.json"], "has no servers in `servers`, where VS Code reads them"),
        (&["import", "one.json", "--only", "onne"], "has no server `onne`; did you mean `one`?"),
        (&["import", "one.json", "--as", "cursr"], "did you mean `cursor`?"),
    ] {
        let (code, told) = site.run(words);
        assert!(code == 2 && told.contains(expected), "{words:?}\n{told}");
        assert_eq!(file(&site), "store = \"state\"\n[connectors]\n");
    }
}
