//! The `jackfield` command. It parses arguments and prints reports. `jackfield-build` generates connectors,
//! and `jackfield-runtime` serves previews.

mod document_options;
mod explain;
mod failure;
mod fetch;
mod folder;
mod generate;
pub mod inspect;
pub mod lint;
mod manifest_path;
mod message;
mod paint;
pub mod preview;
mod progress;
mod rows;
mod runtime_place;
mod serve;
mod spec;
pub mod suggest;
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
    /// Show the tools of a document: effects, requirements and token counts
    Inspect(inspect::Arguments),
    /// Show the request of a call piece by piece, and the line that decided each piece, without sending it
    Explain(explain::Arguments),
    /// Check a connector and its document: hostile texts, weak tools, and the rules of clients
    Lint(lint::Arguments),
    /// Print lines of connector.toml that correct findings of `lint`, each with its reason
    Suggest(suggest::Arguments),
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
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Suggest(arguments) => suggest::run(&arguments),
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
