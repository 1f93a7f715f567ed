//! `cargo xtask catalogue`: creates a connector for each service of the catalogue whose document is in a folder or in `specs/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use jackfield_cli::catalogue::{Catalogue, sha256};

use crate::failure::Failure;
use crate::paint::{self, BOLD, RED};
use crate::place;
use crate::program::output;
use crate::workspace_build::{Profile, build, build_debug};

/// Arguments of `cargo xtask catalogue`.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder with documents; the digests in the catalogue say which document belongs to which service
    folder: PathBuf,
    /// Also build this many of the connectors, beginning with the shortest documents
    #[arg(long, value_name = "N", default_value_t = 0)]
    build: usize,
}

/// A service of the catalogue, and the document that was found for it.
struct Found {
    name: String,
    document: PathBuf,
    bytes: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let found = found(&arguments.folder)?;
    let program = program()?;
    let made = place::target().join("catalogue");
    if made.is_dir() {
        fs::remove_dir_all(&made).map_err(Failure::while_("removing the files of the last run"))?;
    }
    fs::create_dir_all(&made).map_err(Failure::while_("creating the folder of the connectors"))?;
    let made = fs::canonicalize(&made).map_err(Failure::while_("finding the folder of the connectors"))?;
    paint::line(BOLD, format!("{:28}  {:>9}  {:>6}  {:>8}", "service", "bytes", "tools", "seconds"));
    let mut right = 0;
    for (at, service) in found.iter().enumerate() {
        let started = Instant::now();
        let outcome =
            make(&program, service, &made.join(format!("{at}-{}", service.name)), at < arguments.build);
        let seconds = started.elapsed().as_secs_f64();
        match outcome {
            Ok(tools) => {
                right += 1;
                let note = if at < arguments.build { "  built" } else { "" };
                println!("{:28}  {:>9}  {tools:>6}  {seconds:>8.2}{note}", service.name, service.bytes);
            }
            Err(failure) => paint::line(RED, format!("{}: {failure}", service.name)),
        }
    }
    println!("{right} of {} connectors list all of their tools", found.len());
    Ok(if right == found.len() && right > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Finds the services whose document is in `specs/` (by name) or in the folder (by the digest in the catalogue).
/// Small documents come first.
fn found(folder: &Path) -> Result<Vec<Found>, Failure> {
    let mut documents = BTreeMap::new();
    let entries = fs::read_dir(folder).map_err(Failure::while_("reading the folder"))?;
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()) {
        let bytes = fs::read(&path).map_err(Failure::while_("reading a document"))?;
        documents.insert(sha256(&bytes), path);
    }
    let mut found = Vec::new();
    for service in &Catalogue::embedded().services {
        let digest = service.document.as_ref().and_then(|document| document.checked.sha256());
        let in_folder = digest.and_then(|digest| documents.get(digest)).cloned();
        let in_specs = place::root().join("specs").join(format!("{}.yaml", service.name));
        for document in in_folder.into_iter().chain(in_specs.is_file().then_some(in_specs)) {
            let bytes = fs::metadata(&document).map_or(0, |data| data.len());
            found.push(Found { name: service.name.clone(), document, bytes });
        }
    }
    found.sort_by_key(|service| service.bytes);
    Ok(found)
}

/// Builds the `jackfield` command in the profile of this program, and returns its path.
fn program() -> Result<PathBuf, Failure> {
    match Profile::of_this() {
        Profile::Debug => build_debug("jackfield"),
        release => build(&["--quiet", "--locked", "--package", "jackfield-cli"], "jackfield", release),
    }
}

/// Creates the connector, and returns the number of tools that it lists.
fn make(program: &Path, service: &Found, folder: &Path, builds: bool) -> Result<usize, Failure> {
    let document = service.document.display().to_string();
    let shown = folder.display().to_string();
    output(Command::new(program).args([
        "new",
        &service.name,
        "--document",
        &document,
        "--out",
        &shown,
        "--yes",
    ]))?;
    let listed = output(Command::new(program).args(["serve", &shown, "--locked", "tools"]))?;
    if builds {
        output(Command::new(program).args(["gen", "--out", &shown]))?;
        fs::copy(place::root().join("Cargo.lock"), folder.join("Cargo.lock"))
            .map_err(Failure::while_("copying Cargo.lock"))?;
        let target = place::target().join("catalogue-target");
        output(
            jackfield_testkit::cargo()
                .args(["build", "--quiet", "--offline"])
                .current_dir(folder)
                .env("CARGO_TARGET_DIR", &target),
        )?;
        let binary = target.join(format!("debug/{}-mcp{}", service.name, std::env::consts::EXE_SUFFIX));
        let of_binary = output(Command::new(binary).arg("tools"))?;
        if of_binary != listed {
            return Err(Failure::new("the built connector and the served folder list different tools"));
        }
    }
    match count(&listed) {
        0 => Err(Failure::new("the connector lists no tool")),
        count => Ok(count),
    }
}

/// Counts the tools in the output of `tools`, in which each tool has a line with its name and effect.
fn count(listed: &[u8]) -> usize {
    let text = String::from_utf8_lossy(listed);
    let effects = text.lines().filter_map(|line| line.split_whitespace().nth(1));
    effects.filter(|effect| matches!(*effect, "read" | "write" | "destroy")).count()
}
