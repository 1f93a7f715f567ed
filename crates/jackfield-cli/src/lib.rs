//! The `jackfield` command. It parses arguments and prints reports. `jackfield-build` generates connectors,
//! and `jackfield-runtime` serves previews.

mod diff;
mod document_options;
mod failure;
mod fetch;
mod folder;
mod generate;
pub mod inspect;
mod manifest_path;
mod message;
mod paint;
pub mod preview;
mod progress;
mod rows;
mod runtime_place;
mod serve;
mod spec;
mod typed;
mod wording;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use failure::Failure;

/// Turns OpenAPI documents into MCP connectors.
#[derive(Parser, Debug)]
#[command(name = "jackfield", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Generate a connector's crate, or update one
    Gen(generate::Arguments),
    /// Compare two documents, connectors or git revisions, and class each difference
    Diff(diff::Arguments),
    /// Show the tools of a document: effects, requirements and token counts
    Inspect(inspect::Arguments),
    /// Try a document: serve it to an MCP client, or run a command, without generating code
    Preview(preview::Arguments),
    /// Serve a connector from its folder, without compiling it
    Serve(serve::Arguments),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    #[cfg(feature = "jq")]
    jackfield_build::check_jq_with(|program| {
        jackfield_runtime::check_jq(program).map_err(|error| error.to_string())
    });
    let outcome = match Arguments::parse().command {
        Command::Gen(arguments) => generate::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Preview(arguments) => preview::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
    };
    outcome.unwrap_or_else(|failure| {
        paint::failure(&failure);
        ExitCode::from(2)
    })
}

/// Parses a command line, program name first, without running it.
///
/// # Errors
/// Returns the message about the first error.
pub fn understand(words: &[&str]) -> Result<(), String> {
    Arguments::try_parse_from(words).map(drop).map_err(|error| error.to_string())
}
