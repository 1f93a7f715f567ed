//! Checks the path of a connector.toml. The file has to have this name, because the lock and the crate are found beside it.

use std::path::Path;

use jackfield_build::model::shell_quoted;

use crate::Failure;

/// Returns the folder of a connector.toml.
pub(crate) fn folder_of(manifest: &Path) -> &Path {
    manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Checks that the file is called connector.toml.
///
/// # Errors
/// Returns an error if the file has another name. The error contains the command that renames it.
pub(crate) fn check(manifest: &Path) -> Result<(), Failure> {
    if manifest.file_name().is_some_and(|name| name == "connector.toml") {
        return Ok(());
    }
    let quoted = |path: &Path| shell_quoted(&path.display().to_string()).into_owned();
    Err(Failure::Other(format!(
        "{} has to be called connector.toml. Run\n\n  mv {} {}\n",
        manifest.display(),
        quoted(manifest),
        quoted(&folder_of(manifest).join("connector.toml"))
    )))
}
