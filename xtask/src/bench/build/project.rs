//! A package to build, and the figures of its builds.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::{cpu, timings};
use crate::failure::Failure;

/// The number of slowest crates that are listed.
const DEAREST: usize = 10;

/// A cargo profile.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

/// The figures of a cold build.
pub(super) struct Cold {
    pub(super) cpu: f64,
    pub(super) megabytes: f64,
    /// The slowest crates, each with its compile time in seconds.
    pub(super) dearest: Vec<(String, f64)>,
}

/// The change that precedes a warm build.
pub(super) enum Change {
    /// Updates the modification times of these files. Their text is not changed, because the files belong to this repository.
    Touched(Vec<PathBuf>),
    /// Inserts a line at the beginning of these files.
    Edited(Vec<PathBuf>),
}

/// A package with a separate target folder.
pub(super) struct Project {
    /// The folder of the workspace.
    pub(super) folder: PathBuf,
    pub(super) package: String,
    pub(super) binary: String,
    pub(super) target: PathBuf,
    /// The change before a warm build.
    pub(super) change: Change,
}

impl Profile {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

impl Project {
    /// Builds the package without earlier build output.
    pub(super) fn build_cold(&self, profile: Profile) -> Result<Cold, Failure> {
        // Downloads are fetched before the measurement.
        let fetched = self.cargo("fetch").status().map_err(Failure::while_("starting cargo"))?;
        if !fetched.success() {
            return Err(Failure::new("cargo fetch failed"));
        }
        let built = self.target.join(profile.as_str());
        if built.is_dir() {
            fs::remove_dir_all(&built).map_err(Failure::while_("removing the files of the last build"))?;
        }
        let cpu = cpu::seconds(self.build(profile).arg("--timings"), "building")?;
        let size = fs::metadata(self.program(profile)).map_err(Failure::while_("finding the program"))?.len();
        Ok(Cold { cpu, megabytes: size as f64 / 1e6, dearest: timings::dearest(&self.target, DEAREST)? })
    }

    /// Changes the source, builds the package again, and returns the CPU seconds.
    pub(super) fn build_warm(&self, profile: Profile) -> Result<f64, Failure> {
        match &self.change {
            Change::Touched(files) => files.iter().try_for_each(|file| touch(file))?,
            Change::Edited(files) => files.iter().try_for_each(|file| edit(file))?,
        }
        cpu::seconds(&mut self.build(profile), "building again")
    }

    /// Returns the number of crates from which the package is built on this system. They include the crates of build
    /// scripts and macros. Each version counts once, and the package itself does not count.
    pub(super) fn crates(&self) -> Result<usize, Failure> {
        let mut tree = self.cargo("tree");
        tree.args(["--package", &self.package, "--edges", "normal,build", "--prefix", "none"]);
        let output = tree.output().map_err(Failure::while_("starting cargo"))?;
        if !output.status.success() {
            return Err(Failure::new(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(crates_in(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Returns a command that runs the program, and builds the program if it is missing.
    pub(super) fn run(&self, profile: Profile) -> Result<Command, Failure> {
        cpu::seconds(&mut self.build(profile), "building")?;
        Ok(Command::new(self.program(profile)))
    }

    fn program(&self, profile: Profile) -> PathBuf {
        self.target.join(profile.as_str()).join(format!("{}{}", self.binary, std::env::consts::EXE_SUFFIX))
    }

    fn build(&self, profile: Profile) -> Command {
        let mut build = self.cargo("build");
        build.args(["--package", &self.package, "--bin", &self.binary, "--quiet"]);
        if profile == Profile::Release {
            build.arg("--release");
        }
        build
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = jackfield_testkit::cargo();
        cargo.arg(command).current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target);
        // Incremental builds are on by default, but CI turns them off.
        cargo.env_remove("CARGO_INCREMENTAL");
        cargo
    }
}

/// Counts the packages in the output of `cargo tree`, except the first, the root of the tree.
fn crates_in(tree: &str) -> usize {
    let names = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let packages: BTreeSet<String> = tree.lines().map(names).filter(|package| !package.is_empty()).collect();
    packages.len().saturating_sub(1)
}

/// Updates the modification time of a file, so that cargo rebuilds it.
fn touch(path: &Path) -> Result<(), Failure> {
    let file = fs::File::options().append(true).open(path);
    file.and_then(|file| file.set_modified(SystemTime::now()))
        .map_err(Failure::while_("setting the time of a source file"))
}

/// Moves every line of a file down by one line.
fn edit(path: &Path) -> Result<(), Failure> {
    let text = fs::read_to_string(path).map_err(Failure::while_("reading a source file"))?;
    fs::write(path, format!("// Changed.\n{text}")).map_err(Failure::while_("editing a source file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crate_that_cargo_tree_repeats_is_counted_once() {
        let tree = "desk-mcp v0.1.0 (/desk)\nring v0.17.14\nsyn v2.0.1\nsyn v3.0.9\nring v0.17.14 (*)\nquote v1.0.1 (proc-macro)\n\n";
        assert_eq!(crates_in(tree), 4);
    }
}
