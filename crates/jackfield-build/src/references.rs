//! The files outside its own folder that a document may refer to: none, unless the user allows them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_openapi::LoadError;
use jackfield_surface::Digest;

/// Gets a file from the network. Build scripts have none: what they need was fetched before, and pinned.
pub trait Fetch: Send + Sync {
    /// At most `limit` bytes from that address.
    ///
    /// # Errors
    /// In words: it cannot be reached, is too large, or lies where nothing may be fetched from.
    fn fetch(&self, address: &str, limit: usize) -> Result<Vec<u8>, String>;
}

/// The user's permissions.
#[derive(Clone, Default)]
pub(crate) struct References {
    /// Files outside the document's folder may be read.
    pub(crate) outside: bool,
    /// The digest of each remote file, as connector.toml pins it.
    pub(crate) pinned: BTreeMap<String, String>,
    /// The folder that holds the copies of remote files.
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
    /// The pin to put into connector.toml, where there is none yet.
    pub(crate) unpinned: Option<String>,
}

impl References {
    /// The copy of a remote file, fetched if need be and allowed.
    pub(crate) fn remote(&self, address: &str, limit: usize) -> Result<Copy, LoadError> {
        let pin = self.pinned.get(address);
        if let Some(pin) = pin {
            let path = self.copy(pin);
            match fs::read(&path) {
                Ok(bytes) if digest(&bytes) == *pin => return Ok(Copy { path, bytes, unpinned: None }),
                Ok(_) => {
                    let why = format!("its copy {} is not what connector.toml pins", path.display());
                    return Err(LoadError::Refused(why));
                }
                Err(_) => {}
            }
        }
        let Some(fetch) = &self.fetch else {
            return Err(LoadError::Refused(match pin {
                Some(pin) => {
                    format!("its copy {} is missing: run `jackfield gen --fetch`", self.copy(pin).display())
                }
                None => "it lies on the network, which needs `jackfield gen --fetch`".to_owned(),
            }));
        };
        let bytes = fetch.fetch(address, limit).map_err(LoadError::Unreadable)?;
        let found = digest(&bytes);
        if pin.is_some_and(|pin| *pin != found) {
            return Err(LoadError::Refused(format!(
                "it is no longer what connector.toml pins: it is {found} now; review it, and pin that"
            )));
        }
        let path = self.copy(&found);
        let written = fs::create_dir_all(&self.store).and_then(|()| fs::write(&path, &bytes));
        written.map_err(|error| LoadError::Unreadable(format!("{}: {error}", path.display())))?;
        Ok(Copy { path, bytes, unpinned: pin.is_none().then_some(found) })
    }

    /// Where the copy with that digest lies.
    fn copy(&self, pin: &str) -> PathBuf {
        // A pin is written by the user, and never a way out of the folder.
        let name: String =
            pin.chars().filter(char::is_ascii_alphanumeric).take(64 + "sha256".len()).collect();
        self.store.join(name.trim_start_matches("sha256"))
    }
}

/// `sha256:…`, over the bytes alone, so that others can compute it.
fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", Digest::plain(bytes))
}

/// An address as seen from another: `../b.yaml` from `https://x/a/c.yaml` is `https://x/b.yaml`.
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

/// Whether a name or reference is an address of the network.
pub(crate) fn is_remote(text: &str) -> bool {
    ["http://", "https://", "//"].iter().any(|start| text.to_ascii_lowercase().starts_with(start))
}

/// The folder of copies beside a connector.toml.
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
    fn addresses_are_joined_without_leaving_the_host() {
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
    fn nothing_is_fetched_unless_somebody_may() {
        let nobody = References::default();
        assert!(matches!(nobody.remote(ADDRESS, 9), Err(LoadError::Refused(_))));
    }

    #[test]
    fn what_was_fetched_is_pinned_and_then_read_from_its_copy() {
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
