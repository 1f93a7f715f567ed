//! What `jackfield inspect` counts is what a client is sent.

use std::path::Path;
use std::process::Command;

use jackfield_testkit::Client;
use serde_json::Value;

#[tokio::test]
async fn the_price_is_that_of_the_list_that_is_served() {
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
        let count = |text: &str| bpe_openai::o200k_base().count(text);
        assert_eq!(inspected["tokens"], count(&format!("[{}]", texts.join(","))), "{wording}");
        for (tool, text) in inspected["tools"].as_array().unwrap().iter().zip(&texts) {
            assert_eq!(tool["tokens"], count(text), "{}", tool["name"]);
        }
    }
}

#[test]
fn the_table_fits_a_terminal() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/bookshop.yaml");
    let out = Command::new(env!("CARGO_BIN_EXE_jackfield")).arg("inspect").arg(spec).output();
    let text = String::from_utf8(out.expect("the command can be started").stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("cancel_order") && text.contains("destroy*"), "{text}");
}
