//! Embeds the Cargo.lock of this build, from which `jackfield ship` writes the bill of materials for the program `jackfield`.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    // A published crate contains its own Cargo.lock. In a checkout, all crates share one Cargo.lock.
    let lock = folder.ancestors().take(3).map(|folder| folder.join("Cargo.lock")).find(|lock| lock.is_file());
    let target = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("Cargo.lock");
    println!("cargo::rerun-if-changed=build.rs");
    match lock {
        Some(lock) => {
            println!("cargo::rerun-if-changed={}", lock.display());
            fs::write(target, fs::read(lock)?)
        }
        None => fs::write(target, ""),
    }
}
