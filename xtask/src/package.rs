//! `cargo xtask package`: packages the crates as crates.io would get them, and builds connectors from the packages.

mod contents;
mod outside;
mod published;
mod registry;

use std::path::Path;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::paint;
use crate::place;
use crate::program::output;
use published::{Package, published};

/// Arguments of `cargo xtask package`.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Create a local registry of the packages, install the command from it, and build connectors outside this repository
    #[arg(long)]
    build: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let folder = place::target().join("packages");
    std::fs::create_dir_all(&folder).map_err(Failure::while_("creating the folder of the packages"))?;
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

/// Writes the .crate files. Cargo downloads the index of crates.io only if it is not in its cache.
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
