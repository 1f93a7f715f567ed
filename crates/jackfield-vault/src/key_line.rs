//! The `key` line of a vault, which names the source of its key.

use std::fmt;

use crate::hex;
use crate::source::Source;

/// The cost of Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The memory in KiB, at most 262,144.
    pub memory: u32,
    /// The number of passes over the memory, at most 16.
    pub passes: u32,
    /// The number of lanes, at most 16. Lanes are computed one after the other.
    pub lanes: u32,
}

/// A parsed `key` line.
#[derive(Clone)]
pub(crate) struct KeyLine {
    pub(crate) id: String,
    pub(crate) origin: Origin,
}

#[derive(Clone)]
pub(crate) enum Origin {
    Keyring,
    File,
    Passphrase(Cost, [u8; 16]),
}

impl Default for Cost {
    /// Returns 64 MiB, three passes and one lane, which take at most a third of a second.
    fn default() -> Self {
        Self { memory: 64 * 1024, passes: 3, lanes: 1 }
    }
}

impl KeyLine {
    pub(crate) const fn source(&self) -> Source {
        match self.origin {
            Origin::Keyring => Source::Keyring,
            Origin::File => Source::File,
            Origin::Passphrase(..) => Source::Passphrase,
        }
    }

    /// Parses the text that `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.splitn(8, ' ').collect();
        let (id, origin) = match *words {
            ["keyring", id] => (id, Origin::Keyring),
            ["file", id] => (id, Origin::File),
            ["passphrase", id, "argon2id", memory, passes, lanes, salt] => {
                let cost = Cost { memory: number(memory)?, passes: number(passes)?, lanes: number(lanes)? };
                (id, Origin::Passphrase(cost.is_bounded().then_some(cost)?, hex::decode_array(salt)?))
            }
            _ => return None,
        };
        is_id(id).then(|| Self { id: id.to_owned(), origin })
    }
}

impl fmt::Display for KeyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = &self.id;
        match &self.origin {
            Origin::Keyring => write!(f, "keyring {id}"),
            Origin::File => write!(f, "file {id}"),
            Origin::Passphrase(Cost { memory, passes, lanes }, salt) => {
                write!(f, "passphrase {id} argon2id {memory} {passes} {lanes} {}", hex::encode(salt))
            }
        }
    }
}

impl Cost {
    /// Whether the cost is within limits, because a hostile file could require all memory of the machine.
    pub(crate) fn is_bounded(self) -> bool {
        let Self { memory, passes, lanes } = self;
        (1..=16).contains(&passes) && (1..=16).contains(&lanes) && (8 * lanes..=256 * 1024).contains(&memory)
    }
}

/// Whether the text is a valid id of a vault or a key: 16 bytes in hexadecimal.
pub(crate) fn is_id(text: &str) -> bool {
    hex::decode_array::<16>(text).is_some()
}

/// Parses a decimal number that consists only of digits, without a sign.
pub(crate) fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
