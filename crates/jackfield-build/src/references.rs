//! The files to which a document may refer. Files outside the document's folder need the user's permission.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_openapi::LoadError;
use jackfield_surface::Digest;

/// Fetches files from the network. Build scripts have no fetcher: they use copies that were fetched and pinned earlier.
pub trait Fetch: Send + Sync {
    /// Fetches at most `limit` bytes from a URL.
    ///
    /// # Errors
    /// Returns a message if the server cannot be reached, the file is too large, or the address must not be
    /// fetched.
    fn fetch(&self, address: &str, limit: usize) -> Result<Vec<u8>, String>;
}

/// The files to which a document may refer.
#[derive(Clone, Default)]
pub(crate) struct References {
    /// Files outside the document's folder may be read.
    pub(crate) outside: bool,
    /// The SHA-256 of each remote file, as pinned in connector.toml.
    pub(crate) pinned: BTreeMap<String, String>,
    /// The folder that contains the copies of remote files.
    pub(crate) store: PathBuf,
    /// The client that fetches files without a copy.
    pub(crate) fetch: Option<Arc<dyn Fetch>>,
}

impl fmt::Debug for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("References")
            .field("outside", &self.outside)
            .field("pinned", &self.pinned)
            .finish_non_exhaustive()
    }
}

/// The copy of a remote file.
pub(crate) struct Copy {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    /// The pin to add to connector.toml, if the file is not pinned yet.
    pub(crate) unpinned: Option<String>,
}

impl References {
    /// Returns the copy of a remote file. If the copy is missing and fetching is allowed, fetches the file
    /// first.
    pub(crate) fn remote(&self, address: &str, limit: usize) -> Result<Copy, LoadError> {
        let pin = self.pinned.get(address);
        if let Some(pin) = pin {
            let path = self.copy(pin);
            match fs::read(&path) {
                Ok(bytes) if digest(&bytes) == *pin => return Ok(Copy { path, bytes, unpinned: None }),
                Ok(_) => {
                    let why =
                        format!("the local copy {} does not match the pin in connector.toml", path.display());
                    return Err(LoadError::Refused(why));
                }
                Err(_) => {}
            }
        }
        let Some(fetch) = &self.fetch else {
            return Err(LoadError::Refused(match pin {
                Some(pin) => {
                    format!(
                        "the local copy {} is missing: run `jackfield gen --fetch`",
                        self.copy(pin).display()
                    )
                }
                None => "the file is remote: run `jackfield gen --fetch`".to_owned(),
            }));
        };
        let bytes = fetch.fetch(address, limit).map_err(LoadError::Unreadable)?;
        let found = digest(&bytes);
        if pin.is_some_and(|pin| *pin != found) {
            return Err(LoadError::Refused(format!(
                "the file does not match its pin in connector.toml: the digest is now {found}; review the file, and pin the new digest"
            )));
        }
        let path = self.copy(&found);
        let written = fs::create_dir_all(&self.store).and_then(|()| fs::write(&path, &bytes));
        written.map_err(|error| LoadError::Unreadable(format!("{}: {error}", path.display())))?;
        Ok(Copy { path, bytes, unpinned: pin.is_none().then_some(found) })
    }

    /// Returns the path of the copy with this digest.
    fn copy(&self, pin: &str) -> PathBuf {
        // The user writes the pin, so only its hexadecimal digits are used. Otherwise the path could lead
        // out of the folder.
        let name: String =
            pin.chars().filter(char::is_ascii_alphanumeric).take(64 + "sha256".len()).collect();
        self.store.join(name.trim_start_matches("sha256"))
    }
}

/// Computes the digest of the bytes as `sha256:…`. Nothing else is hashed, so that other programs can compute the same digest.
fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", Digest::plain(bytes))
}

/// Resolves a reference against a URL: `../b.yaml` in `https://x/a/c.yaml` becomes `https://x/b.yaml`.
pub(crate) fn join(base: &str, reference: &str) -> String {
    if reference.contains("://") {
        return reference.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let folder =
        if reference.starts_with('/') { "" } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{scheme}://{host}/{}", parts.join("/"))
}

/// Whether a reference is an HTTP URL.
pub(crate) fn is_remote(text: &str) -> bool {
    ["http://", "https://", "//"].iter().any(|start| text.to_ascii_lowercase().starts_with(start))
}

/// Returns the folder of copies beside connector.toml.
pub(crate) fn store(folder: &Path) -> PathBuf {
    folder.join("references")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(&'static [u8]);

    impl Fetch for Always {
        fn fetch(&self, _address: &str, _limit: usize) -> Result<Vec<u8>, String> {
            Ok(self.0.to_vec())
        }
    }

    const ADDRESS: &str = "https://example.com/a.yaml";

    #[test]
    fn relative_reference_is_resolved_against_the_url_of_its_document() {
        for (reference, joined) in [
            ("b.yaml", "https://x/a/b.yaml"),
            ("../b.yaml", "https://x/b.yaml"),
            ("../../../b.yaml", "https://x/b.yaml"),
            ("/b.yaml", "https://x/b.yaml"),
            ("https://y/b.yaml", "https://y/b.yaml"),
        ] {
            assert_eq!(join("https://x/a/c.yaml", reference), joined);
        }
    }

    #[test]
    fn remote_file_is_refused_without_a_fetcher() {
        let nobody = References::default();
        assert!(matches!(nobody.remote(ADDRESS, 9), Err(LoadError::Refused(_))));
    }

    #[test]
    fn fetched_file_is_pinned_and_read_from_its_copy() {
        let folder = tempfile::tempdir().unwrap();
        let mut references = References {
            store: store(folder.path()),
            fetch: Some(Arc::new(Always(b"{}"))),
            ..References::default()
        };
        let pin = references.remote(ADDRESS, 9).unwrap().unpinned.unwrap();
        assert_eq!(pin, "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
        references.pinned.insert(ADDRESS.to_owned(), pin);
        references.fetch = None;
        assert_eq!(references.remote(ADDRESS, 9).unwrap().bytes, b"{}");
        references.fetch = Some(Arc::new(Always(b"[]")));
        fs::remove_dir_all(&references.store).unwrap();
        assert!(
            matches!(references.remote(ADDRESS, 9), Err(LoadError::Refused(_))),
            "a changed file was accepted"
        );
    }
}
