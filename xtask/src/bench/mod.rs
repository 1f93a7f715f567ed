//! Figures, never tests: ratios within one run, and absolute values beside them.

mod compile;
mod peak;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Subcommand, Debug)]
pub(crate) enum What {
    /// What the compiler makes of a generated crate of 1,223 operations
    Compile,
}

pub(crate) fn run(what: &What) -> Result<ExitCode, Failure> {
    match what {
        What::Compile => compile::run(),
    }
}
