//! The folder of a vault, and what stands in it.

use std::path::{Path, PathBuf};

use crate::FOLDER_VARIABLE;
use crate::disk;
use crate::error::Error;

/// The folder of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
}

/// The systems that disagree on where a program keeps its data.
#[derive(Clone, Copy)]
enum System {
    Unix,
    Mac,
    Windows,
}

impl Place {
    /// This folder. It is made with the vault, and may be missing until then.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder that the variables name: `JACKFIELD_VAULT`, or where programs of this system keep their data.
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
            // A relative one would be another vault in every folder.
            let what = "the folder of the vault is named by a relative path";
            return if folder.is_absolute() { Ok(Self { folder }) } else { Err(Error::NoPlace { what }) };
        }
        let absolute = |name| look_up(name).filter(|folder| folder.is_absolute());
        let (data, what) = match system {
            // A relative XDG_DATA_HOME is to be ignored, says its specification.
            System::Unix => (
                absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share"))),
                "neither XDG_DATA_HOME nor HOME names a folder",
            ),
            System::Mac => (
                absolute("HOME").map(|home| home.join("Library/Application Support")),
                "HOME names no folder",
            ),
            System::Windows => (absolute("APPDATA"), "APPDATA names no folder"),
        };
        Ok(Self::new(data.ok_or(Error::NoPlace { what })?.join("jackfield").join("vault")))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file with the records.
    pub fn file(&self) -> PathBuf {
        self.folder.join("records")
    }

    /// The key file beside the records, if there is one of this id.
    pub(crate) fn key_file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("key-{id}"))
    }

    /// The lock that is held while the records are written.
    pub(crate) fn write_lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// The folder of the locks that have names.
    pub(crate) fn locks(&self) -> PathBuf {
        self.folder.join("locks")
    }

    /// The same place with every link followed, if the folder is there and is its user's own.
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

    /// `/h` is absolute on the system that runs this.
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
    fn every_system_has_its_place() {
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
    fn no_place_is_guessed() {
        let error = on(System::Unix, &[("HOME", "/h"), ("JACKFIELD_VAULT", "here")]).unwrap_err();
        assert!(error.contains("relative"), "{error}");
        for system in [System::Unix, System::Mac, System::Windows] {
            let error = on(system, &[]).unwrap_err();
            assert!(error.contains("set JACKFIELD_VAULT"), "{error}");
        }
    }
}
