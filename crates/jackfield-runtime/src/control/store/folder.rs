//! Finds and creates the folder of the state.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use crate::common::environment::Environment;

/// The environment variable that names the folder.
const VARIABLE: &str = "JACKFIELD_STATE";

/// Returns the state folder of a connector: `$JACKFIELD_STATE/NAME`, or a folder in the user's state directory.
///
/// # Errors
/// Returns an error if the variable is a relative path, or if no folder is known.
pub fn folder_of(connector: &str, environment: &Environment) -> Result<PathBuf, StoreError> {
    if let Some(folder) = environment.get(VARIABLE).map(PathBuf::from) {
        // A relative path would name a different folder in every working directory.
        return match folder.is_absolute() {
            true => Ok(folder.join(connector)),
            false => Err(StoreError::NoFolder("JACKFIELD_STATE is a relative path")),
        };
    }
    let absolute = |name| environment.get(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let base = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .or_else(|| absolute("LOCALAPPDATA"));
    let base = base.ok_or(StoreError::NoFolder("neither XDG_STATE_HOME nor HOME is an absolute path"))?;
    Ok(base.join("jackfield").join(connector))
}

/// Creates a folder that only its owner can enter. Refuses an existing folder that other users can enter.
///
/// # Errors
/// Returns an error if the folder cannot be created, belongs to another user, or can be entered by other users.
pub fn create_private(folder: &Path) -> Result<(), StoreError> {
    let failed = |reason: String| StoreError::Io { path: folder.to_owned(), reason };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|error| failed(error.to_string()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(folder).map_err(|error| failed(error.to_string()))?;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(failed("it belongs to another user".to_owned()));
        }
        if metadata.mode() & 0o077 != 0 {
            let path = folder.display();
            return Err(failed(format!("other users can enter it; close it with: chmod 700 '{path}'")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_folder_comes_from_the_variable_or_the_user_state_directory() {
        let of = |variables: &[(&str, &str)]| folder_of("shop", &Environment::of(variables.iter().copied()));
        assert_eq!(of(&[("JACKFIELD_STATE", "/s"), ("HOME", "/h")]), Ok("/s/shop".into()));
        assert_eq!(of(&[("XDG_STATE_HOME", "/x"), ("HOME", "/h")]), Ok("/x/jackfield/shop".into()));
        assert_eq!(
            of(&[("XDG_STATE_HOME", "x"), ("HOME", "/h")]),
            Ok("/h/.local/state/jackfield/shop".into())
        );
        assert!(matches!(of(&[("JACKFIELD_STATE", "s"), ("HOME", "/h")]), Err(StoreError::NoFolder(_))));
        assert!(matches!(of(&[]), Err(StoreError::NoFolder(_))));
    }

    #[cfg(unix)]
    #[test]
    fn folder_that_others_can_enter_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("state").join("shop");
        create_private(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).unwrap();
        let why = create_private(&folder).unwrap_err().to_string();
        assert!(why.contains("chmod 700"), "{why}");
    }
}
