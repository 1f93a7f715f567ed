//! Reproducible ZIP archives, with sorted names, a fixed time and fixed permissions.

use crate::error::ShipError;
use crate::file::PackageFile;

/// 1980-01-01, the earliest date of the ZIP format.
const DATE: u16 = 0x0021;
/// The flag that says that names are UTF-8.
const FLAGS: u16 = 0x0800;
const DEFLATE: u16 = 8;
/// Version 2.0 of the format.
const VERSION: u16 = 20;
/// The version, marked as written by a Unix program, so that permissions are kept.
const MADE_BY_UNIX: u16 = 3 << 8 | VERSION;
const REGULAR_FILE: u32 = 0o100_000;

/// A file with its path in an archive.
pub(crate) struct PackedAt<'f> {
    pub(crate) path: String,
    pub(crate) file: &'f PackageFile,
}

/// Packs the files.
///
/// # Errors
/// Returns an error if one file, or all files together, are too large for the format.
pub(crate) fn zip(mut files: Vec<PackedAt<'_>>) -> Result<Vec<u8>, ShipError> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for PackedAt { path, file } in &files {
        let large = || ShipError::LargeFile(path.clone());
        let data = file.deflated();
        let name = u16::try_from(path.len()).map_err(|_| ShipError::LongPath(path.clone()))?;
        let size = u32::try_from(file.bytes.len()).map_err(|_| large())?;
        let packed = u32::try_from(data.stream_length()).map_err(|_| large())?;
        let offset = u32::try_from(out.len()).map_err(|_| large())?;
        // An entry and its record in the central directory share these fields.
        let mut shared = Vec::new();
        for half in [VERSION, FLAGS, DEFLATE, 0, DATE] {
            shared.extend_from_slice(&half.to_le_bytes());
        }
        for word in [data.crc(), packed, size] {
            shared.extend_from_slice(&word.to_le_bytes());
        }
        shared.extend_from_slice(&name.to_le_bytes());
        shared.extend_from_slice(&[0; 2]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&shared);
        out.extend_from_slice(path.as_bytes());
        data.write_stream(&mut out);
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&MADE_BY_UNIX.to_le_bytes());
        directory.extend_from_slice(&shared);
        // There is no comment, the disk number is zero, and there are no DOS attributes.
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&((REGULAR_FILE | file.mode()) << 16).to_le_bytes());
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(path.as_bytes());
    }
    let whole = || ShipError::LargeFile("the archive".to_owned());
    let start = u32::try_from(out.len()).map_err(|_| whole())?;
    let count = u16::try_from(files.len()).map_err(|_| whole())?;
    let length = u32::try_from(directory.len()).map_err(|_| whole())?;
    out.append(&mut directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    Ok(out)
}
