//! A file of a package.

use std::sync::OnceLock;

use crate::deflate::Deflated;

/// A file. Its path is relative to the folder or archive that contains the file.
#[derive(Debug)]
pub struct PackageFile {
    /// The path, with `/` between its parts.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
    /// Whether it is a program.
    pub is_program: bool,
    deflated: OnceLock<Deflated>,
}

impl PackageFile {
    /// Creates a file without the permission to execute it.
    pub fn data(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into(), is_program: false, deflated: OnceLock::new() }
    }

    /// Creates an executable file.
    pub fn program(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { is_program: true, ..Self::data(path, bytes) }
    }

    /// Returns the file with another path.
    pub(crate) fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    /// Returns a copy of the file at another path.
    pub(crate) fn copied_to(&self, path: String) -> Self {
        Self { is_program: self.is_program, ..Self::data(path, self.bytes.clone()) }
    }

    /// Returns the compressed content. It is computed at the first call.
    pub(crate) fn deflated(&self) -> &Deflated {
        self.deflated.get_or_init(|| Deflated::of(&self.bytes))
    }

    /// Returns the permissions: everybody may read the file, and only the owner may write it.
    pub(crate) const fn mode(&self) -> u32 {
        if self.is_program { 0o755 } else { 0o644 }
    }
}
