//! Reproducible archives in the POSIX tar format. Names are sorted, times are zero, and owners are numbers instead of user names.

use sha2::{Digest as _, Sha256};

use crate::deflate::Deflated;
use crate::error::ShipError;
use crate::file::PackageFile;

const BLOCK: usize = 512;

/// The owner of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Root,
    /// The unprivileged user that container images have by convention.
    Nobody,
}

impl Owner {
    pub(crate) const NOBODY: u32 = 65532;

    const fn id(self) -> u32 {
        match self {
            Self::Root => 0,
            Self::Nobody => Self::NOBODY,
        }
    }
}

/// An archive, compressed while it is written.
pub(crate) struct Tar {
    packed: Deflated,
    /// Bytes that are not compressed yet.
    plain: Vec<u8>,
    /// The digest of the archive before compression.
    digest: Sha256,
}

/// A finished archive.
pub(crate) struct Archive {
    /// The archive in the gzip format.
    pub(crate) gzip: Vec<u8>,
    /// The SHA-256 of the archive before compression.
    pub(crate) digest: [u8; 32],
}

impl Tar {
    pub(crate) fn new() -> Self {
        Self { packed: Deflated::of(b""), plain: Vec::new(), digest: Sha256::new() }
    }

    /// Adds a folder. `path` does not end with `/`.
    ///
    /// # Errors
    /// Returns an error if the path is too long.
    pub(crate) fn folder(&mut self, path: &str, mode: u32, owner: Owner) -> Result<(), ShipError> {
        let header = header(&format!("{path}/"), 0, mode, owner, b'5')?;
        self.plain.extend_from_slice(&header);
        Ok(())
    }

    /// Adds a file at `path`.
    ///
    /// # Errors
    /// Returns an error if the path is too long or the file too large.
    pub(crate) fn file(&mut self, path: &str, file: &PackageFile) -> Result<(), ShipError> {
        let header = header(path, file.bytes.len() as u64, file.mode(), Owner::Root, b'0')?;
        self.plain.extend_from_slice(&header);
        self.flush();
        self.packed.push(file.deflated());
        self.digest.update(&file.bytes);
        self.plain.resize(file.bytes.len().next_multiple_of(BLOCK) - file.bytes.len(), 0);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Archive {
        self.plain.resize(self.plain.len() + 2 * BLOCK, 0);
        self.flush();
        Archive { gzip: self.packed.gzip(), digest: self.digest.finalize().into() }
    }

    fn flush(&mut self) {
        self.packed.push(&Deflated::of(&self.plain));
        self.digest.update(&self.plain);
        self.plain.clear();
    }
}

/// Returns the header of an entry in the format `ustar`.
fn header(path: &str, size: u64, mode: u32, owner: Owner, kind: u8) -> Result<[u8; BLOCK], ShipError> {
    // The field of the size has 11 octal digits.
    if size >= 1 << 33 {
        return Err(ShipError::LargeFile(path.to_owned()));
    }
    let (prefix, name) = split(path).ok_or_else(|| ShipError::LongPath(path.to_owned()))?;
    let mut header = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, format!("{mode:07o}").as_bytes());
    put(108, format!("{:07o}", owner.id()).as_bytes());
    put(116, format!("{:07o}", owner.id()).as_bytes());
    put(124, format!("{size:011o}").as_bytes());
    put(136, b"00000000000");
    // The checksum is computed as if the checksum field consisted of spaces.
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

/// Splits a path into a prefix of at most 155 bytes and a name of at most 100 bytes.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= 100 {
        return Some(("", path));
    }
    let mut splits = path.match_indices('/').map(|(at, _)| (&path[..at], &path[at + 1..]));
    splits.find(|(prefix, name)| prefix.len() <= 155 && name.len() <= 100 && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn digest_of_an_archive_covers_the_uncompressed_bytes() {
        let file = PackageFile::program("run", vec![7; 700]);
        let mut tar = Tar::new();
        tar.folder("home", 0o700, Owner::Nobody).expect("the path is short");
        tar.file("bin/run", &file).expect("the path is short");
        let archive = tar.finish();
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*archive.gzip).read_to_end(&mut plain).expect("the archive is valid");
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&plain)), archive.digest);
        // The archive has two headers, two blocks of content, and two blocks at the end.
        assert_eq!(plain.len(), 6 * BLOCK);
        assert_eq!(&plain[100..107], b"0000700");
        assert_eq!(&plain[108..115], b"0177774", "65532");
        assert_eq!(&plain[BLOCK..BLOCK + 7], b"bin/run");
        assert_eq!(&plain[BLOCK + 124..BLOCK + 135], b"00000001274", "700");
    }

    #[test]
    fn long_path_is_split_or_refused() {
        let folder = "f".repeat(90);
        let path = format!("{folder}/{folder}");
        assert_eq!(split(&path), Some((folder.as_str(), folder.as_str())));
        let long = "f".repeat(101);
        assert_eq!(split(&long), None);
        let mut tar = Tar::new();
        assert_eq!(tar.file(&long, &PackageFile::data("x", "")), Err(ShipError::LongPath(long.clone())));
    }
}
