//! What can go wrong, and what to do about it. No error holds a secret or a part of one.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::source::Source;
use crate::{KEY_FILE_VARIABLE, PASSPHRASE_VARIABLE};

/// Why the vault did not do what was asked. Nothing was changed, unless the variant says otherwise.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no vault here.
    Missing {
        /// Where it would be.
        file: PathBuf,
    },
    /// A vault was to be made where one is.
    Exists {
        /// The one that is there.
        file: PathBuf,
    },
    /// The vault was written by a later Jackfield.
    Newer {
        /// The vault.
        file: PathBuf,
        /// The version of its format.
        version: u32,
    },
    /// The file is not what was written: cut, changed, or no vault at all.
    Damaged {
        /// The vault.
        file: PathBuf,
        /// What does not hold.
        what: &'static str,
    },
    /// The key was to come from elsewhere than where the vault's key comes from.
    OtherSource {
        /// The vault.
        file: PathBuf,
        /// Where its key comes from.
        made: Source,
        /// Where the key was to come from.
        given: Source,
    },
    /// The vault needs a key that nobody gave.
    NoKey {
        /// The vault.
        file: PathBuf,
        /// Where its key comes from.
        made: Source,
        /// Where it was looked for.
        at: Option<PathBuf>,
    },
    /// The key that was given is another one than the vault's.
    WrongKey {
        /// The vault.
        file: PathBuf,
        /// Where the key came from.
        given: Source,
    },
    /// The vault was given another passphrase since it was opened.
    Rotated {
        /// The vault.
        file: PathBuf,
    },
    /// A vault was to be rotated to the key that it has.
    SameKey {
        /// The vault.
        file: PathBuf,
    },
    /// The passphrase is empty, or its cost is out of bounds.
    Passphrase {
        /// Which of them.
        what: &'static str,
    },
    /// The key file does not hold a key.
    KeyFile {
        /// The key file.
        path: PathBuf,
        /// What does not hold.
        what: &'static str,
    },
    /// Others could read or replace what is the user's own.
    Loose {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What mends it.
        mend: String,
    },
    /// Somebody else holds the lock, and went on to.
    Busy {
        /// The lock.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// No record can have this name.
    Name {
        /// The name.
        name: String,
    },
    /// More than a vault holds.
    Full {
        /// What is too much.
        what: &'static str,
    },
    /// The keyring of the system did not answer as it should.
    Keyring {
        /// What it said.
        what: String,
    },
    /// The environment does not say where the vault is.
    NoPlace {
        /// What is missing.
        what: &'static str,
    },
    /// The system gave no random bytes.
    Random {
        /// What it said.
        error: String,
    },
    /// The system refused.
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

impl Error {
    /// What the system said while doing something to a path.
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
            Self::Missing { file } => write!(f, "there is no vault at {}: make one first", file.display()),
            Self::Exists { file } => {
                write!(f, "there is a vault at {} already: open it, or move it away", file.display())
            }
            Self::Newer { file, version } => write!(
                f,
                "the vault {} has format {version}, and this program knows 1: use the Jackfield that wrote it, or a \
                 later one",
                file.display()
            ),
            Self::Damaged { file, what } => write!(
                f,
                "the vault {} is not as it was written: {what}. Nothing was read from it and nothing will be written \
                 to it: put back a copy, or move it away and authorize again",
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
                    write!(f, ", and none is at {}", at.display())?;
                }
                write!(f, ": {}", made.remedy())
            }
            Self::WrongKey { file, given } => write!(
                f,
                "{given} has another key than the vault {} was written with, or the head of that file was changed: {}",
                file.display(),
                given.remedy()
            ),
            Self::Rotated { file } => {
                write!(
                    f,
                    "the vault {} has another key since it was opened: open it again with the new one",
                    file.display()
                )
            }
            Self::SameKey { file } => {
                write!(f, "the vault {} has this key already: name another one", file.display())
            }
            Self::Passphrase { what } => write!(f, "{what}: set {PASSPHRASE_VARIABLE} to a long one"),
            Self::KeyFile { path, what } => write!(
                f,
                "the key file {} {what}: it has to hold 64 hexadecimal digits and nothing else",
                path.display()
            ),
            Self::Loose { path, what, mend } => write!(f, "{} {what}: {mend}", path.display()),
            Self::Busy { path, waited } => write!(
                f,
                "the lock {} was held by another for {} s: end whoever holds it, or try again",
                path.display(),
                waited.as_secs_f32()
            ),
            Self::Name { name } => write!(
                f,
                "{:?} cannot be the name of a record: it needs 1 to {} bytes, none of them a control character",
                name.chars().take(80).collect::<String>(),
                crate::LONGEST_NAME
            ),
            Self::Full { what } => write!(f, "{what}: remove what is not needed"),
            Self::Keyring { what } => write!(
                f,
                "the keyring of the system: {what}. Unlock it, or choose another key with {PASSPHRASE_VARIABLE} or \
                 {KEY_FILE_VARIABLE}"
            ),
            Self::NoPlace { what } => {
                write!(f, "{what}: set {} to the absolute path of a folder", crate::FOLDER_VARIABLE)
            }
            Self::Random { error } => write!(f, "the system gave no random bytes ({error}): try again"),
            Self::Io { doing, path, error } => write!(f, "could not {doing} {}: {error}", path.display()),
        }
    }
}
