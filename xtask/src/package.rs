//! `cargo xtask package`: packages the crates as crates.io would get them, and builds connectors from the packages.

mod contents;
mod outside;
mod registry;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::failure::Failure;
use crate::paint;
use crate::place;

/// Arguments of `cargo xtask package`.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Make a local registry of the packages, install the command from it, and build connectors outside this repository
    #[arg(long)]
    build: bool,
}

/// A crate that is published.
pub(crate) struct Package {
    name: String,
    version: String,
}

impl Package {
    /// The name with the version, as in the name of its file.
    fn full_name(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let folder = place::target().join("packages");
    std::fs::create_dir_all(&folder).map_err(Failure::while_("making the folder of the packages"))?;
    let folder =
        std::fs::canonicalize(folder).map_err(Failure::while_("finding the folder of the packages"))?;
    let packages = published()?;
    pack(&packages, &folder)?;
    let registry = registry::unpack(&packages, &folder)?;
    let problems: Vec<String> =
        packages.iter().flat_map(|package| contents::problems(package, &registry)).collect();
    if !problems.is_empty() {
        return Err(Failure::new(problems.join("\n")));
    }
    paint::heading("packaged", format!("{} crates in {}", packages.len(), place::shown(&registry)));
    if arguments.build {
        let config = registry::with_other_crates(&registry, &folder)?;
        outside::build(&packages, &config, &folder)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The crates of the workspace that may be published.
fn published() -> Result<Vec<Package>, Failure> {
    let mut cargo = jackfield_testkit::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]).current_dir(place::root());
    let metadata: Value = serde_json::from_slice(&output(&mut cargo)?)
        .map_err(Failure::while_("reading the metadata of the workspace"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let published = packages.filter(|package| package["publish"].is_null()).map(|package| {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        Package { name: text("name"), version: text("version") }
    });
    Ok(published.collect())
}

/// Writes the .crate files. The index of crates.io is asked only if it is not in cargo's cache.
fn pack(packages: &[Package], folder: &Path) -> Result<(), Failure> {
    let mut failure = None;
    for offline in [true, false] {
        let mut cargo = jackfield_testkit::cargo();
        cargo.args(["package", "--no-verify", "--allow-dirty", "--locked", "--target-dir"]).arg(folder);
        packages.iter().for_each(|package| {
            cargo.args(["--package", &package.name]);
        });
        if offline {
            cargo.arg("--offline");
        }
        match output(cargo.current_dir(place::root())) {
            Ok(_) => return Ok(()),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(|| Failure::new("nothing was packaged")))
}

/// Runs a program, and returns what it printed.
fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.output().map_err(Failure::while_("starting a program"))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(Failure::new(format!("{command:?}\n{}", String::from_utf8_lossy(&output.stderr)))),
    }
}

/// The path of an unpacked package.
fn unpacked(package: &Package, registry: &Path) -> PathBuf {
    registry.join(package.full_name())
}
