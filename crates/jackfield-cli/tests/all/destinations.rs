//! Tests that `jackfield preview` sends credentials only to the API for which they were stored.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use jackfield_testkit::{Answer, Upstream, canary};
use serde_json::json;

/// Two unrelated APIs whose documents are both saved as `openapi.yaml`. Each has one security scheme, and both schemes have the same name.
const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: An API, version: '1' }
servers: [{ url: 'https://api.example.com' }]
security: [{ token: [] }]
paths:
  /things: { get: { operationId: listThings, responses: { '200': { description: Things } } } }
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
";

struct Api {
    upstream: Upstream,
    folder: tempfile::TempDir,
}

impl Api {
    async fn start() -> Self {
        let upstream = Upstream::start(|_| Answer::json(200, &json!({ "things": [] }))).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("openapi.yaml"), DOCUMENT).unwrap();
        Self { upstream, folder }
    }

    /// Runs a command of the preview with this stdin, and returns its output.
    async fn run(&self, vault: &Path, words: &[&str], variables: &[(&str, &str)], typed: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        command
            .args(["preview", "openapi.yaml"])
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("JACKFIELD_VAULT", vault)
            .env("OPENAPI_BASE_URL", self.upstream.base_url())
            .env("OPENAPI_ORIGINS", self.upstream.base_url())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let typed = typed.to_owned();
        let run = move || {
            let mut child = command.spawn().unwrap();
            // A command that does not read stdin may have ended already.
            let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
            let output = child.wait_with_output().unwrap();
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    fn tokens(&self) -> Vec<Option<String>> {
        let requests = self.upstream.requests();
        requests.iter().map(|request| request.header("authorization").map(str::to_owned)).collect()
    }
}

const CALL: [&str; 2] = ["call", "list_things"];

#[tokio::test(flavor = "multi_thread")]
async fn documents_with_the_same_file_name_share_no_stored_token() {
    let (first, second) = (Api::start().await, Api::start().await);
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    let secret = canary("token");
    let said = first.run(&vault, &["auth", "set"], &[], &format!("{secret}\n")).await;
    assert!(said.contains("stored in the vault: token of token, for "), "{said}");
    assert!(said.contains(&first.upstream.base_url()), "{said}");

    let said = second.run(&vault, &CALL, &[], "").await;
    assert!(said.contains("auth set token token --origin"), "{said}");
    assert!(said.contains(&second.upstream.base_url()) && !said.contains(&secret), "{said}");
    assert_eq!(second.tokens(), Vec::<Option<String>>::new(), "{said}");

    first.run(&vault, &CALL, &[], "").await;
    assert_eq!(first.tokens(), [Some(format!("Bearer {secret}"))]);

    // The second connector stores another credential, and the first connector keeps its credential.
    let other = canary("other");
    second.run(&vault, &["auth", "set"], &[], &format!("{other}\n")).await;
    second.run(&vault, &CALL, &[], "").await;
    assert_eq!(second.tokens(), [Some(format!("Bearer {other}"))]);
    first.run(&vault, &CALL, &[], "").await;
    assert_eq!(first.tokens().last().unwrap().as_deref(), Some(format!("Bearer {secret}").as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_for_a_previewed_document_are_used_only_with_the_name_option() {
    let api = Api::start().await;
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    let secret = canary("variable");
    let variables = [("OPENAPI_TOKEN", secret.as_str())];
    let said = api.run(&vault, &CALL, &variables, "").await;
    assert!(said.contains("`jackfield preview --name openapi openapi.yaml`"), "{said}");
    assert!(said.contains("OPENAPI_TOKEN") && !said.contains(&secret), "{said}");
    assert_eq!(api.tokens(), Vec::<Option<String>>::new());

    let named = ["--name", "openapi", "call", "list_things"];
    let said = api.run(&vault, &named, &variables, "").await;
    assert_eq!(api.tokens(), [Some(format!("Bearer {secret}"))], "{said}");
}
