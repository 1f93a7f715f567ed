//! Locks between processes. The system releases them when their holder ends, however it ends.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::disk;
use crate::error::Error;

/// A lock that is held until this goes. It may go to another thread.
#[must_use = "the lock is released when this goes"]
#[derive(Debug)]
pub struct Guard {
    /// Closing it releases the lock. Its file stays, since removing it would let two hold what they take for one lock.
    _file: File,
}

/// Waits for the lock, no longer than that.
pub(crate) fn acquire(path: &Path, longest: Duration) -> Result<Guard, Error> {
    let file = disk::open_lock(path)?;
    let start = Instant::now();
    // Asking again and again, since a wait inside of the system has no bound.
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

/// Takes the lock of a file, unless another process has it.
#[cfg(unix)]
fn try_lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes the lock of a file, unless another process has it.
#[cfg(not(unix))]
fn try_lock(file: &File) -> io::Result<bool> {
    // By path: later versions of the standard library have a method of the same name.
    match fs4::FileExt::try_lock(file) {
        Ok(()) => Ok(true),
        Err(fs4::TryLockError::WouldBlock) => Ok(false),
        Err(fs4::TryLockError::Error(error)) => Err(error),
    }
}
