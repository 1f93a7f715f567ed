//! A local registry of the packages: a directory source, which cargo uses in place of crates.io.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jackfield_cli::catalogue::sha256;
use serde_json::json;

use super::published::{Package, unpacked};
use crate::failure::Failure;
use crate::place;
use crate::program::output;

/// Unpacks the packages, and writes the checksum of each package, which cargo compares with lock files.
pub(super) fn unpack(packages: &[Package], folder: &Path) -> Result<PathBuf, Failure> {
    let registry = folder.join("registry");
    fs::create_dir_all(&registry).map_err(Failure::while_("creating the registry"))?;
    for package in packages {
        let target = unpacked(package, &registry);
        if target.exists() {
            fs::remove_dir_all(&target).map_err(Failure::while_("removing an old package"))?;
        }
        let archive = folder.join("package").join(format!("{}.crate", package.full_name()));
        let bytes = fs::read(&archive).map_err(Failure::while_("reading a package"))?;
        output(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&registry))?;
        let checksum = json!({ "files": {}, "package": sha256(&bytes) });
        fs::write(target.join(".cargo-checksum.json"), checksum.to_string())
            .map_err(Failure::while_("writing the digest of a package"))?;
    }
    Ok(registry)
}

/// Adds the external crates in the versions of Cargo.lock, and returns the path of a cargo configuration that uses the registry.
pub(super) fn with_other_crates(registry: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let lock = fs::read(place::root().join("Cargo.lock")).map_err(Failure::while_("reading Cargo.lock"))?;
    let (digest, known) = (sha256(&lock), folder.join("vendored"));
    if fs::read_to_string(&known).ok().as_ref() != Some(&digest) {
        let vendor = |offline: &[&str]| {
            let mut cargo = jackfield_testkit::cargo();
            // `--no-delete` keeps the packages that are already in the registry.
            cargo.args(["vendor", "--quiet", "--locked", "--versioned-dirs", "--no-delete"]).args(offline);
            output(cargo.arg(registry).current_dir(place::root()))
        };
        vendor(&["--offline"]).or_else(|_| vendor(&[]))?;
        fs::write(&known, &digest).map_err(Failure::while_("recording the copied crates"))?;
    }
    let config = folder.join("config.toml");
    let text = format!(
        "[source.crates-io]\nreplace-with = \"packages\"\n\n[source.packages]\ndirectory = {}\n\n[net]\noffline = true\n",
        json!(registry)
    );
    fs::write(&config, text).map_err(Failure::while_("writing the configuration of cargo"))?;
    Ok(config)
}
