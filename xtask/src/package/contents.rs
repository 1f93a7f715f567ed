//! What each package has to contain.

use std::fs;
use std::path::Path;

use super::published::{Package, unpacked};
use crate::place;

/// The files that each package has from the root of the repository, with their path there.
const COMMON: [(&str, &str); 3] =
    [("LICENSE-APACHE", "LICENSE-APACHE"), ("LICENSE-MIT", "LICENSE-MIT"), ("README.md", "crates/README.md")];

/// The problems of an unpacked package.
pub(super) fn problems(package: &Package, registry: &Path) -> Vec<String> {
    let folder = unpacked(package, registry);
    let mut problems = Vec::new();
    for (name, own) in COMMON {
        let (packed, own) = (fs::read(folder.join(name)), fs::read(place::root().join(own)));
        // On a system without links, a licence could be packaged as the path that it links to.
        if packed.is_err() || packed.ok() != own.ok() {
            problems.push(format!("{} has another {name} than the repository", package.full_name()));
        }
    }
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    for (at, line) in manifest.lines().enumerate() {
        let is_dependency_path = line.starts_with("path = ") && !line.contains("src/");
        if is_dependency_path || line.contains("jackfield-testkit") {
            problems.push(format!("{}/Cargo.toml:{}: {line}", package.full_name(), at + 1));
        }
    }
    if folder.join("tests").exists() {
        problems.push(format!("{} has tests that need the repository", package.full_name()));
    }
    problems
}
