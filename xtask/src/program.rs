//! Programs that a task runs.

use std::process::Command;

use crate::failure::Failure;

/// Runs a program, and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.output().map_err(Failure::while_("starting a program"))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(Failure::new(format!("{command:?}\n{}", String::from_utf8_lossy(&output.stderr)))),
    }
}
