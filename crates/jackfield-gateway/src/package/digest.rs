//! The digest of a package.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

use super::fault::PackageFault;
use super::start::PackageStart;
use super::tree::{EntryKind, TreeEntry, entries};

/// Separates these digests from those of other documents, and from later forms.
const FORM: &[u8] = b"jackfield package 1\0";

/// The digest of a folder's files, with their number and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeDigest {
    /// The SHA-256 of the sorted paths, kinds, executable bits, targets of links, and contents.
    pub sum: [u8; 32],
    /// The number of files, folders and links.
    pub entries: u64,
    /// The bytes of all files.
    pub bytes: u64,
}

/// Computes the digest of a folder. It does not depend on the path of the folder, nor on times and users.
///
/// # Errors
/// Returns an error if the folder has something else than files, folders and links to them, or too much of it.
pub fn tree_digest(root: &Path) -> Result<TreeDigest, PackageFault> {
    let all = entries(root)?;
    let (mut whole, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 64 << 10]);
    whole.update(FORM);
    for TreeEntry { path, kind } in &all {
        add(&mut whole, path.as_os_str().as_encoded_bytes());
        match kind {
            EntryKind::Folder => whole.update([0]),
            EntryKind::File { is_executable, .. } => {
                let file = root.join(path);
                let (sum, length) =
                    file_digest(&file, &mut buffer).map_err(|error| PackageFault::at(&file, error))?;
                bytes += length;
                whole.update([1, u8::from(*is_executable)]);
                whole.update(sum);
            }
            EntryKind::Link(target) => {
                whole.update([2]);
                add(&mut whole, target.as_os_str().as_encoded_bytes());
            }
        }
    }
    let entries = u64::try_from(all.len()).unwrap_or(u64::MAX);
    Ok(TreeDigest { sum: whole.finalize().into(), entries, bytes })
}

/// Returns the digest that gateway.toml names. The command is part of it, because it decides what the files do.
pub fn package_digest(tree: &TreeDigest, start: &PackageStart) -> String {
    let mut whole = Sha256::new();
    whole.update(FORM);
    whole.update(tree.sum);
    let PackageStart { program, arguments, variables } = start;
    let command = serde_json::json!([program, arguments, variables]).to_string();
    add(&mut whole, command.as_bytes());
    format!("sha256:{}", hex_encode(&whole.finalize()))
}

/// Adds bytes with their number, so that neighbours cannot be divided otherwise.
fn add(whole: &mut Sha256, bytes: &[u8]) {
    whole.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
    whole.update(bytes);
}

fn file_digest(path: &Path, buffer: &mut [u8]) -> std::io::Result<([u8; 32], u64)> {
    let (mut file, mut sum, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    loop {
        match file.read(buffer)? {
            0 => return Ok((sum.finalize().into(), bytes)),
            read => {
                sum.update(&buffer[..read]);
                bytes += u64::try_from(read).unwrap_or(0);
            }
        }
    }
}
