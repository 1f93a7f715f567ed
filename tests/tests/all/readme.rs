//! The README's `build.rs` example builds unchanged, in an empty folder.

use std::fs;
use std::path::PathBuf;

use jackfield_testkit::cargo;
use serde_json::Value;

use crate::specs::repository;
use crate::ways_of_use::equals_committed_code;

#[test]
fn build_script_of_the_readme_builds_without_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let section = readme.split("\n## ").find(|section| section.starts_with("From build.rs")).unwrap();
    let mut written = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (_, block) = block.split_once('\n').unwrap();
        let (name, text) = block.split_once('\n').unwrap();
        let name = name.trim_start_matches(['#', '/', ' ']);
        // Replaces the checkout path in the example by the path of this checkout.
        let text =
            text.replace("../jackfield/", &format!("{}/", repository().canonicalize().unwrap().display()));
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        written.push(name.to_owned());
    }
    assert_eq!(written, ["Cargo.toml", "connector.toml", "build.rs", "src/main.rs"]);
    fs::copy(repository().join("specs/bookshop.yaml"), folder.path().join("bookshop.yaml")).unwrap();
    // Uses the dependency versions of this workspace, so that nothing is downloaded.
    fs::copy(repository().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let profile = folder.path().join("profile.toml");
    fs::write(&profile, profile_of_the_workspace()).unwrap();
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from);
    let build = cargo()
        .args(["build", "--offline", "--color", "never", "--message-format", "json-render-diagnostics"])
        // Reuses the crates that were built for the workspace.
        .arg("--config")
        .arg(&profile)
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&build.stderr);
    assert!(build.status.success(), "{said}");
    assert!(!said.contains("warning: `bookshop-mcp`"), "{said}");
    // The generated code equals the code of the committed crate.
    let out = out_of_the_build_script(&String::from_utf8_lossy(&build.stdout));
    equals_committed_code(&out.join("bookshop"), "bookshop");
}

/// Returns the folder into which the build script of the example wrote, from cargo's messages.
fn out_of_the_build_script(messages: &str) -> PathBuf {
    let messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_script = |message: &Value| {
        message["reason"] == "build-script-executed"
            && message["package_id"].as_str().is_some_and(|id| id.contains("bookshop-mcp"))
    };
    let message = messages.into_iter().find(of_script).unwrap();
    PathBuf::from(message["out_dir"].as_str().unwrap())
}

/// Converts the dev profile of this workspace to a cargo configuration. The tables of the dev profile end where the
/// next profile begins.
fn profile_of_the_workspace() -> String {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let start = manifest.find("[profile.dev]").unwrap();
    let end = manifest[start..].find("[profile.release]").unwrap();
    manifest[start..start + end].to_owned()
}
