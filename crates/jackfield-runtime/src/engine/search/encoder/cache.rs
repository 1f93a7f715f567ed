//! Caches the vectors of texts in a file beside the encoder, or in the user's cache folder.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::files;

/// The version of the file format, and of the computation of the vectors.
const VERSION: &[u8] = b"jackfield vectors 1";

/// A digest of everything that the vectors are computed from.
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn new(encoder: &[u8; 32], texts: &[String]) -> Self {
        let mut digest = Sha256::new();
        digest.update(VERSION);
        digest.update(encoder);
        for text in texts {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
        Self(digest.finalize().into())
    }

    fn file_name(&self) -> String {
        let hex: String = self.0.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("{hex}.vectors")
    }
}

/// Reads vectors, `count` numbers in total. A damaged file is ignored.
pub(super) fn load(folders: &[PathBuf], key: &Key, count: usize) -> Option<Vec<f32>> {
    folders.iter().find_map(|folder| {
        let most = count as u64 * 4 + 64;
        let bytes = files::read_at_most(&folder.join(key.file_name()), most + 1).ok()?;
        let (whole_key, rest) = bytes.split_first_chunk::<32>()?;
        let (digest, numbers) = rest.split_first_chunk::<32>()?;
        let is_whole = *whole_key == key.0 && numbers.len() == count * 4 && *digest == digest_of(numbers);
        is_whole.then(|| numbers.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    })
}

/// Writes vectors into the first folder that is writable. If no folder is writable, the vectors are computed
/// again at the next start.
pub(super) fn save(folders: &[PathBuf], key: &Key, vectors: &[f32]) {
    let numbers: Vec<u8> = vectors.iter().flat_map(|number| number.to_le_bytes()).collect();
    let bytes = [&key.0[..], &digest_of(&numbers), &numbers].concat();
    let is_saved =
        folders.iter().any(|folder| files::write_whole(&folder.join(key.file_name()), &bytes).is_ok());
    if !is_saved {
        tracing::warn!("the vectors of the tools cannot be cached, so every start computes them again");
    }
}

/// Returns the folders for vectors, in the order in which they are tried.
pub(super) fn folders(encoder: &Path, variable: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let user = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("LOCALAPPDATA"))
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    let beside = encoder.join("jackfield-vectors");
    std::iter::once(beside).chain(user.map(|user| user.join("jackfield").join("vectors"))).collect()
}

fn digest_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_vectors_are_returned_only_if_texts_and_digest_match() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = [folder.path().join("missing/deep"), folder.path().to_path_buf()];
        let texts = |texts: &[&str]| {
            Key::new(&[7; 32], &texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        let key = texts(&["ab", "c"]);
        assert_eq!(load(&folders, &key, 3), None);
        save(&folders, &key, &[1.0, -2.5, 3.0]);
        assert_eq!(load(&folders, &key, 3), Some(vec![1.0, -2.5, 3.0]));
        assert_eq!(load(&folders, &key, 2), None);
        assert_eq!(load(&folders, &texts(&["a", "bc"]), 3), None);
        let path = folders[0].join(key.file_name());
        let mut bytes = std::fs::read(&path).expect("the file");
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        std::fs::write(&path, bytes).expect("a changed file");
        assert_eq!(load(&folders, &key, 3), None);
    }

    #[test]
    fn vector_cache_uses_the_encoder_folder_before_the_user_cache_folder() {
        let of = |variables: &[(&str, &str)]| {
            folders(Path::new("/models/small"), |name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let beside = PathBuf::from("/models/small/jackfield-vectors");
        assert_eq!(
            of(&[("HOME", "/users/ada")]),
            [beside.clone(), PathBuf::from("/users/ada/.cache/jackfield/vectors")]
        );
        assert_eq!(of(&[("XDG_CACHE_HOME", "relative")]), [beside]);
    }
}
