//! Runs measuring tasks in a release build, because the times of a dev build are meaningless.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::place;

/// Whether this is a release build.
pub(crate) const fn is_this() -> bool {
    !cfg!(debug_assertions)
}

/// Runs a measuring task on its own async runtime. A debug build instead runs the current task again as a release build.
pub(crate) fn run_async(task: impl AsyncFnOnce() -> Result<ExitCode, Failure>) -> Result<ExitCode, Failure> {
    if !is_this() {
        return run_again();
    }
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    runtime.block_on(task())
}

/// Runs the current task again in a release build.
pub(crate) fn run_again() -> Result<ExitCode, Failure> {
    eprintln!("running this task again in a release build; cargo builds it first if necessary");
    let status = jackfield_testkit::cargo()
        .args(["run", "--quiet", "--release", "--package", "xtask", "--manifest-path"])
        .arg(place::root().join("Cargo.toml"))
        .arg("--")
        .args(std::env::args_os().skip(1))
        .status()
        .map_err(Failure::while_("starting cargo"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
