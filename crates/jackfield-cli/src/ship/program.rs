//! The program that a package contains, and the files that it needs.

use std::fs;
use std::path::Path;

use jackfield_build::model::shell_quoted;
use jackfield_build::{Modelled, ServedFolder};
use jackfield_clients::System;
use jackfield_ship::{Argument, Component, PackageFile, Payload, Platform, components_of_lock};

use super::cargo::Package;
use super::folder_payload;
use crate::Failure;

/// The Cargo.lock from which this program was built. Empty if it was built without one.
const OWN_LOCK: &str = include_str!(concat!(env!("OUT_DIR"), "/Cargo.lock"));
/// The package of this program.
const OWN_PACKAGE: &str = env!("CARGO_PKG_NAME");

/// A program with its files, and the crates in it.
pub(super) struct Shipped {
    pub(super) payload: Payload,
    pub(super) components: Vec<Component>,
}

/// Builds the program of a crate in release, or reads the program that the user names.
///
/// # Errors
/// Returns an error if the crate cannot be built, or the file is not a program.
pub(super) fn of_crate(
    package: &Package,
    binary: Option<&Path>,
    target: Option<&str>,
) -> Result<Shipped, Failure> {
    let lock = package.lock()?;
    let components = components_of_lock(&lock, package.name());
    let components = components.map_err(|error| Failure::Other(error.to_string()))?;
    let path = match binary {
        Some(path) => path.to_path_buf(),
        None => package.build(target)?,
    };
    let (bytes, platform) = read(&path)?;
    let program = with_ending(package.name(), platform);
    let files = vec![PackageFile::program(program.clone(), bytes)];
    Ok(Shipped { payload: Payload { files, program, arguments: Vec::new(), platform }, components })
}

/// Reads the files of a folder, and this program, or another `jackfield` program that the user names.
///
/// # Errors
/// Returns an error if a file cannot be read, or has a path that the package cannot have.
pub(super) fn of_folder(
    folder: &ServedFolder,
    manifest: &Path,
    modelled: &Modelled,
    binary: Option<&Path>,
) -> Result<Shipped, Failure> {
    let own = match binary {
        Some(path) => path.to_path_buf(),
        None => std::env::current_exe().map_err(|error| {
            Failure::Other(format!(
                "the running `jackfield` program cannot be found ({error}): name a program with --binary"
            ))
        })?,
    };
    let (bytes, platform) = read(&own)?;
    let program = with_ending("jackfield", platform);
    let mut files = vec![PackageFile::program(program.clone(), bytes)];
    let served = folder_payload::files(folder, manifest, modelled)?;
    files.extend(served.files);
    let arguments = vec![Argument::Word("serve".to_owned()), Argument::Path(served.folder)];
    let components = match OWN_LOCK {
        "" => Vec::new(),
        lock => components_of_lock(lock, OWN_PACKAGE).map_err(|error| Failure::Other(error.to_string()))?,
    };
    Ok(Shipped { payload: Payload { files, program, arguments, platform }, components })
}

fn read(path: &Path) -> Result<(Vec<u8>, Platform), Failure> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| Failure::Other(format!("cannot read {shown}: {error}")))?;
    let platform = Platform::of(&bytes).ok_or_else(|| {
        Failure::Other(format!("{shown} is not a program for 64-bit Linux, macOS or Windows"))
    })?;
    Ok((bytes, platform))
}

fn with_ending(name: &str, platform: Platform) -> String {
    if platform.system == System::Windows { format!("{name}.exe") } else { name.to_owned() }
}

/// Returns why the program cannot be in a container image, with the remedy. Returns None if it can.
pub(super) fn problem_of_image(payload: &Payload) -> Option<String> {
    let Payload { platform, program, .. } = payload;
    if platform.system != System::Linux {
        return Some(format!(
            "{program} is not a program for Linux. Build one on Linux, or with --target x86_64-unknown-linux-musl"
        ));
    }
    let target = match platform.architecture {
        "arm64" => "aarch64-unknown-linux-gnu",
        _ => "x86_64-unknown-linux-gnu",
    };
    if platform.is_static {
        return None;
    }
    let remedy = if payload.arguments.is_empty() {
        "Leave out --binary, so that the crate is built with a static C library".to_owned()
    } else {
        let build = shell_quoted("-C target-feature=+crt-static").into_owned();
        format!(
            "Build a static one in a checkout of Jackfield, and name it with --binary:\n\n  \
             RUSTFLAGS={build} cargo build --release --locked --package jackfield-cli --target {target}\n"
        )
    };
    Some(format!("{program} is linked dynamically, and an image has no C library. {remedy}"))
}
