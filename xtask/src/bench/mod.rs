//! Figures, never tests: ratios within one run, and absolute values beside them.

mod compile;
mod generate;
mod peak;
mod synthetic;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Subcommand, Debug)]
pub(crate) enum What {
    /// What the compiler makes of a generated crate of 1,223 operations
    Compile,
    /// How long generating takes, over the time in which its document is parsed; and how much memory
    Gen,
    /// What `gen` starts, to see how much memory one run takes
    #[command(hide = true)]
    GenOnce(generate::Once),
}

pub(crate) fn run(what: &What) -> Result<ExitCode, Failure> {
    match what {
        What::Compile => compile::run(),
        What::Gen => generate::run(),
        What::GenOnce(once) => generate::run_once(once),
    }
}
