//! `jackfield completions`: prints the script with which a shell completes the command line.

use std::io::Write as _;
use std::process::ExitCode;

use clap_complete::Shell;

use crate::Failure;

/// Arguments of `jackfield completions`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield completions bash > ~/.local/share/bash-completion/completions/jackfield\n  \
                        jackfield completions fish > ~/.config/fish/completions/jackfield.fish"
)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: clap::Command) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "jackfield", &mut script);
    let written = std::io::stdout().lock().write_all(&script);
    written.map_err(|error| Failure::Other(format!("cannot write the script: {error}")))?;
    Ok(ExitCode::SUCCESS)
}
