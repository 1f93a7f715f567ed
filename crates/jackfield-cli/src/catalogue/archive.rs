//! Reads one file of an npm package, which is a tar archive that is compressed with gzip.

use std::io::{self, Read};

use flate2::read::GzDecoder;

/// The maximum number of bytes that are decompressed. In GitHub's package, 73 MB precede the document that is read.
const MOST_UNPACKED: u64 = 256 * 1024 * 1024;
/// The size of a block of a tar archive.
const BLOCK: usize = 512;

/// Returns the file at `path`, which may have at most `limit` bytes.
///
/// # Errors
/// Returns an error if the archive is invalid, is too large, or does not contain the file.
pub(super) fn file(archive: &[u8], path: &str, limit: usize) -> Result<Vec<u8>, String> {
    file_within(archive, path, limit, MOST_UNPACKED)
}

fn file_within(archive: &[u8], path: &str, limit: usize, most_unpacked: u64) -> Result<Vec<u8>, String> {
    let mut unpacked = GzDecoder::new(archive).take(most_unpacked);
    let mut header = [0_u8; BLOCK];
    loop {
        unpacked.read_exact(&mut header).map_err(|error| broken(&error, path))?;
        if header.iter().all(|byte| *byte == 0) {
            return Err(format!("the package has no file {path}"));
        }
        let size = size(&header).ok_or_else(|| "the package is not a valid tar archive".to_owned())?;
        let is_file = matches!(header[156], b'0' | 0);
        if is_file && name(&header) == path.as_bytes() {
            if size > limit as u64 {
                return Err(format!("{path} in the package has more than {limit} bytes"));
            }
            let mut bytes = Vec::new();
            unpacked.by_ref().take(size).read_to_end(&mut bytes).map_err(|error| broken(&error, path))?;
            return match bytes.len() as u64 == size {
                true => Ok(bytes),
                false => Err(broken(&io::ErrorKind::UnexpectedEof.into(), path)),
            };
        }
        let padded = size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX);
        let skipped = io::copy(&mut unpacked.by_ref().take(padded), &mut io::sink())
            .map_err(|error| broken(&error, path))?;
        if skipped < padded {
            return Err(broken(&io::ErrorKind::UnexpectedEof.into(), path));
        }
    }
}

fn broken(error: &io::Error, path: &str) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            format!("the package ends before the end of {path}, or is too large to be searched further")
        }
        _ => format!("the package cannot be decompressed: {error}"),
    }
}

/// Returns the path of an entry. The header may split it into a prefix and a name.
fn name(header: &[u8; BLOCK]) -> Vec<u8> {
    let text = |field: &[u8]| field.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
    let is_ustar = &header[257..262] == b"ustar";
    if is_ustar && !prefix.is_empty() { [prefix, b"/".to_vec(), name].concat() } else { name }
}

/// Parses the size of an entry, which consists of octal digits. The encoding for sizes over 8 GB is not supported.
fn size(header: &[u8; BLOCK]) -> Option<u64> {
    let digits = std::str::from_utf8(&header[124..136]).ok()?;
    u64::from_str_radix(digits.trim_matches([' ', '\0']), 8).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn entry(name: &str, kind: u8, size: &str, content: &[u8]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..124 + size.len()].copy_from_slice(size.as_bytes());
        block[156] = kind;
        block.extend(content);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }

    /// Creates a package with one file.
    pub(crate) fn package(path: &str, content: &str) -> Vec<u8> {
        let size = format!("{:011o}", content.len());
        packed(&[entry(path, b'0', &size, content.as_bytes()), vec![0; 2 * BLOCK]])
    }

    fn packed(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&parts.concat()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn package_that_is_invalid_or_lacks_the_document_is_refused() {
        let end = vec![0; 2 * BLOCK];
        let other = entry("package/README.md", b'0', "00000000004", b"text");
        let wanted = entry("package/api.json", b'0', "00000000002\0", b"{}");
        let link = entry("package/api.json", b'2', "0", b"");
        let long = entry("package/api.json", b'0', "00000000013", b"");
        let without_content = entry("package/api.json", b'0', "7", b"")[..BLOCK].to_vec();
        let endless = entry("a", b'0', "777777777777", b"");
        let without_size = entry("a", b'0', "\u{1}size", b"");
        for (parts, expected) in [
            (&[&other, &wanted, &end][..], Ok(b"{}".to_vec())),
            (&[&other, &end], Err("has no file package/api.json")),
            (&[&other], Err("the package ends")),
            (&[&link, &end], Err("has no file")),
            (&[&long, &end], Err("more than 10 bytes")),
            (&[&without_content], Err("the package ends")),
            (&[&endless], Err("the package ends")),
            (&[&without_size], Err("not a valid tar archive")),
        ] {
            let parts: Vec<Vec<u8>> = parts.iter().copied().cloned().collect();
            let read = file(&packed(&parts), "package/api.json", 10);
            match expected {
                Ok(bytes) => assert_eq!(read, Ok(bytes)),
                Err(part) => {
                    assert!(read.as_ref().is_err_and(|text| text.contains(part)), "{part}: {read:?}");
                }
            }
        }
        assert!(file(b"plain text instead of gzip", "a", 10).unwrap_err().contains("cannot be decompressed"));
    }

    #[test]
    fn decompression_of_a_package_stops_at_the_size_limit() {
        let entry = entry("zeros", b'0', "00400000000", &[0; 4096]);
        let archive = packed(&[entry, vec![0; 8 * 1024 * 1024]]);
        assert!(archive.len() < 100_000, "{} bytes", archive.len());
        let read = file_within(&archive, "api.json", 10, 4 * 1024 * 1024);
        assert!(read.is_err_and(|text| text.contains("too large to be searched further")));
    }
}
