//! Builds programs of this workspace with cargo.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::{place, release};

/// The profile of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

impl Profile {
    /// Returns the profile with which this program was built.
    pub(crate) const fn of_this() -> Self {
        if release::is_this() { Self::Release } else { Self::Debug }
    }

    const fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// The flags with which `cargo build` reuses the crates that tests have compiled. Cargo compiles a crate once for
/// each set of features: `--workspace` selects the features of all members, and `--examples` the features of
/// dev-dependencies.
pub(crate) const AS_TESTS: [&str; 2] = ["--workspace", "--examples"];

/// Builds a program of this checkout in the debug profile.
pub(crate) fn build_debug(program: &str) -> Result<PathBuf, Failure> {
    build(&[&AS_TESTS[..], &["--quiet", "--locked", "--bin", program]].concat(), program, Profile::Debug)
}

/// Builds a program of this checkout. `words` choose the package and its features.
pub(crate) fn build(words: &[&str], program: &str, profile: Profile) -> Result<PathBuf, Failure> {
    build_in(&place::root(), words, program, profile)
}

/// Builds a program of another checkout into the target folder of this checkout, so that both checkouts share the compiled dependencies.
pub(crate) fn build_in(
    checkout: &Path,
    words: &[&str],
    program: &str,
    profile: Profile,
) -> Result<PathBuf, Failure> {
    let mut arguments = vec!["build"];
    if profile == Profile::Release {
        arguments.push("--release");
    }
    arguments.extend(words);
    let target = place::target();
    let mut cargo = jackfield_testkit::cargo();
    cargo.args(&arguments).current_dir(checkout).arg("--target-dir").arg(&target);
    let status = cargo.status().map_err(Failure::while_("starting cargo"))?;
    match status.success() {
        true => {
            let built = target.join(profile.folder()).join(program);
            Ok(built.with_extension(std::env::consts::EXE_EXTENSION))
        }
        false => Err(Failure::new(format!("the build failed: cargo {}", arguments.join(" ")))),
    }
}
