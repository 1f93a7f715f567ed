//! Runs the program in a folder that has a vault of its own.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::path_of_shell;

/// Returns a command of the program in a folder.
pub(crate) fn command_in(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
    command.current_dir(folder).env("PATH", path_of_shell());
    command.env("JACKFIELD_VAULT", folder.join("vault")).stdin(Stdio::null());
    command
}

/// Runs a printed line in a shell, as if a person had pasted it.
pub(crate) fn paste_in(folder: &Path, line: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder).env("PATH", path_of_shell()).stdin(Stdio::null());
    shell.env("JACKFIELD_VAULT", folder.join("vault")).output().unwrap()
}
