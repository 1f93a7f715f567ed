//! Runs git in a repository that a test creates.

use std::path::Path;
use std::process::Command;

pub(crate) fn git(words: &[&str], folder: &Path) {
    let out = Command::new("git")
        .args(["-c", "user.name=Moss", "-c", "user.email=moss@example.com", "-c", "commit.gpgsign=false"])
        .args(words)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
}
