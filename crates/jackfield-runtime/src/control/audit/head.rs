//! The stored end of a chain. It detects records that were removed from the end of a record file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use super::chain::{AuditKey, Chain, Code};

/// The size of a head in bytes. The head is overwritten in place, within one sector.
const SIZE: usize = 512;

/// The last record of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) writer: String,
    pub(crate) sequence: u64,
    pub(crate) code: Code,
}

impl Head {
    /// Returns the head of a chain. `None` if the chain has no records.
    pub(crate) fn of(chain: &Chain) -> Option<Self> {
        let sequence = chain.next.checked_sub(1)?;
        Some(Self { writer: chain.writer.clone(), sequence, code: chain.last })
    }

    /// Returns the head as JSON with its MAC.
    pub(crate) fn to_json(&self, key: &AuditKey) -> Value {
        let Self { writer, sequence, code } = self;
        let tag = key.head(&signed(writer, *sequence, *code));
        json!({ "writer": writer, "seq": sequence, "mac": code.to_hex(), "tag": tag.to_hex() })
    }

    /// Parses a head. `None` if its MAC is wrong.
    pub(crate) fn parse(value: &Value, key: &AuditKey) -> Option<Self> {
        let writer = value["writer"].as_str()?.to_owned();
        let (sequence, code) = (value["seq"].as_u64()?, Code::parse(value["mac"].as_str()?)?);
        let tag = Code::parse(value["tag"].as_str()?)?;
        (key.head(&signed(&writer, sequence, code)) == tag).then_some(Self { writer, sequence, code })
    }

    /// Reads a head. `None` if the text is not a head, or if its MAC is wrong.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub(crate) fn read(path: &Path, key: &AuditKey) -> io::Result<Option<Self>> {
        let mut text = String::new();
        if File::open(path)?.take(SIZE as u64).read_to_string(&mut text).is_err() {
            return Ok(None);
        }
        Ok(serde_json::from_str(text.trim()).ok().and_then(|value| Self::parse(&value, key)))
    }
}

fn signed(writer: &str, sequence: u64, code: Code) -> String {
    format!("{writer} {sequence} {}", code.to_hex())
}

/// Whether the process that writes a head has ended.
#[cfg(unix)]
pub(crate) fn is_unlocked(path: &Path) -> bool {
    let locked = File::open(path)
        .and_then(|file| Ok(rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockShared)?));
    locked.is_ok()
}

/// Whether the process that writes a head has ended. Without file locks this is unknown, so the answer is no.
#[cfg(not(unix))]
pub(crate) fn is_unlocked(_: &Path) -> bool {
    false
}

/// An open head file.
#[derive(Debug)]
pub(crate) struct HeadFile(File);

impl HeadFile {
    /// Creates a head file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be created.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        super::files::make_private(&mut options);
        let file = options.open(path)?;
        // The lock tells other processes that this writer may still append records.
        #[cfg(unix)]
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self(file))
    }

    /// Creates a head file whose writes fail, for tests.
    #[cfg(test)]
    pub(crate) fn broken() -> Self {
        Self(File::open("/dev/null").expect("every Unix system has /dev/null"))
    }

    /// Opens an existing head file.
    #[cfg(test)]
    pub(crate) fn reopened(path: &Path) -> Self {
        Self(OpenOptions::new().write(true).open(path).expect("the file was open before"))
    }

    /// Writes the head. It is not synced after each record. So after a power failure, the head may name an earlier record than the last
    /// record of its chain. In this case, only a removal of the records after the named record stays unnoticed.
    ///
    /// # Errors
    /// Returns an error if the head cannot be written.
    pub(crate) fn write(&mut self, head: &Head, key: &AuditKey) -> io::Result<()> {
        let text = head.to_json(key).to_string();
        let mut padded = format!("{text:<width$}", width = SIZE - 1);
        padded.push('\n');
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(padded.as_bytes())
    }

    /// Syncs the head to the disk.
    ///
    /// # Errors
    /// Returns an error if the head cannot be synced.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
