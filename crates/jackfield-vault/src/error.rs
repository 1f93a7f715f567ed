//! Errors of the vault, each with a remedy. An error never contains a secret or a part of a secret.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::source::Source;
use crate::{KEY_FILE_VARIABLE, PASSPHRASE_VARIABLE};

/// The reason why an operation failed. Unless the variant says otherwise, nothing was changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no vault in the folder.
    Missing {
        /// The file that is missing.
        file: PathBuf,
    },
    /// A vault already exists.
    Exists {
        /// The existing vault.
        file: PathBuf,
    },
    /// A newer version of Jackfield has written the vault.
    Newer {
        /// The vault.
        file: PathBuf,
        /// The version of its format.
        version: u32,
    },
    /// The file is damaged: truncated, changed, or not a vault.
    Damaged {
        /// The vault.
        file: PathBuf,
        /// The check that failed.
        what: &'static str,
    },
    /// The given source of the key is not the source that the vault names.
    OtherSource {
        /// The vault.
        file: PathBuf,
        /// The source of the vault's key.
        made: Source,
        /// The source that was given.
        given: Source,
    },
    /// The key is missing at the source that the vault names.
    NoKey {
        /// The vault.
        file: PathBuf,
        /// The source of the vault's key.
        made: Source,
        /// The path at which the key was expected.
        at: Option<PathBuf>,
    },
    /// The given key is not the key of the vault.
    WrongKey {
        /// The vault.
        file: PathBuf,
        /// The source of the given key.
        given: Source,
    },
    /// The passphrase of the vault was changed after the vault was opened.
    Rotated {
        /// The vault.
        file: PathBuf,
    },
    /// The vault already has this key.
    SameKey {
        /// The vault.
        file: PathBuf,
    },
    /// The passphrase is empty, or its cost is out of range.
    Passphrase {
        /// The problem.
        what: &'static str,
    },
    /// The key file does not contain a key.
    KeyFile {
        /// The key file.
        path: PathBuf,
        /// The problem.
        what: &'static str,
    },
    /// Other users can read or replace the file or folder.
    Loose {
        /// The file or folder.
        path: PathBuf,
        /// The problem.
        what: String,
        /// The command or action that fixes it.
        fix: String,
    },
    /// Another process or thread holds the lock.
    Busy {
        /// The lock.
        path: PathBuf,
        /// The time for which the caller waited.
        waited: Duration,
    },
    /// The name is not valid for a record.
    Name {
        /// The name.
        name: String,
    },
    /// A limit of the vault is exceeded.
    Full {
        /// The limit.
        what: &'static str,
    },
    /// The keyring of the system failed.
    Keyring {
        /// The keyring's message.
        what: String,
    },
    /// The environment does not name the folder of the vault.
    NoPlace {
        /// The missing variable.
        what: &'static str,
    },
    /// The system returned no random bytes.
    Random {
        /// The message of the operating system.
        error: String,
    },
    /// An operation of the operating system failed.
    Io {
        /// The operation.
        doing: &'static str,
        /// The path.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
}

impl Error {
    /// Returns a function that converts the I/O error of an operation on a path.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { doing, path, error }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { file } => write!(
                f,
                "there is no vault at {}: store a credential first, for example with `auth set`",
                file.display()
            ),
            Self::Exists { file } => {
                write!(f, "a vault already exists at {}: open it, or move it away", file.display())
            }
            Self::Newer { file, version } => write!(
                f,
                "the vault {} has format {version}, but this program only reads format 1: use the \
                 version of Jackfield that wrote it, or a later version",
                file.display()
            ),
            Self::Damaged { file, what } => write!(
                f,
                "the vault {} was changed or damaged: {what}. Nothing was read from it and nothing will be written \
                 to it: restore a copy, or move it away and authorize again",
                file.display()
            ),
            Self::OtherSource { file, made, given } => write!(
                f,
                "the key of the vault {} comes from {made}, not from {given}: {}",
                file.display(),
                made.remedy()
            ),
            Self::NoKey { file, made, at } => {
                write!(f, "the key of the vault {} comes from {made}", file.display())?;
                if let Some(at) = at {
                    write!(f, ", but {} does not exist", at.display())?;
                }
                write!(f, ": {}", made.remedy())
            }
            Self::WrongKey { file, given } => write!(
                f,
                "the key from {given} is not the key of the vault {}, or the header of the vault was changed: {}",
                file.display(),
                given.remedy()
            ),
            Self::Rotated { file } => {
                write!(
                    f,
                    "the key of the vault {} was changed after the vault was opened: open it again with the new key",
                    file.display()
                )
            }
            Self::SameKey { file } => {
                write!(f, "the vault {} already has this key: choose another key", file.display())
            }
            Self::Passphrase { what } => write!(f, "{what}: set {PASSPHRASE_VARIABLE} to a long passphrase"),
            Self::KeyFile { path, what } => write!(
                f,
                "the key file {} {what}: it has to contain 64 hexadecimal digits and nothing else",
                path.display()
            ),
            Self::Loose { path, what, fix } => write!(f, "{} {what}: {fix}", path.display()),
            Self::Busy { path, waited } => write!(
                f,
                "the lock {} was held by another process for {} s: end that process, or try again",
                path.display(),
                waited.as_secs_f32()
            ),
            Self::Name { name } => write!(
                f,
                "{:?} cannot be the name of a record: a name has 1 to {} bytes and no control characters",
                name.chars().take(80).collect::<String>(),
                crate::LONGEST_NAME
            ),
            Self::Full { what } => write!(f, "{what}: remove records that are not needed"),
            Self::Keyring { what } => write!(
                f,
                "the keyring of the system: {what}. Unlock it, or choose another key with {PASSPHRASE_VARIABLE} or \
                 {KEY_FILE_VARIABLE}"
            ),
            Self::NoPlace { what } => {
                write!(f, "{what}: set {} to the absolute path of a folder", crate::FOLDER_VARIABLE)
            }
            Self::Random { error } => write!(f, "the system provided no random bytes ({error}): try again"),
            Self::Io { doing, path, error } => write!(f, "could not {doing} {}: {error}", path.display()),
        }
    }
}
