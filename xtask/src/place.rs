//! Where things lie in this repository.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The outside material that some tasks use when it is there: `$JACKFIELD_SHARED`, by default beside the repository.
pub(crate) fn shared() -> PathBuf {
    std::env::var_os("JACKFIELD_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from)
}

/// A document: a bare name is one of `specs/`, anything else is a path.
pub(crate) fn spec(name: &Path) -> Result<PathBuf, Failure> {
    let bare = name.components().count() == 1;
    let in_specs = root().join("specs").join(name);
    let candidates = if bare { vec![in_specs, name.to_path_buf()] } else { vec![name.to_path_buf()] };
    candidates.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        let looked =
            candidates.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" or ");
        Failure::new(format!("there is no {looked}"))
    })
}

/// A path as seen from the root of the repository, for messages.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
