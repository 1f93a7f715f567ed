//! The paths of this repository.

use std::path::{Path, PathBuf};

use jackfield_build::model::nearest;

use crate::failure::Failure;

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Returns cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Returns the folder with optional material for some tasks: `$JACKFIELD_SHARED`, or else a folder beside the repository.
pub(crate) fn shared() -> PathBuf {
    std::env::var_os("JACKFIELD_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from)
}

/// The file extensions of documents, which may be omitted.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Finds a document. A bare name is a file in `specs/`, with or without its extension, or a folder in `specs/`; anything else is a path.
pub(crate) fn spec(name: &Path) -> Result<PathBuf, Failure> {
    let bare = name.components().count() == 1;
    let specs = root().join("specs");
    let in_specs = bare.then(|| specs.join(name));
    let with = |place: &Path, end: &str| {
        let mut place = place.to_path_buf().into_os_string();
        place.push(end);
        PathBuf::from(place)
    };
    let mut candidates = Vec::new();
    for place in in_specs.into_iter().chain([name.to_path_buf()]) {
        candidates.push(place.clone());
        candidates.extend(ENDINGS.iter().map(|ending| with(&place, &format!(".{ending}"))));
        candidates.extend(ENDINGS.iter().map(|ending| place.join(format!("main.{ending}"))));
    }
    if let Some(found) = candidates.iter().find(|path| path.is_file()) {
        return Ok(found.clone());
    }
    let mut text = format!("there is no document {}", name.display());
    if bare {
        text.push_str(" in specs/ or here");
        let known: Vec<String> = std::fs::read_dir(&specs)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
            .collect();
        let wanted = name.file_stem().unwrap_or_default().to_string_lossy();
        if let Some(near) = nearest(&wanted, known.iter().map(String::as_str)) {
            text.push_str(&format!("; did you mean `{near}`?"));
        }
    }
    Err(Failure::new(text))
}

/// Returns the path relative to the root of the repository, for messages.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_is_found_without_its_extension() {
        let found = |name: &str| {
            spec(Path::new(name)).map(|path| shown(&path)).map_err(|failure| failure.to_string())
        };
        for name in ["bookshop", "bookshop.yaml", "specs/bookshop.yaml"] {
            let path =
                if name.contains('/') { root().join(name).display().to_string() } else { name.to_owned() };
            assert_eq!(found(&path), Ok("specs/bookshop.yaml".to_owned()), "{name}");
        }
        assert_eq!(found("refs_across_files"), Ok("specs/refs_across_files/main.yaml".to_owned()));
        assert!(found("bokshop").unwrap_err().ends_with("did you mean `bookshop`?"));
    }
}
