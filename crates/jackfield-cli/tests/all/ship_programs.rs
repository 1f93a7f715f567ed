//! Finds third-party programs that read packages. tests/ship/README.md says how to install them.

use std::path::{Path, PathBuf};
use std::process::Command;

use jackfield_testkit::skipped;

/// The path of Claude Code, for [`installed`].
pub(crate) const CLAUDE: &str = "@anthropic-ai/claude-code/cli-wrapper.cjs";

/// The variables with which Claude Code sends no statistics, does not update itself, and waits longer for a server.
/// An unoptimized server needs a long time for a large document.
pub(crate) const CLAUDE_VARIABLES: [(&str, &str); 3] = [
    ("DISABLE_AUTOUPDATER", "1"),
    ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
    ("MCP_TIMEOUT", "120000"),
];

/// Returns the path of a program that `npm ci` installs in tests/ship. If it is not installed, reports this and returns None.
pub(crate) fn installed(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ship/node_modules").join(file);
    if path.is_file() && Command::new("node").arg("--version").output().is_ok() {
        return Some(path);
    }
    not_installed(file);
    None
}

/// Reports that a program is not installed.
pub(crate) fn not_installed(what: &str) {
    let report = format!("{what} is not installed: see tests/ship/README.md");
    assert!(std::env::var_os("JACKFIELD_REQUIRE_SHIP").is_none(), "{report}");
    skipped(&report);
}
