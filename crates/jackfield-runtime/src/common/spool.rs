//! Private copies of large files on disk. The copy that is hashed and approved is also the copy that is sent, even if the original file
//! changes in the meantime. A copy takes no memory.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

use super::environment::Environment;
use super::random::random_bytes;

/// The number of bytes that are copied at once.
const PIECE: usize = 256 * 1024;

/// A private copy of a file. It has no name in the file system, and is removed with the last reference to it.
#[derive(Debug)]
pub(crate) struct Spooled {
    file: File,
    length: u64,
    sha256: [u8; 32],
    reserved: Option<Reserved>,
    /// The path of the copy, on systems where an unnamed file cannot be created.
    #[cfg(not(unix))]
    path: PathBuf,
}

/// Limits the bytes that all copies together may take.
#[derive(Debug)]
pub(crate) struct SpoolRoom {
    most: u64,
    taken: AtomicU64,
}

/// The reserved bytes of one copy. They are released when this value is dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    room: Arc<SpoolRoom>,
    bytes: u64,
}

impl SpoolRoom {
    pub(crate) fn of(most: u64) -> Arc<Self> {
        Arc::new(Self { most, taken: AtomicU64::new(0) })
    }

    pub(crate) const fn most(&self) -> u64 {
        self.most
    }

    /// Reserves the bytes of a copy. `None` if all copies together would exceed the limit.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: u64) -> Option<Reserved> {
        let add = |taken: u64| taken.checked_add(bytes).filter(|all| *all <= self.most);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, add).ok()?;
        Some(Reserved { room: Arc::clone(self), bytes })
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// The reason why a file was not copied.
#[derive(Debug)]
pub(crate) enum SpoolError {
    /// The file cannot be read.
    Read(io::Error),
    /// The copy cannot be written to this folder.
    Write(PathBuf, io::Error),
    /// The file grew while it was copied.
    Grew,
    /// The call has ended.
    Stopped,
}

/// Returns the folder for copies: the folder in the environment variable, or else in `TMPDIR`, or else `/var/tmp`, because `/tmp` is often
/// in memory.
pub(crate) fn spool_folder(environment: &Environment, variable: &str) -> PathBuf {
    let named = environment.get(variable).or_else(|| environment.get("TMPDIR")).map(PathBuf::from);
    named.unwrap_or_else(|| {
        let large = Path::new("/var/tmp");
        if cfg!(unix) && large.is_dir() { large.to_owned() } else { std::env::temp_dir() }
    })
}

impl Spooled {
    /// Copies at most `length` bytes from a source.
    pub(crate) fn copy(
        source: impl Read,
        length: u64,
        folder: &Path,
        is_stopped: impl Fn() -> bool,
    ) -> Result<Self, SpoolError> {
        let written = |error| SpoolError::Write(folder.to_owned(), error);
        let mut spooled = Self::empty(folder).map_err(written)?;
        let mut source = source.take(length.saturating_add(1));
        let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
        loop {
            if is_stopped() {
                return Err(SpoolError::Stopped);
            }
            let read = match source.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(SpoolError::Read(error)),
            };
            spooled.length += read as u64;
            if spooled.length > length {
                return Err(SpoolError::Grew);
            }
            digest.update(&piece[..read]);
            spooled.file.write_all(&piece[..read]).map_err(written)?;
        }
        spooled.sha256 = digest.finalize().into();
        Ok(spooled)
    }

    /// Keeps the reserved bytes reserved as long as the copy exists.
    pub(crate) fn within(mut self, reserved: Reserved) -> Self {
        self.reserved = Some(reserved);
        self
    }

    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    pub(crate) const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Reads at most `most` bytes at a position.
    pub(crate) fn read_at(&self, position: u64, most: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.length.saturating_sub(position)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; most.min(left)];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.read_some(&mut bytes[filled..], position + filled as u64) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(bytes)
    }

    #[cfg(unix)]
    fn read_some(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, bytes, position)
    }

    #[cfg(not(unix))]
    fn read_some(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, bytes, position)
    }

    #[cfg(unix)]
    fn empty(folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;

        let of = |file| Self { file, length: 0, sha256: [0; 32], reserved: None };
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{Mode, OFlags};
            // EXCL prevents that the file gets a name later.
            let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::EXCL | OFlags::CLOEXEC;
            if let Ok(unnamed) = rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR) {
                return Ok(of(File::from(unnamed)));
            }
        }
        let path = folder.join(temporary_name()?);
        let mut options = File::options();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(of(file))
    }

    #[cfg(not(unix))]
    fn empty(folder: &Path) -> io::Result<Self> {
        let path = folder.join(temporary_name()?);
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Self { file, length: 0, sha256: [0; 32], reserved: None, path })
    }
}

#[cfg(not(unix))]
impl Drop for Spooled {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Returns an unpredictable name for a temporary file.
pub(crate) fn temporary_name() -> io::Result<String> {
    let random = random_bytes::<12>().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!(".jackfield-{}.part", hex_encode(random.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spooled_copy_is_hashed_and_has_no_file_name() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..PIECE + 7).map(|at| at as u8).collect();
        let spooled = Spooled::copy(&*bytes, bytes.len() as u64, folder.path(), || false).unwrap();
        assert_eq!(spooled.length(), bytes.len() as u64);
        assert_eq!(spooled.sha256()[..], Sha256::digest(&bytes)[..]);
        assert_eq!(spooled.read_at(PIECE as u64 - 1, 100).unwrap(), bytes[PIECE - 1..]);
        assert_eq!(spooled.read_at(3, 2).unwrap(), bytes[3..5]);
        assert_eq!(spooled.read_at(bytes.len() as u64, 9).unwrap(), b"");
        #[cfg(unix)]
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn spooling_fails_if_the_file_grows_or_the_call_ends() {
        let folder = tempfile::tempdir().unwrap();
        let copy = |length, is_stopped: bool| {
            Spooled::copy(&b"abcd"[..], length, folder.path(), || is_stopped).map(|it| it.length())
        };
        assert!(matches!(copy(3, false), Err(SpoolError::Grew)));
        assert!(matches!(copy(4, true), Err(SpoolError::Stopped)));
        assert!(matches!(copy(9, false), Ok(4)), "a file may shrink");
        let gone = folder.path().join("gone");
        let copied = Spooled::copy(&b"abcd"[..], 4, &gone, || false);
        assert!(matches!(copied, Err(SpoolError::Write(named, _)) if named == gone));
    }

    #[test]
    fn spool_folder_comes_from_its_variable_or_is_the_temporary_folder() {
        let of = |variables: &[(&str, &str)]| {
            spool_folder(&Environment::of(variables.iter().copied()), "SHOP_SPOOL")
        };
        assert_eq!(of(&[("SHOP_SPOOL", "/a"), ("TMPDIR", "/b")]), Path::new("/a"));
        assert_eq!(of(&[("TMPDIR", "/b")]), Path::new("/b"));
        assert!(of(&[]).is_dir());
    }
}
