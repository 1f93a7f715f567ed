//! Tests `jackfield ci github`: the text of the workflow, and its steps as a runner would run them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::git::git;
use serde_json::Value;

/// A description that contains commands for the runner, an expression, and commands for a shell.
const HOSTILE: &str = "'::add-mask::x ##[add-mask]y ${{ secrets.X }} $(touch pwned) `touch pwned`'";

fn document(limit: u32) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{ title: Shop, version: '1' }}\nservers: [{{ url: https://api.example.com }}]\npaths:\n  /books:\n    \
         get:\n      operationId: listBooks\n      summary: {HOSTILE}\n      parameters:\n        - {{ name: limit, in: query, schema: {{ type: \
         integer, maximum: {limit} }} }}\n      responses: {{ '204': {{ description: Done. }} }}\n"
    )
}

fn jackfield(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield")).args(words).current_dir(folder).output().unwrap()
}

/// A repository with a connector in `shop/`, its bare remote, and fake programs that a runner would have.
struct Runner {
    folder: tempfile::TempDir,
    steps: Vec<Value>,
    env: Value,
}

impl Runner {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let origin = root.join("origin");
        fs::create_dir_all(origin.join("shop")).unwrap();
        fs::write(origin.join("shop/api.yaml"), document(100)).unwrap();
        let manifest =
            "document = \"api.yaml\"\nname = \"shop\"\ndocument_url = \"https://api.example.com/api.yaml\"\n";
        fs::write(origin.join("shop/connector.toml"), manifest).unwrap();
        git(&["init", "--quiet", "--initial-branch", "main"], &origin);
        assert!(jackfield(&["gen", "--lock-only", "--yes"], &origin.join("shop")).status.success());
        let out = jackfield(&["ci", "github", "shop"], &origin);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8(out.stdout).unwrap();
        git(&["add", "."], &origin);
        git(&["commit", "--quiet", "--message", "A connector"], &origin);
        let workflow = jackfield_build::parse_data("refresh.yml", &text).unwrap();
        let job = &workflow["jobs"]["refresh"];
        let runner =
            Self { steps: job["steps"].as_array().unwrap().clone(), env: job["env"].clone(), folder };
        fs::create_dir(runner.path("bin")).unwrap();
        fs::create_dir(runner.path("temp")).unwrap();
        fs::create_dir(runner.path("home")).unwrap();
        let (log, origin, published) =
            (runner.path("log"), runner.path("origin"), runner.path("published.yaml"));
        let (log, origin, published) = (log.display(), origin.display(), published.display());
        // The fake `gh` records its arguments, and remembers the pull request that it opened.
        runner.program(
            "gh",
            &format!(
                "printf '%s\\n' \"$*\" >>'{log}'\n\
                 case \"$1 $2\" in\n\
                 'repo clone') test -n \"$GH_TOKEN\" && git clone --quiet --no-local '{origin}' .;;\n\
                 'pr list') grep -q '^pr create' '{log}' && echo 7 || true;;\n\
                 'pr create'|'pr edit') while [ $# -gt 0 ]; do [ \"$1\" = --body-file ] && cp \"$2\" '{log}.body'; shift; done;;\n\
                 esac\n"
            ),
        );
        runner.program("cargo", &format!("printf 'cargo %s\\n' \"$*\" >>'{log}'\n"));
        // The fake `curl` records its arguments and headers, and returns the published document.
        runner.program(
            "curl",
            &format!(
                "printf 'curl %s\\n' \"$*\" >>'{log}'\n\
                 case \" $* \" in *' --header @- '*) cat >>'{log}.header';; esac\n\
                 while [ $# -gt 0 ]; do [ \"$1\" = --output ] && cp '{published}' \"$2\"; shift; done\n"
            ),
        );
        let command = PathBuf::from(env!("CARGO_BIN_EXE_jackfield"));
        std::os::unix::fs::symlink(command, runner.path("bin/jackfield")).unwrap();
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\nset -e\n{script}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs all steps in a new folder until one fails, and returns what they print.
    fn run(&self, variables: &[(&str, &str)]) -> (String, bool) {
        let work = self.path("work");
        let _ = fs::remove_dir_all(&work);
        fs::create_dir(&work).unwrap();
        let mut log = String::new();
        for step in &self.steps {
            let mut command = Command::new("bash");
            command.args([
                "--noprofile",
                "--norc",
                "-e",
                "-o",
                "pipefail",
                "-c",
                step["run"].as_str().unwrap(),
            ]);
            let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
            command.current_dir(&work).env("PATH", path).env("HOME", self.path("home"));
            command.env("RUNNER_TEMP", self.path("temp")).env("GITHUB_REPOSITORY", "moss/shop");
            command.env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GH_TOKEN");
            for (name, value) in self.env.as_object().unwrap() {
                command.env(name, value.as_str().unwrap());
            }
            for (name, value) in step["env"].as_object().into_iter().flatten() {
                let expression = value.as_str().unwrap();
                let found = variables.iter().find(|(known, _)| expression.contains(known));
                command.env(name, found.map_or("", |(_, value)| value));
            }
            let out = command.output().unwrap();
            log.push_str(&String::from_utf8_lossy(&out.stdout));
            log.push_str(&String::from_utf8_lossy(&out.stderr));
            if !out.status.success() {
                return (log, false);
            }
        }
        (log, true)
    }
}

const SET: &[(&str, &str)] = &[
    ("github.token", "gh-token-1"),
    ("vars.JACKFIELD_GIT", "https://git.example.com/jackfield.git"),
    ("vars.JACKFIELD_REV", "0123abcd"),
];

#[test]
fn changed_document_opens_a_pull_request_with_a_report() {
    let runner = Runner::new();
    fs::write(runner.path("published.yaml"), document(50)).unwrap();
    let (log, is_done) = runner.run(SET);
    assert!(is_done, "{log}");
    let calls = runner.read("log");
    assert!(calls.contains("pr create --title Refresh shop --body-file"), "{calls}");
    assert!(calls.contains("--head refresh-shop --base main"), "{calls}");
    assert!(
        calls.contains(
            "cargo install --quiet --locked --git https://git.example.com/jackfield.git --rev 0123abcd"
        ),
        "{calls}"
    );
    assert!(
        calls.contains("--proto =https") && calls.contains("https://api.example.com/api.yaml"),
        "{calls}"
    );
    let body = runner.read("log.body");
    assert!(body.contains("maximum") && body.contains("50"), "{body}");
    // The branch has the new document and lock, and main is unchanged.
    let origin = runner.path("origin");
    let show = |what: &str| {
        let out = Command::new("git").args(["show", what]).current_dir(&origin).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    assert_eq!(show("refresh-shop:shop/api.yaml"), document(50));
    assert_ne!(show("refresh-shop:shop/jackfield.lock"), show("main:shop/jackfield.lock"));
    assert_eq!(show("main:shop/api.yaml"), document(100));
    // Neither a shell nor the runner executed text of the document, and the steps printed no token.
    assert!(!runner.path("work/shop/pwned").exists() && !runner.path("work/pwned").exists());
    assert!(log.lines().all(|line| !line.trim_start().starts_with("::") && !line.contains("##[")), "{log}");
    assert!(!log.contains("gh-token-1"), "{log}");
    // The second run updates the same pull request.
    fs::write(runner.path("published.yaml"), document(40)).unwrap();
    let (log, is_done) = runner.run(SET);
    assert!(is_done, "{log}");
    assert!(runner.read("log").contains("pr edit 7 --body-file"), "{}", runner.read("log"));
    assert_eq!(show("refresh-shop:shop/api.yaml"), document(40));
}

#[test]
fn unchanged_document_opens_no_pull_request() {
    let runner = Runner::new();
    fs::write(runner.path("published.yaml"), document(100)).unwrap();
    let (log, is_done) = runner.run(SET);
    assert!(is_done && log.contains("nothing changed"), "{log}");
    assert!(!runner.read("log").contains("pr "), "{}", runner.read("log"));
}

#[test]
fn authorization_for_fetching_the_document_goes_over_stdin_and_is_not_logged() {
    let runner = Runner::new();
    fs::write(runner.path("published.yaml"), document(50)).unwrap();
    let (log, is_done) = runner.run(&[SET, &[("secrets.DOCUMENT_AUTHORIZATION", "Bearer s3cret")]].concat());
    assert!(is_done, "{log}");
    assert_eq!(runner.read("log.header"), "Authorization: Bearer s3cret\n");
    assert!(!log.contains("s3cret") && !runner.read("log").contains("s3cret"), "{log}");
}

#[test]
fn unusable_document_or_missing_variable_fails_the_workflow_before_a_push() {
    let runner = Runner::new();
    let pushed = || runner.read("log").contains("pr ");
    let (log, is_done) = runner.run(&SET[..1]);
    assert!(!is_done && log.contains("gh variable set"), "{log}");
    fs::write(runner.path("published.yaml"), "<html>::error::moved</html>").unwrap();
    let (log, is_done) = runner.run(SET);
    assert!(!is_done && !pushed(), "{log}");
    let elsewhere = document(50).replace("https://api.example.com", "https://evil.example.com");
    fs::write(runner.path("published.yaml"), elsewhere).unwrap();
    let (log, is_done) = runner.run(SET);
    assert!(!is_done && log.contains("| ") && log.contains("--accept-origin"), "{log}");
    assert!(!pushed());
}

#[test]
fn workflow_has_minimal_rights_and_runs_no_untrusted_code() {
    let runner = Runner::new();
    let text =
        String::from_utf8(jackfield(&["ci", "github", "shop"], &runner.path("origin")).stdout).unwrap();
    let workflow = jackfield_build::parse_data("refresh.yml", &text).unwrap();
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    let job = &workflow["jobs"]["refresh"];
    assert_eq!(job["permissions"], serde_json::json!({ "contents": "write", "pull-requests": "write" }));
    assert!(job["timeout-minutes"].is_number() && job["runs-on"].is_string());
    assert!(workflow["on"]["schedule"][0]["cron"].is_string());
    let mut with_token = Vec::new();
    for (at, step) in job["steps"].as_array().unwrap().iter().enumerate() {
        let keys: Vec<&str> = step.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(keys.iter().all(|key| ["name", "env", "run"].contains(key)), "{keys:?}");
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
        if step["env"].to_string().contains("github.token") {
            with_token.push(at);
        }
    }
    // The steps that read the document have no rights.
    assert_eq!(with_token, [0, 4]);
    assert!(!text.contains("{{name}}") && !text.contains("{{document"), "{text}");
}

#[test]
fn ci_error_about_unknown_url_or_outside_folder_says_what_to_type() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("connector.toml"), "document = \"api.yaml\"\nname = \"shop\"\n").unwrap();
    fs::write(folder.path().join("api.yaml"), document(1)).unwrap();
    for (words, problem) in [
        (&["ci", "github"][..], "jackfield ci github . --document-url"),
        (&["ci", "github", ".."], "change to the root of the repository"),
        (&["ci", "github", "--document-url", "http://api.example.com/x"], "does not begin with https://"),
        (&["ci", "github", "--document-url", "https://me:pw@api.example.com/x"], "or contains a password"),
        (
            &["ci", "github", "--document-url", "https://api.example.com/${{ secrets.X }}"],
            "cannot be used in a workflow",
        ),
    ] {
        let out = jackfield(words, folder.path());
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{text}");
        assert!(text.contains(problem) && !text.contains("pw@"), "{words:?}: {text}");
    }
}
