//! Generates into `OUT_DIR` from a `build.rs`, and tells cargo which files to watch. It does not use the
//! network.

use std::env;
use std::path::{Path, PathBuf};

use jackfield_codegen::{LOCK_FILE, Layout, LockChanges};
use jackfield_model::shell_quoted;
use jackfield_model::{Code, ConnectorName, Diagnostic, Severity, visible_line};

use crate::disk;
use crate::error::Error;
use crate::findings::Group;
use crate::manifest::Manifest;
use crate::pipeline::{Job, model_of};

/// Generates the connector of a connector.toml into a folder of `OUT_DIR` that has the connector's name. The path of connector.toml is
/// relative to the package.
///
/// # Errors
/// Returns an error if the connector cannot be generated, or if this is not a build script.
pub fn build_script(manifest: impl AsRef<Path>) -> Result<(), Error> {
    BuildScript::of(manifest).run()
}

/// A build script with more settings than [`build_script`] has.
#[derive(Clone, Debug)]
pub struct BuildScript {
    source: Source,
    warns: bool,
}

#[derive(Clone, Debug)]
enum Source {
    Manifest(PathBuf),
    Document(PathBuf, ConnectorName),
}

impl BuildScript {
    /// Creates a build script for a connector.toml, whose path is relative to the package.
    pub fn of(manifest: impl AsRef<Path>) -> Self {
        Self { source: Source::Manifest(manifest.as_ref().to_path_buf()), warns: true }
    }

    /// Creates a build script for a document without a connector.toml. The path is relative to the package.
    pub fn of_document(document: impl AsRef<Path>, name: ConnectorName) -> Self {
        Self { source: Source::Document(document.as_ref().to_path_buf(), name), warns: true }
    }

    /// Keeps findings about the document out of cargo's output, for documents that the user cannot change.
    #[must_use]
    pub const fn without_warnings(mut self) -> Self {
        self.warns = false;
        self
    }

    /// Generates into a folder of `OUT_DIR` with the connector's name, and tells cargo which files to watch.
    ///
    /// # Errors
    /// Returns an error if the connector cannot be generated, or if this is not a build script.
    pub fn run(&self) -> Result<(), Error> {
        let variable = |name: &str| {
            env::var_os(name).map(PathBuf::from).ok_or_else(|| {
                Error::plain(
                    Diagnostic::error(Code::Manifest, None, format!("{name} is not set"))
                        .so("the output folder is unknown")
                        .help("call this function from build.rs, where cargo sets the variable"),
                )
            })
        };
        for line in self.generate(&variable("CARGO_MANIFEST_DIR")?, &variable("OUT_DIR")?)? {
            #[allow(clippy::print_stdout, reason = "build scripts print instructions for cargo to stdout")]
            {
                println!("{line}");
            }
        }
        Ok(())
    }

    /// Generates into `out`, and returns the instructions for cargo.
    pub(crate) fn generate(&self, package: &Path, out: &Path) -> Result<Vec<String>, Error> {
        let (manifest, file) = match &self.source {
            Source::Manifest(path) => {
                let path = package.join(path);
                (Manifest::read(&path)?, Some(path))
            }
            Source::Document(path, name) => {
                (Manifest::for_document(&package.join(path), Some(name.clone())), None)
            }
        };
        let mut job = Job::new(manifest);
        if let Some(folder) = file.as_ref().and_then(|path| path.parent()) {
            let folder = folder.display().to_string();
            job.lock.command = format!("jackfield gen --lock-only --out {}", shell_quoted(&folder));
        }
        let modelled = model_of(&job)?;
        let folder = modelled.connector.name.to_string();
        let generated = modelled.generate(&Layout::OutDir { folder: folder.clone() });
        let mut lines: Vec<String> =
            file.iter().chain(&generated.report.read).map(|path| watch(path)).collect();
        let findings = generated.report.findings();
        let groups = Group::all(&findings);
        let told = groups.iter().filter(|group| self.warns && group.severity() != Severity::Note);
        lines.extend(told.map(|group| warning(&group.line())));
        let lock = job.lock.path.as_ref().filter(|lock| lock.is_file());
        lines.extend(lock.map(|lock| watch(lock)));
        lines.extend(generated.changes.iter().flat_map(|changes| drift(changes, &job.lock.command)));
        disk::write(&generated.files, &out.join(&folder), Some("."))?;
        Ok(lines)
    }
}

fn watch(path: &Path) -> String {
    format!("cargo::rerun-if-changed={}", path.display())
}

/// Prints a warning on one line, because a line break from a document could begin another instruction to cargo.
fn warning(text: &str) -> String {
    format!("cargo::warning={}", visible_line(&text.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// Returns warnings about differences from a committed lock. Only a person can decide whether to accept them.
fn drift(changes: &LockChanges, command: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        changes.to_string().lines().map(|line| warning(&format!("{LOCK_FILE}: {line}"))).collect();
    if !lines.is_empty() {
        lines.push(warning(&format!("review them, and run `{command}` ({})", Code::LockDrift)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::test_document::shop_document;

    /// Returns a document with a parameter whose name contains an instruction to cargo.
    fn document(location: &str) -> String {
        shop_document(&format!("[{{ name: \"a\\ncargo::rustc-env=X=1\", in: {location} }}]"))
    }

    #[test]
    fn build_script_prints_watched_files_and_findings() {
        let folder = tempfile::tempdir().unwrap();
        let (package, out) = (folder.path().join("package"), folder.path().join("out"));
        fs::create_dir(&package).unwrap();
        fs::write(package.join("api.yaml"), document("pocket")).unwrap();
        fs::write(package.join("connector.toml"), "document = \"api.yaml\"\nname = \"shop\"\n").unwrap();
        let script = BuildScript::of("connector.toml");
        let lines = script.generate(&package, &out).unwrap();
        assert_eq!(lines[0], watch(&package.join("connector.toml")));
        assert_eq!(lines[1], watch(&package.join("api.yaml")));
        assert!(lines[2].starts_with("cargo::warning=") && lines[2].contains("api.yaml:7:"), "{lines:?}");
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines.iter().all(|line| !line.contains('\n')),
            "the document injected an instruction to cargo: {lines:?}"
        );
        for name in ["mod.rs", "books.rs", "schemas.rs", "jackfield.lock"] {
            assert!(out.join("shop").join(name).is_file(), "{name} is missing");
        }
        assert_eq!(script.without_warnings().generate(&package, &out).unwrap().len(), 2);
    }

    #[test]
    fn lock_that_differs_from_the_committed_lock_is_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let (package, out) = (folder.path(), folder.path().join("out"));
        fs::write(package.join("api.yaml"), document("query")).unwrap();
        fs::write(package.join("connector.toml"), "document = \"api.yaml\"\nname = \"shop\"\n").unwrap();
        let script = BuildScript::of("connector.toml");
        script.generate(package, &out).unwrap();
        let lock = fs::read_to_string(out.join("shop/jackfield.lock")).unwrap();
        fs::write(package.join("jackfield.lock"), &lock).unwrap();
        let lines = script.generate(package, &out).unwrap();
        assert_eq!(lines.last(), Some(&watch(&package.join("jackfield.lock"))));

        fs::write(package.join("jackfield.lock"), lock.replace("burn_books destroy", "burn_books read"))
            .unwrap();
        let lines = script.generate(package, &out).unwrap();
        let [.., changed, told] = lines.as_slice() else { panic!("{lines:?}") };
        assert!(changed.contains("changed tool burn_books (read → destroy)"), "{changed}");
        assert!(told.contains("jackfield gen --lock-only --out"), "{told}");
    }

    #[test]
    fn build_fails_for_an_origin_that_is_not_in_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let (package, out) = (folder.path(), folder.path().join("out"));
        let document = document("query");
        fs::write(package.join("api.yaml"), &document).unwrap();
        fs::write(package.join("connector.toml"), "document = \"api.yaml\"\nname = \"shop\"\n").unwrap();
        let script = BuildScript::of("connector.toml");
        script.generate(package, &out).unwrap();
        fs::copy(out.join("shop/jackfield.lock"), package.join("jackfield.lock")).unwrap();
        fs::write(package.join("api.yaml"), document.replace("api.example.com", "evil.example.net")).unwrap();
        let error = script.generate(package, &out).unwrap_err().to_string();
        assert!(error.contains("https://evil.example.net (server 1)"), "{error}");
        assert!(error.contains("--accept-origin https://evil.example.net`"), "{error}");
        assert!(error.contains("jackfield gen --lock-only --out"), "{error}");
    }
}
