//! The central directory of a ZIP archive.

use std::ops::Range;

use super::bytes::{number16, number32, size16, size32, slice};
use super::path::{PathSet, parts};
use crate::package::fault::PackageFault;

const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LENGTH: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;

/// How far before the end of the file the directory may end: a comment, or the signature of a bundle.
const LONGEST_END: usize = 256 << 10;

/// The limits of an archive.
const MOST_ENTRIES: usize = 50_000;
const MOST_BYTES: u64 = 1 << 30;

const FILE_KIND: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const REGULAR_FILE: u32 = 0o100_000;
const ENCRYPTED: u16 = 1;

/// How the bytes of an entry are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
}

/// A file or folder of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<String>,
    pub(super) is_folder: bool,
    pub(super) is_executable: bool,
    pub(super) method: Method,
    /// The place of the stored bytes in the archive.
    pub(super) data: Range<usize>,
    pub(super) size: u64,
    pub(super) crc: u32,
}

/// Reads the directory of an archive.
///
/// # Errors
/// Returns an error if the archive is damaged or exceeds a limit, or if an entry could be written outside of a folder.
pub(super) fn entries(archive: &[u8]) -> Result<Vec<Entry>, PackageFault> {
    let (start, count) = end(archive).ok_or_else(|| refused("it is not a ZIP archive"))?;
    if count > MOST_ENTRIES {
        return Err(refused(format!("it has more than {MOST_ENTRIES} files")));
    }
    let (mut found, mut at, mut paths, mut bytes) = (Vec::new(), start, PathSet::default(), 0_u64);
    for _ in 0..count {
        let damaged = || refused("its directory is damaged");
        let (entry, next) = entry(archive, at).ok_or_else(damaged)??;
        let path: Vec<&str> = entry.path.iter().map(String::as_str).collect();
        if !paths.add(&path, entry.is_folder) {
            return Err(refused(format!("it has two files at `{}`", path.join("/"))));
        }
        bytes = bytes.saturating_add(entry.size);
        if bytes > MOST_BYTES {
            return Err(refused(format!("it would take more than {} MB", MOST_BYTES >> 20)));
        }
        found.push(entry);
        at = next;
    }
    // Entries that share bytes make an archive much larger than it is.
    let mut places: Vec<(usize, usize)> =
        found.iter().map(|entry| (entry.data.start, entry.data.end)).collect();
    places.sort_unstable();
    let is_shared = places.windows(2).any(|pair| matches!(pair, [one, other] if one.1 > other.0));
    if is_shared || places.last().is_some_and(|last| last.1 > start) {
        return Err(refused("its files overlap"));
    }
    Ok(found)
}

/// Finds the end record. Returns the start of the directory, and the number of its entries.
fn end(archive: &[u8]) -> Option<(usize, usize)> {
    let first = archive.len().saturating_sub(LONGEST_END);
    let last = archive.len().checked_sub(END_LENGTH)?;
    (first..=last).rev().filter(|at| slice(archive, *at, 4) == Some(END)).find_map(|at| {
        let (count, length, start) =
            (size16(archive, at + 10)?, size32(archive, at + 12)?, size32(archive, at + 16)?);
        // A record in the comment of another one does not fit its place.
        let is_one_disk = number32(archive, at + 4)? == 0 && size16(archive, at + 8)? == count;
        (is_one_disk && start.checked_add(length)? == at).then_some((start, count))
    })
}

/// Reads the entry at a place. `None` if the directory is damaged.
fn entry(archive: &[u8], at: usize) -> Option<Result<(Entry, usize), PackageFault>> {
    if slice(archive, at, 4)? != ENTRY {
        return None;
    }
    let (made_by, flags, method) =
        (number16(archive, at + 4)?, number16(archive, at + 8)?, number16(archive, at + 10)?);
    let (crc, packed, size) =
        (number32(archive, at + 16)?, size32(archive, at + 20)?, number32(archive, at + 24)?);
    let lengths = [size16(archive, at + 28)?, size16(archive, at + 30)?, size16(archive, at + 32)?];
    let mode = number32(archive, at + 38)? >> 16;
    let offset = size32(archive, at + 42)?;
    let name = slice(archive, at + ENTRY_LENGTH, lengths[0])?;
    let next = at + ENTRY_LENGTH + lengths.iter().sum::<usize>();
    let shown = String::from_utf8_lossy(name).into_owned();
    let refuse = |why: &str| Some(Err(refused(format!("its file `{shown}` {why}"))));
    let Some(path) = parts(name) else { return refuse("has a path that could lead out of the bundle") };
    let is_folder = name.ends_with(b"/");
    let is_unix = made_by >> 8 == 3 && mode & FILE_KIND != 0;
    if is_unix && mode & FILE_KIND != if is_folder { FOLDER } else { REGULAR_FILE } {
        return refuse("is a link or a device");
    }
    if flags & ENCRYPTED != 0 {
        return refuse("is encrypted");
    }
    let method = match method {
        0 => Method::Stored,
        8 => Method::Deflated,
        _ => return refuse("is compressed in an unknown way"),
    };
    // Other readers use the name before the bytes, so both have to agree.
    let own = size16(archive, offset.checked_add(26)?)?;
    if slice(archive, offset, 4)? != LOCAL || slice(archive, offset.checked_add(LOCAL_LENGTH)?, own)? != name
    {
        return refuse("has two names");
    }
    let from =
        offset.checked_add(LOCAL_LENGTH)?.checked_add(own)?.checked_add(size16(archive, offset + 28)?)?;
    slice(archive, from, packed)?;
    if is_folder && size != 0 {
        return refuse("is a folder with content");
    }
    let entry = Entry {
        path: path.into_iter().map(str::to_owned).collect(),
        is_folder,
        is_executable: made_by >> 8 == 3 && mode & 0o111 != 0 && !is_folder,
        method,
        data: from..from.checked_add(packed)?,
        size: size.into(),
        crc,
    };
    Some(Ok((entry, next)))
}

fn refused(why: impl AsRef<str>) -> PackageFault {
    PackageFault::new(format!("the bundle cannot be unpacked: {}", why.as_ref()))
}
