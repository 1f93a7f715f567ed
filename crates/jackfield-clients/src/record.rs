//! Records of entries that were written to clients' files. Undoing an entry needs its record.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::Client;
use crate::disk;
use crate::error::ClientError;

/// The version of the record's format.
const FORMAT: u64 = 1;

/// A record of one entry in one file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The bytes of the file before the entry was written, or `None` if the file did not exist.
    pub(crate) before: Option<Vec<u8>>,
    /// The digest of the file after the entry was written.
    pub(crate) after: String,
    /// The value of the entry. If the file contains another value, somebody else changed the entry.
    pub(crate) entry: Value,
    /// The inputs that were added with the entry.
    pub(crate) inputs: Vec<String>,
}

/// The folder of a record.
pub(crate) struct RecordFolder {
    folder: PathBuf,
    file: PathBuf,
}

impl RecordFolder {
    /// Returns the folder, below the state folder, for the record of the entry `name` in `file`.
    pub(crate) fn of(state: &Path, file: &Path, client: Client, name: &str) -> Self {
        let digest = digest(file.as_os_str().as_encoded_bytes());
        let folder = state.join(format!("{}-{name}-{}", client.word(), &digest[..12]));
        Self { folder, file: file.to_owned() }
    }

    /// Returns the path of the backup.
    pub(crate) fn backup(&self) -> PathBuf {
        let name = self.file.file_name().unwrap_or_default();
        self.folder.join(format!("before-{}", name.to_string_lossy()))
    }

    fn line(&self) -> PathBuf {
        self.folder.join("record.json")
    }

    /// Reads the record. Returns `None` if there is no record.
    pub(crate) fn read(&self) -> Result<Option<Record>, ClientError> {
        let path = self.line();
        let Some(bytes) = disk::read(&path)? else { return Ok(None) };
        let unreadable = || {
            ClientError::refused(
                &path,
                "this record of an entry is damaged, so undo cannot restore the file: remove this record, and \
                 remove the entry by hand",
            )
        };
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
        let file = self.file.to_string_lossy();
        if value["format"] != json!(FORMAT) || value["file"] != json!(file) {
            return Err(unreadable());
        }
        let before = match value["existed"].as_bool() {
            Some(true) => Some(disk::read(&self.backup())?.ok_or_else(unreadable)?),
            Some(false) => None,
            None => return Err(unreadable()),
        };
        let after = value["after"].as_str().ok_or_else(unreadable)?.to_owned();
        let inputs = value["inputs"].as_array().into_iter().flatten();
        let inputs = inputs.filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Some(Record { before, after, entry: value["entry"].clone(), inputs }))
    }

    /// Stores the record before the file is changed, so that every change has a record.
    pub(crate) fn write(&self, record: &Record) -> Result<(), ClientError> {
        disk::create_private(&self.folder)?;
        if let Some(before) = &record.before {
            disk::write_private(&self.backup(), before)?;
        }
        let value = json!({
            "format": FORMAT, "file": self.file.to_string_lossy(), "existed": record.before.is_some(),
            "after": record.after, "entry": record.entry, "inputs": record.inputs,
        });
        disk::write_private(&self.line(), format!("{value}\n").as_bytes())
    }

    /// Removes the record and the backup.
    pub(crate) fn forget(&self) {
        disk::forget(&self.folder);
    }
}

/// Returns the SHA-256 digest in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
