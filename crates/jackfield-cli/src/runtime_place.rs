//! The source of the runtime for a new connector.

use std::path::Path;

use jackfield_build::Runtime;

/// Parses `--runtime`: a folder, a repository URL, or a version.
pub(crate) fn parse(text: &str) -> Runtime {
    let is_version = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '=' | '^' | '~'));
    if text.contains("://") || text.starts_with("git@") {
        Runtime::Git(text.to_owned())
    } else if is_version && !text.contains(['/', '\\']) {
        Runtime::Version(text.to_owned())
    } else {
        Runtime::Path(text.to_owned())
    }
}

/// Returns the default runtime: the sources in the checkout from which this program was built, if they still exist,
/// or else the published version.
pub(crate) fn default() -> Runtime {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jackfield-runtime");
    if beside.join("Cargo.toml").is_file() {
        Runtime::Path(beside.display().to_string())
    } else {
        Runtime::Version(env!("CARGO_PKG_VERSION").to_owned())
    }
}
