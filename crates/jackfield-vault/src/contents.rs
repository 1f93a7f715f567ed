//! Parses and formats the text of a vault. `docs/vault.md` describes the format.
//!
//! ```text
//! jackfield vault 1
//! vault <id>
//! key file <key id>
//! record <nonce> <ciphertext and tag> <name>
//! seal <nonce> <tag>
//! ```
//!
//! The `seal` line contains the authentication tag of an empty message, whose associated data is all bytes above the line.
//! Records are parsed only after the tag was verified.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cipher::{NONCE, Sealed, TAG, VaultKey};
use crate::error::Error;
use crate::key_line::{KeyLine, is_id, number};
use crate::limits::LARGEST_FILE;
use crate::secret::Secret;
use crate::{LONGEST_NAME, LONGEST_SECRET, MOST_RECORDS, hex};

const FIRST_WORDS: &str = "jackfield vault ";
const VERSION: u32 = 1;
/// The length of the `seal` line: `seal`, a nonce, a tag, two spaces and the line break.
pub(crate) const SEAL_LINE: usize = 4 + 1 + 2 * NONCE + 1 + 2 * TAG + 1;

/// The reason why a text is not a valid vault.
pub(crate) enum Problem {
    Newer(u32),
    Damaged(&'static str),
}

impl Problem {
    /// Converts the problem to an error about a file.
    pub(crate) fn of(self, file: PathBuf) -> Error {
        match self {
            Self::Newer(version) => Error::Newer { file, version },
            Self::Damaged(what) => Error::Damaged { file, what },
        }
    }
}

impl From<&'static str> for Problem {
    fn from(what: &'static str) -> Self {
        Self::Damaged(what)
    }
}

/// The header of a vault, which names the key that decrypts the records.
pub(crate) struct Head {
    /// The id of the vault. Each record is bound to it.
    pub(crate) vault: String,
    pub(crate) key: KeyLine,
}

/// A vault whose header lines and `seal` line were parsed, but not its records.
pub(crate) struct Unopened<'a> {
    pub(crate) head: Head,
    /// The text that the `seal` line authenticates.
    body: &'a str,
    /// The lines with the records.
    records: &'a str,
    seal: Sealed,
}

/// The records of a vault whose `seal` line was verified.
pub(crate) struct Contents {
    pub(crate) head: Head,
    records: BTreeMap<String, Sealed>,
}

impl<'a> Unopened<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Problem> {
        if bytes.len() > LARGEST_FILE {
            return Err("the file is too large".into());
        }
        check_version(bytes)?;
        let text = str::from_utf8(bytes).map_err(|_| "the file is not UTF-8")?;
        let seal_at = text.len().checked_sub(SEAL_LINE).ok_or("the file is truncated")?;
        let (body, seal) = text.split_at_checked(seal_at).ok_or("the file does not end with a seal")?;
        let seal = parse_seal(seal).ok_or("the file does not end with a seal")?;
        let mut lines = body.splitn(4, '\n');
        let (_, vault, key) = (lines.next(), lines.next(), lines.next());
        let vault = vault.and_then(|line| line.strip_prefix("vault ")).filter(|id| is_id(id));
        let key = key.and_then(|line| line.strip_prefix("key "));
        let head = Head {
            vault: vault.ok_or("the second line is not the id of a vault")?.to_owned(),
            key: key
                .and_then(KeyLine::parse)
                .ok_or("the third line does not contain the source of the key")?,
        };
        let records = lines.next().ok_or("the file is truncated")?;
        Ok(Self { head, body, records, seal })
    }

    /// Verifies the `seal` line and parses the records.
    pub(crate) fn open(self, key: &VaultKey) -> Result<Contents, Problem> {
        key.open(&self.seal, self.body.as_bytes()).ok_or("the seal does not match the contents")?;
        Ok(Contents { head: self.head, records: parse_records(self.records)? })
    }
}

impl Contents {
    pub(crate) fn new(head: Head) -> Self {
        Self { head, records: BTreeMap::new() }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.records.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, key: &VaultKey, name: &str) -> Result<Option<Secret>, Problem> {
        let Some(sealed) = self.records.get(name) else { return Ok(None) };
        let text = key.open(sealed, &self.bond(name)).ok_or("a record cannot be decrypted")?;
        Ok(Some(Secret::from_bytes(text).ok_or("a record is not UTF-8")?))
    }

    pub(crate) fn put(&mut self, key: &VaultKey, name: &str, secret: &Secret) -> Result<(), Error> {
        if secret.expose().len() > LONGEST_SECRET {
            return Err(Error::Full { what: "a secret has more than 64 KiB" });
        }
        let sealed = key.seal(secret.expose().as_bytes(), &self.bond(name))?;
        self.records.insert(name.to_owned(), sealed);
        if self.records.len() > MOST_RECORDS {
            return Err(Error::Full { what: "the vault has more than 4096 records" });
        }
        Ok(())
    }

    /// Removes a record, and returns whether it existed.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        self.records.remove(name).is_some()
    }

    /// Returns the text of the vault.
    pub(crate) fn render(&self, key: &VaultKey) -> Result<String, Error> {
        let Head { vault, key: line } = &self.head;
        let mut text = format!("{FIRST_WORDS}{VERSION}\nvault {vault}\nkey {line}\n");
        for (name, Sealed { nonce, bytes }) in &self.records {
            for part in ["record ", &hex::encode(nonce), " ", &hex::encode(bytes), " ", name, "\n"] {
                text.push_str(part);
            }
        }
        let Sealed { nonce, bytes } = key.seal(b"", text.as_bytes())?;
        text.push_str(&format!("seal {} {}\n", hex::encode(&nonce), hex::encode(&bytes)));
        if text.len() > LARGEST_FILE {
            return Err(Error::Full { what: "the vault has more than 2 MiB" });
        }
        Ok(text)
    }

    /// Returns the associated data of a record. It binds the record to its name, to this vault and to this key. Its first line differs from
    /// the first line of the data that the `seal` line authenticates, so that a record's tag and the tag of the `seal` line cannot replace
    /// each other.
    fn bond(&self, name: &str) -> Vec<u8> {
        let Head { vault, key } = &self.head;
        format!("{FIRST_WORDS}{VERSION} record\nvault {vault}\nkey {}\nname {name}\n", key.id).into_bytes()
    }
}

/// Whether the name is valid for a record.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}

/// Checks the version in the first line. Everything after this line may differ between versions.
fn check_version(bytes: &[u8]) -> Result<(), Problem> {
    let what = "the first line is not the first line of a vault";
    let line = bytes.split(|byte| *byte == b'\n').next().and_then(|line| str::from_utf8(line).ok());
    let version = line.and_then(|line| line.strip_prefix(FIRST_WORDS)).ok_or(what)?;
    match number(version).ok_or(what)? {
        VERSION => Ok(()),
        version if version > VERSION => Err(Problem::Newer(version)),
        _ => Err(what.into()),
    }
}

fn parse_seal(line: &str) -> Option<Sealed> {
    let (nonce, tag) = line.strip_prefix("seal ")?.strip_suffix('\n')?.split_once(' ')?;
    Some(Sealed { nonce: hex::decode_array(nonce)?, bytes: hex::decode_array::<TAG>(tag)?.into() })
}

fn parse_records(lines: &str) -> Result<BTreeMap<String, Sealed>, Problem> {
    let mut records = BTreeMap::new();
    for line in lines.split_terminator('\n') {
        let (name, sealed) = parse_record(line).ok_or("a record cannot be parsed")?;
        if records.insert(name.to_owned(), sealed).is_some() || records.len() > MOST_RECORDS {
            return Err("the file has too many records".into());
        }
    }
    Ok(records)
}

fn parse_record(line: &str) -> Option<(&str, Sealed)> {
    let (nonce, rest) = line.strip_prefix("record ")?.split_once(' ')?;
    let (bytes, name) = rest.split_once(' ')?;
    let fits = (2 * TAG..=2 * (TAG + LONGEST_SECRET)).contains(&bytes.len()) && is_name(name);
    let bytes = if fits { hex::decode(bytes)? } else { return None };
    Some((name, Sealed { nonce: hex::decode_array(nonce)?, bytes }))
}

/// See [`crate::read_any`].
pub(crate) fn read_any(bytes: &[u8]) {
    if let Ok(unopened) = Unopened::parse(bytes) {
        let _ = parse_records(unopened.records);
    }
}

#[cfg(test)]
mod tests;
