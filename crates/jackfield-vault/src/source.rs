use std::fmt;

use crate::{KEY_FILE_VARIABLE, PASSPHRASE_VARIABLE};

/// The source of a vault's key, as the vault names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The keyring of the system.
    Keyring,
    /// A key file.
    File,
    /// A passphrase.
    Passphrase,
}

impl Source {
    /// Returns how the user can provide the key.
    pub(crate) fn remedy(self) -> String {
        match self {
            Self::Keyring => {
                format!(
                    "unset {PASSPHRASE_VARIABLE} and {KEY_FILE_VARIABLE}, and unlock the keyring of your session"
                )
            }
            Self::File => format!(
                "unset {PASSPHRASE_VARIABLE}, and set {KEY_FILE_VARIABLE} to the key file if it is not in the vault's folder"
            ),
            Self::Passphrase => format!("set {PASSPHRASE_VARIABLE} to the passphrase"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyring => "the keyring of the system",
            Self::File => "a key file",
            Self::Passphrase => "a passphrase",
        })
    }
}
