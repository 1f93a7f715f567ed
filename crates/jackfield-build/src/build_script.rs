//! For `build.rs`: generate into `OUT_DIR`, tell cargo what to watch. Reads files and nothing else.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_codegen::{Files, Layout};
use jackfield_model::{Code, Diagnostic, Severity};

use crate::disk;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::pipeline::{Job, model_of};

/// Generates the connector of a connector.toml, relative to the package, into a folder of `OUT_DIR` that has the
/// connector's name.
///
/// # Errors
/// It cannot be generated, or this is no build script.
pub fn build_script(manifest: impl AsRef<Path>) -> Result<(), Error> {
    let variable = |name: &str| {
        env::var_os(name).map(PathBuf::from).ok_or_else(|| {
            Error::plain(
                Diagnostic::error(Code::Manifest, None, format!("{name} is not set"))
                    .so("there is nowhere to write to")
                    .help("call this from build.rs, where cargo sets it"),
            )
        })
    };
    let path = variable("CARGO_MANIFEST_DIR")?.join(manifest);
    let lines = generate(&path, &variable("OUT_DIR")?)?;
    for line in lines {
        #[allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]
        {
            println!("{line}");
        }
    }
    Ok(())
}

/// Generates into `out`, and says what cargo is to be told.
pub(crate) fn generate(manifest: &Path, out: &Path) -> Result<Vec<String>, Error> {
    let job = Job::new(Manifest::read(manifest)?);
    let modelled = model_of(&job)?;
    let folder = modelled.connector.name.to_string();
    let generated = modelled.generate(&Layout::OutDir { folder: folder.clone() });
    let mut lines = vec![watch(manifest)];
    lines.extend(generated.report.read.iter().map(|path| watch(path)));
    for shown in generated.report.findings() {
        if shown.diagnostic.severity != Severity::Note {
            let position = shown.position().map(|position| format!("{position}: ")).unwrap_or_default();
            lines.push(warning(&format!(
                "{position}{} ({})",
                shown.diagnostic.problem, shown.diagnostic.code
            )));
        }
    }
    let lock = manifest.with_file_name("jackfield.lock");
    if lock.is_file() {
        lines.push(watch(&lock));
        lines.extend(drift(&lock, &generated.files)?);
    }
    disk::write(&generated.files, &out.join(&folder), Some("."))?;
    Ok(lines)
}

fn watch(path: &Path) -> String {
    format!("cargo::rerun-if-changed={}", path.display())
}

/// One line, whatever a document says: a second one could be an order to cargo.
fn warning(text: &str) -> String {
    format!("cargo::warning={}", text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Tools that differ from those of a committed lock. A build script tells; whether to accept is for people.
fn drift(lock: &Path, files: &Files) -> Result<Vec<String>, Error> {
    let committed = fs::read_to_string(lock).map_err(|error| Error::file(lock, "read", &error))?;
    let made = files.get("jackfield.lock").map(|file| file.text.as_str()).unwrap_or_default();
    let tools = |text: &str| {
        text.lines().filter(|line| line.starts_with("tool ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (committed, made) = (tools(&committed), tools(made));
    let name = |line: &String| line.split(' ').nth(1).unwrap_or_default().to_owned();
    let changed = made.iter().filter(|line| !committed.contains(line)).map(name);
    let gone = committed.iter().filter(|line| !made.iter().any(|other| name(other) == name(line))).map(name);
    let mut names: Vec<String> = changed.chain(gone).collect();
    names.sort();
    names.dedup();
    Ok(names
        .into_iter()
        .map(|name| {
            warning(&format!(
                "the tool `{name}` differs from jackfield.lock: run `jackfield gen` and review it ({})",
                Code::LockDrift
            ))
        })
        .collect())
}
