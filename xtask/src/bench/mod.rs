//! Figures, never tests: ratios within one run, and absolute values beside them.

mod build;
mod call;
mod compile;
mod figure;
mod generate;
mod list;
mod peak;
mod synthetic;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Subcommand, Debug)]
pub(crate) enum What {
    /// How long the command and a connector take to build, cold and warm, and how large they become
    Build(build::Arguments),
    /// What a call costs through a connector, beside a bare rmcp server that makes the same request
    Call,
    /// What the compiler makes of a generated crate of 1,223 operations
    Compile,
    /// How long generating takes, over the time in which its document is parsed; and how much memory
    Gen,
    /// From the start of a connector to its first complete list, beside a bare rmcp server
    List,
    /// What `gen` starts, to see how much memory one run takes
    #[command(hide = true)]
    GenOnce(generate::Once),
    /// The bare server that `call` measures against
    #[command(hide = true)]
    Bare(call::Bare),
}

pub(crate) fn run(what: &What) -> Result<ExitCode, Failure> {
    match what {
        What::Build(arguments) => build::run(arguments),
        What::Call => call::run(),
        What::Compile => compile::run(),
        What::Gen => generate::run(),
        What::List => list::run(),
        What::GenOnce(once) => generate::run_once(once),
        What::Bare(bare) => call::run_bare(bare),
    }
}
