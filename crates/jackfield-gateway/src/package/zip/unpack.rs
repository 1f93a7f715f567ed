//! Unpacks a ZIP archive into a folder.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::directory::{Entry, Method, entries};
use crate::package::fault::PackageFault;

/// Unpacks an archive into an empty folder. The whole directory is checked first, so that a hostile archive writes nothing.
///
/// # Errors
/// Returns an error if the archive is damaged or hostile, or if a file cannot be written.
pub(in crate::package) fn unpack(archive: &[u8], folder: &Path) -> Result<(), PackageFault> {
    for entry in entries(archive)? {
        let path = folder.join(entry.path.iter().collect::<PathBuf>());
        let written = match entry.is_folder {
            true => fs::create_dir_all(&path),
            false => write(archive, &entry, &path),
        };
        written.map_err(|error| PackageFault::at(&path, error))?;
    }
    Ok(())
}

fn write(archive: &[u8], entry: &Entry, path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let data = archive.get(entry.data.clone()).unwrap_or_default();
    // One byte more than announced shows that there is more.
    let mut content: Box<dyn Read + '_> = match entry.method {
        Method::Stored => Box::new(data.take(entry.size + 1)),
        Method::Deflated => Box::new(DeflateDecoder::new(data).take(entry.size + 1)),
    };
    let mut file = File::options().write(true).create_new(true).open(path)?;
    let (mut crc, mut bytes, mut piece) = (Crc::new(), 0, [0; 16 << 10]);
    loop {
        let read = content.read(&mut piece)?;
        if read == 0 {
            break;
        }
        crc.update(&piece[..read]);
        file.write_all(&piece[..read])?;
        bytes += u64::try_from(read).unwrap_or(0);
    }
    if bytes != entry.size || crc.sum() != entry.crc {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the archive says something else about this file",
        ));
    }
    if entry.is_executable {
        executable(&file)?;
    }
    Ok(())
}

#[cfg(unix)]
fn executable(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &File) -> io::Result<()> {
    Ok(())
}
