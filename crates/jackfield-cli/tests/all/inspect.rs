//! Tests the output of `jackfield inspect`.

use std::path::Path;
use std::process::Command;

use jackfield_testkit::Client;
use serde_json::Value;

#[tokio::test]
async fn inspect_counts_the_tokens_of_the_served_list() {
    let jackfield = Path::new(env!("CARGO_BIN_EXE_jackfield"));
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/bookshop.yaml").display().to_string();
    for wording in ["lean", "full"] {
        let out = Command::new(jackfield)
            .args(["inspect", &spec, "--json", "--wording", wording])
            .output()
            .expect("the command can be started");
        let inspected: Value = serde_json::from_slice(&out.stdout).unwrap();
        let mut client =
            Client::spawn(jackfield, &["preview", &spec, "--wording", wording], &[]).await.unwrap();
        let tools = client.tools().await.unwrap();
        client.close().await.unwrap();
        let texts: Vec<String> = tools.iter().map(|tool| serde_json::to_string(tool).unwrap()).collect();
        let tokenizer = tiktoken::get_encoding("o200k_base").expect("the vocabulary is embedded");
        let count = |text: &str| tokenizer.count(text);
        assert_eq!(inspected["tokens"], count(&format!("[{}]", texts.join(","))), "{wording}");
        for (tool, text) in inspected["tools"].as_array().unwrap().iter().zip(&texts) {
            assert_eq!(tool["tokens"], count(text), "{}", tool["name"]);
        }
    }
}

/// Asserts that no line is longer than a terminal, except for the command to paste, which contains a path.
fn assert_fits(text: &str) {
    let long =
        text.lines().find(|line| line.chars().count() > 80 && !line.starts_with("  jackfield preview "));
    assert_eq!(long, None, "{text}");
}

#[test]
fn inspect_table_fits_into_eighty_columns() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/bookshop.yaml");
    let out = Command::new(env!("CARGO_BIN_EXE_jackfield")).arg("inspect").arg(spec).output();
    let text = String::from_utf8(out.expect("the command can be started").stdout).unwrap();
    assert_fits(&text);
    assert!(text.contains("cancel_order") && text.contains("destroy*"), "{text}");
}

#[test]
fn inspect_lists_credentials_scopes_and_origins() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/auth_oauth_code.yaml");
    let run = |more: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_jackfield")).arg("inspect").arg(&spec).args(more).output();
        String::from_utf8(out.expect("the command can be started").stdout).unwrap()
    };
    let text = run(&[]);
    assert!(text.contains("account(notes.read notes.write)"), "{text}");
    assert!(text.contains("reads AUTH_OAUTH_CODE_TOKEN AUTH_OAUTH_CODE_CLIENT_ID"), "{text}");
    assert!(text.contains("asks for notes.read notes.write\n"), "{text}");
    assert!(text.contains("credentials go to https://api.example.com\n"), "{text}");
    assert!(!text.contains("notes.delete"), "no tool needs it: {text}");
    assert_fits(&text);
    let json: Value = serde_json::from_str(&run(&["--json"])).unwrap();
    assert_eq!(json["schemes"][0]["scopes"], serde_json::json!(["notes.read", "notes.write"]));
    assert_eq!(json["schemes"][0]["flows"], serde_json::json!(["authorization_code"]));
    assert_eq!(json["origins"], serde_json::json!(["https://api.example.com"]));
}

#[test]
fn inspect_lists_settings_and_constant_arguments() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/params_settings.yaml");
    let run = |more: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_jackfield")).arg("inspect").arg(&spec).args(more).output();
        String::from_utf8(out.expect("the command can be started").stdout).unwrap()
    };
    let text = run(&[]);
    for part in
        ["header X-Shop-Version  2\n", "query $.xgafv  not sent\n", "  [headers]\n  X-Tenant = \"north\"\n"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_fits(&text);
    let json: Value = serde_json::from_str(&run(&["--json"])).unwrap();
    assert_eq!(
        json["settings"][3],
        serde_json::json!({ "in": "header", "name": "X-Shop-Version", "value": "2" })
    );
    assert_eq!(json["constants"][0]["tools"], 10);
}
