//! The files of a copy.

use std::path::{Path, PathBuf};

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

use crate::api::address::RegistryAddress;

/// The number of characters of a digest in the name of a file.
const DIGEST: usize = 16;
/// The maximum number of characters of a host in the name of a file.
const LONGEST_HOST: usize = 80;

/// The files of a copy. Their names begin with the same stem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    folder: PathBuf,
    stem: String,
}

impl Place {
    /// Returns the place of the copy of a registry.
    pub(super) fn of_registry(folder: &Path, address: &RegistryAddress) -> Self {
        let host = address.as_str().split_once("://").map_or("", |(_, rest)| rest);
        let host: String = host
            .split('/')
            .next()
            .unwrap_or_default()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' })
            .take(LONGEST_HOST)
            .collect();
        Self { folder: folder.to_owned(), stem: format!("{host}-{}", digest(address.as_str().as_bytes())) }
    }

    /// Returns the place of the copy of a mirror file.
    pub(super) fn of_mirror(folder: &Path, file: &Path) -> Self {
        let digest = digest(file.as_os_str().as_encoded_bytes());
        Self { folder: folder.to_owned(), stem: format!("mirror-{digest}") }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn database(&self) -> PathBuf {
        self.file("sqlite3")
    }

    /// Returns the files that SQLite creates beside the database.
    pub(super) fn beside_database(&self) -> [PathBuf; 2] {
        [self.file("sqlite3-wal"), self.file("sqlite3-shm")]
    }

    pub(super) fn damaged(&self) -> PathBuf {
        self.file("damaged")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.file("lock.sqlite3")
    }

    pub(super) fn index(&self) -> PathBuf {
        self.file("index")
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.stem))
    }
}

fn digest(bytes: &[u8]) -> String {
    hex_encode(&Sha256::digest(bytes)).chars().take(DIGEST).collect()
}
