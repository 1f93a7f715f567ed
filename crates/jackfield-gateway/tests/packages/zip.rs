//! Writes ZIP archives, also invalid ones.

/// A file of an archive, and what is wrong with it.
#[derive(Clone)]
pub(crate) struct Packed {
    pub(crate) name: String,
    /// The name before the bytes, if it differs.
    pub(crate) local_name: Option<String>,
    pub(crate) content: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    /// The announced size, if it differs.
    pub(crate) size: Option<u32>,
    pub(crate) crc: Option<u32>,
    /// The offset of another file whose bytes this file has.
    pub(crate) offset: Option<u32>,
}

impl Packed {
    pub(crate) fn new(name: &str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let name = name.to_owned();
        Self {
            name,
            local_name: None,
            content,
            mode: 0o100_644,
            flags: 0,
            method: 0,
            size: None,
            crc: None,
            offset: None,
        }
    }

    /// Compresses the content.
    pub(crate) fn deflated(self) -> Self {
        use std::io::Read as _;
        let (size, crc) = (u32::try_from(self.content.len()).unwrap(), crc(&self.content));
        let mut content = Vec::new();
        let mut encoder = flate2::read::DeflateEncoder::new(&self.content[..], flate2::Compression::best());
        encoder.read_to_end(&mut content).unwrap();
        Self { content, method: 8, size: Some(size), crc: Some(crc), ..self }
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Writes an archive.
pub(crate) fn zip(files: &[Packed]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let length = u32::try_from(file.content.len()).unwrap();
        let (size, crc) = (file.size.unwrap_or(length), file.crc.unwrap_or_else(|| crc(&file.content)));
        let offset = file.offset.unwrap_or_else(|| u32::try_from(out.len()).unwrap());
        let shared = |name: &str| {
            let mut shared = Vec::new();
            for half in [20, file.flags, file.method, 0, 33] {
                shared.extend_from_slice(&half.to_le_bytes());
            }
            for word in [crc, length, size, u32::try_from(name.len()).unwrap()] {
                shared.extend_from_slice(&word.to_le_bytes());
            }
            shared
        };
        if file.offset.is_none() {
            let name = file.local_name.as_ref().unwrap_or(&file.name);
            out.extend_from_slice(b"PK\x03\x04");
            out.extend_from_slice(&shared(name));
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&file.content);
        }
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&shared(&file.name));
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&(file.mode << 16).to_le_bytes());
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(file.name.as_bytes());
    }
    let start = u32::try_from(out.len()).unwrap();
    let length = u32::try_from(directory.len()).unwrap();
    out.append(&mut directory);
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}
