//! `cargo xtask tidy`: runs only the tests that check the rules of this repository.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::place;

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let status = jackfield_testkit::cargo()
        .args(["test", "--quiet", "--package", "jackfield-tests", "--", "tidy"])
        .current_dir(place::root())
        .status()
        .map_err(Failure::while_("starting cargo"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
