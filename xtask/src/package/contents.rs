//! Checks the contents of each package.

use std::fs;
use std::path::{Path, PathBuf};

use super::published::{Package, unpacked};
use crate::place;

/// The files that each package has to contain, each with its path in the repository.
const COMMON: [(&str, &str); 3] =
    [("LICENSE-APACHE", "LICENSE-APACHE"), ("LICENSE-MIT", "LICENSE-MIT"), ("README.md", "crates/README.md")];

/// Returns the problems of an unpacked package.
pub(super) fn problems(package: &Package, registry: &Path) -> Vec<String> {
    let folder = unpacked(package, registry);
    let mut problems = Vec::new();
    for (name, own) in COMMON {
        let (packed, own) = (fs::read(folder.join(name)), fs::read(place::root().join(own)));
        // On a system without symbolic links, the packaged licence could contain only the path of its target.
        if packed.is_err() || packed.ok() != own.ok() {
            problems.push(format!(
                "the {name} of {} differs from the one in the repository",
                package.full_name()
            ));
        }
    }
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    for (at, line) in manifest.lines().enumerate() {
        let is_dependency_path = line.starts_with("path = ") && !line.contains("src/");
        if is_dependency_path || line.contains("jackfield-testkit") {
            problems.push(format!("{}/Cargo.toml:{}: {line}", package.full_name(), at + 1));
        }
    }
    if place::root().join("crates").join(&package.name).join("build.rs").is_file()
        && !folder.join("build.rs").is_file()
    {
        problems.push(format!("{} has no build.rs", package.full_name()));
    }
    problems.extend(missing_files(&folder.join("src")).map(|path| {
        format!("{} includes {}, which is not packaged", package.full_name(), place::shown(&path))
    }));
    if folder.join("tests").exists() {
        problems.push(format!("{} has tests that need the repository", package.full_name()));
    }
    problems
}

/// Returns the files that the code of a crate includes but its package does not contain. Tests are ignored, because
/// they are not run from a package.
fn missing_files(src: &Path) -> impl Iterator<Item = PathBuf> {
    let is_test = |file: &PathBuf| {
        let mut names = file.strip_prefix(src).into_iter().flatten().map(|name| name.to_string_lossy());
        names.any(|name| name == "tests" || name.ends_with("tests.rs"))
    };
    let files: Vec<PathBuf> = walk(src).into_iter().filter(|file| !is_test(file)).collect();
    files.into_iter().flat_map(|file| {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let included = text.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let paths: Vec<PathBuf> = included.map(|path| folder.join(path)).collect();
        paths.into_iter().filter(|path| !path.is_file()).collect::<Vec<_>>()
    })
}

/// Returns the Rust files below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
