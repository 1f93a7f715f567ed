//! `cargo xtask bench compile`: measures the compilation of only the generated crate. Its dependencies are built before.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jackfield_build::model::ConnectorName;

use super::figure::{Bar, Figures, median};
use super::{peak, synthetic};
use crate::failure::Failure;
use crate::krate;
use crate::place;

/// The number of runs. Each figure is the median over the runs.
const RUNS: usize = 3;

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let folder = folder()?;
    let document = document(&folder)?;
    let started = Instant::now();
    let krate = generate(&document, &folder)?;
    let generating = started.elapsed();
    eprintln!("{}: medians of {RUNS} runs", document.display());
    let mut figures = Figures::default();
    let mut print = |name: &str, value: f64| figures.print(&format!("compile.{name}"), value, Bar::None);
    print("operations", krate.operations as f64);
    print("lines", krate.lines as f64);
    print("code_kb", krate.kilobytes);
    print("generate_s", generating.as_secs_f64());
    for (word, arguments) in [
        ("check", &["check", "--lib"][..]),
        ("debug", &["build", "--lib"]),
        ("release", &["build", "--release", "--lib"]),
    ] {
        cargo(&krate.folder, arguments)?;
        let mut runs = Vec::new();
        let mut peak_mib = None;
        for _ in 0..RUNS {
            touch(&krate.folder)?;
            let (time, peak) = cargo(&krate.folder, arguments)?;
            runs.push(time);
            peak_mib = peak_mib.max(peak);
        }
        print(&format!("{word}_s"), median(runs).as_secs_f64());
        if let Some(peak) = peak_mib {
            print(&format!("{word}_peak_mib"), peak as f64);
        }
    }
    let size = fs::metadata(build(&krate, &[])?).map_err(Failure::while_("finding the program"))?.len();
    print("binary_mb", size as f64 / 1e6);
    Ok(figures.exit())
}

/// Builds the connector of the same document in release.
pub(super) fn connector() -> Result<PathBuf, Failure> {
    connector_with(&[])
}

/// Builds the connector of the same document in release, with these cargo features.
pub(super) fn connector_with(features: &[&str]) -> Result<PathBuf, Failure> {
    let folder = folder()?;
    build(&generate(&document(&folder)?, &folder)?, features)
}

fn folder() -> Result<PathBuf, Failure> {
    let folder = place::target().join("bench/compile");
    fs::create_dir_all(&folder).map_err(Failure::while_("making the bench folder"))?;
    Ok(folder)
}

/// Builds the program, and returns its path.
fn build(krate: &Crate, features: &[&str]) -> Result<PathBuf, Failure> {
    cargo(&krate.folder, &["build", "--release", "--features", &features.join(",")])?;
    Ok(krate.folder.join("target/release/bench-mcp"))
}

struct Crate {
    folder: PathBuf,
    operations: usize,
    lines: usize,
    kilobytes: f64,
}

/// Returns the real document if it is available, or else a synthetic document of the same size.
fn document(folder: &Path) -> Result<PathBuf, Failure> {
    let real = place::shared().join("corpus/github.json");
    if real.is_file() {
        return fs::canonicalize(real).map_err(Failure::while_("finding the document"));
    }
    let path = folder.join("synthetic.json");
    fs::write(&path, synthetic::document(synthetic::OPERATIONS).to_string())
        .map_err(Failure::while_("writing the synthetic document"))?;
    Ok(path)
}

fn generate(document: &Path, folder: &Path) -> Result<Crate, Failure> {
    let folder = folder.join("bench");
    let name = ConnectorName::new("bench").map_err(Failure::while_("choosing the name of the connector"))?;
    for file in ["connector.toml", "Cargo.lock"] {
        if folder.join(file).is_file() {
            fs::remove_file(folder.join(file))
                .map_err(Failure::while_("removing the files of the last run"))?;
        }
    }
    if folder.join("src").is_dir() {
        fs::remove_dir_all(folder.join("src"))
            .map_err(Failure::while_("removing the files of the last run"))?;
    }
    let generated = krate::write_alone(document.to_path_buf(), &name, &folder)?;
    let code = generated.files.iter().filter(|(path, _)| path.starts_with("src/generated/"));
    let (lines, bytes) = code.fold((0, 0), |(lines, bytes), (_, file)| {
        (lines + file.text.lines().count(), bytes + file.text.len())
    });
    let operations = generated.report.count.emitted;
    Ok(Crate { folder, operations, lines, kilobytes: bytes as f64 / 1e3 })
}

fn touch(folder: &Path) -> Result<(), Failure> {
    let path = folder.join("src/lib.rs");
    let text = fs::read(&path).map_err(Failure::while_("reading lib.rs"))?;
    fs::write(&path, text).map_err(Failure::while_("touching lib.rs"))
}

fn cargo(folder: &Path, arguments: &[&str]) -> Result<(Duration, Option<u64>), Failure> {
    let started = Instant::now();
    let mut child = jackfield_testkit::cargo()
        .args(arguments)
        .arg("--quiet")
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        // The whole crate is compiled each time, not only its changed part.
        .env("CARGO_INCREMENTAL", "0")
        .spawn()
        .map_err(Failure::while_("starting cargo"))?;
    let (success, peak) = peak::wait(&mut child).map_err(Failure::while_("waiting for cargo"))?;
    if success {
        Ok((started.elapsed(), peak))
    } else {
        Err(Failure::new("the generated crate does not compile"))
    }
}
