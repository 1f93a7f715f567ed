//! Locks between processes. The operating system releases a lock when its holder exits, even after a crash.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::disk;
use crate::error::Error;

/// A lock that is held until this value is dropped. It can be sent to another thread.
#[must_use = "the lock is released when the guard is dropped"]
#[derive(Debug)]
pub struct Guard {
    /// The open lock file. Closing it releases the lock. The file is not removed, because two processes could then lock two files
    /// with the same name.
    _file: File,
}

/// Waits for a lock, for at most `longest`.
pub(crate) fn acquire(path: &Path, longest: Duration) -> Result<Guard, Error> {
    let file = disk::open_lock(path)?;
    let start = Instant::now();
    // The lock is polled, because the blocking system call has no timeout.
    let mut pause = Duration::from_millis(1);
    loop {
        if try_lock(&file).map_err(Error::io("lock", path))? {
            return Ok(Guard { _file: file });
        }
        let left = longest.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(Error::Busy { path: path.to_owned(), waited: longest });
        }
        sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Acquires the lock of a file. Returns false if another process holds it.
#[cfg(unix)]
fn try_lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Acquires the lock of a file. Returns false if another process holds it.
#[cfg(not(unix))]
fn try_lock(file: &File) -> io::Result<bool> {
    // The function is called by its full path, because newer standard libraries have a method with the same name.
    match fs4::FileExt::try_lock(file) {
        Ok(()) => Ok(true),
        Err(fs4::TryLockError::WouldBlock) => Ok(false),
        Err(fs4::TryLockError::Error(error)) => Err(error),
    }
}
