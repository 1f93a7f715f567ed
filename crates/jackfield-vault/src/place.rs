//! The folder of a vault and the files in it.

use std::path::{Path, PathBuf};

use crate::FOLDER_VARIABLE;
use crate::disk;
use crate::error::Error;

/// The folder of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
}

/// The operating systems that have different data folders for programs.
#[derive(Clone, Copy)]
enum System {
    Unix,
    Mac,
    Windows,
}

impl Place {
    /// Uses the given folder. It need not exist, because it is created together with the vault.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Returns the folder that the environment names: `JACKFIELD_VAULT`, or else the data folder of this operating system.
    pub fn from_environment(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let system = match () {
            () if cfg!(windows) => System::Windows,
            () if cfg!(target_os = "macos") => System::Mac,
            () => System::Unix,
        };
        Self::on(system, look_up)
    }

    fn on(system: System, look_up: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let look_up = |name| look_up(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(folder) = look_up(FOLDER_VARIABLE) {
            // A relative path would name a different vault in every working directory.
            let what = "the path of the vault's folder is relative";
            return if folder.is_absolute() { Ok(Self { folder }) } else { Err(Error::NoPlace { what }) };
        }
        let absolute = |name| look_up(name).filter(|folder| folder.is_absolute());
        let (data, what) = match system {
            // The XDG specification says that a relative XDG_DATA_HOME is ignored.
            System::Unix => (
                absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share"))),
                "neither XDG_DATA_HOME nor HOME is set to an absolute path",
            ),
            System::Mac => (
                absolute("HOME").map(|home| home.join("Library/Application Support")),
                "HOME is not set to an absolute path",
            ),
            System::Windows => (absolute("APPDATA"), "APPDATA is not set to an absolute path"),
        };
        Ok(Self::new(data.ok_or(Error::NoPlace { what })?.join("jackfield").join("vault")))
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the file with the records.
    pub fn file(&self) -> PathBuf {
        self.folder.join("records")
    }

    /// Returns the path of the key file with the given id in the folder of the vault.
    pub(crate) fn key_file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("key-{id}"))
    }

    /// Returns the lock file for writers.
    pub(crate) fn write_lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// Returns the folder of the named locks.
    pub(crate) fn locks(&self) -> PathBuf {
        self.folder.join("locks")
    }

    /// Resolves symbolic links, and checks that the folder exists and that only the user can change it.
    pub(crate) fn checked(&self) -> Result<Self, Error> {
        match self.folder.canonicalize() {
            Ok(folder) => {
                disk::check_folder(&folder)?;
                Ok(Self { folder })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Error::Missing { file: self.file() })
            }
            Err(error) => Err(Error::io("find", &self.folder)(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the folder for a system and its environment variables. `/h` stands for an absolute path on any operating system.
    fn on(system: System, variables: &[(&str, &str)]) -> Result<String, String> {
        let drive = if cfg!(windows) { "C:" } else { "" };
        let look_up = |name: &str| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some(if value.starts_with('/') { format!("{drive}{value}") } else { (*value).to_owned() })
        };
        let place = Place::on(system, look_up).map_err(|error| error.to_string())?;
        let folder = place.folder().to_string_lossy().replace('\\', "/");
        Ok(folder.strip_prefix(drive).unwrap_or(&folder).to_owned())
    }

    #[test]
    fn vault_folder_follows_the_platform_convention() {
        let home = ("HOME", "/h");
        let usual = "/h/.local/share/jackfield/vault";
        for (system, more, folder) in [
            (System::Unix, None, usual),
            (System::Unix, Some(("XDG_DATA_HOME", "/d")), "/d/jackfield/vault"),
            (System::Unix, Some(("XDG_DATA_HOME", "d")), usual),
            (System::Unix, Some(("JACKFIELD_VAULT", "/v")), "/v"),
            (System::Unix, Some(("JACKFIELD_VAULT", "")), usual),
            (System::Mac, None, "/h/Library/Application Support/jackfield/vault"),
            (System::Windows, Some(("APPDATA", "/d")), "/d/jackfield/vault"),
        ] {
            let variables: Vec<_> = [Some(home), more].into_iter().flatten().collect();
            assert_eq!(on(system, &variables).unwrap(), folder, "{more:?}");
        }
    }

    #[test]
    fn missing_home_folder_is_an_error() {
        let error = on(System::Unix, &[("HOME", "/h"), ("JACKFIELD_VAULT", "here")]).unwrap_err();
        assert!(error.contains("relative"), "{error}");
        for system in [System::Unix, System::Mac, System::Windows] {
            let error = on(system, &[]).unwrap_err();
            assert!(error.contains("set JACKFIELD_VAULT"), "{error}");
        }
    }
}
