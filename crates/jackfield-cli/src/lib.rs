//! The `jackfield` command. It parses arguments and prints reports. `jackfield-build` generates connectors,
//! and `jackfield-runtime` serves previews.

mod accept;
pub mod catalogue;
mod ci;
mod completions;
mod config;
mod describe;
mod diff;
mod document_options;
mod example;
mod explain;
mod external;
mod failure;
mod fetch;
mod folder;
mod generate;
pub mod inspect;
pub mod lint;
mod man;
mod manifest_path;
mod message;
mod mock;
mod new;
mod paint;
pub mod preview;
mod progress;
pub mod published;
mod review;
mod rows;
mod runtime_place;
mod serve;
mod ship;
mod spec;
pub mod suggest;
mod typed;
mod withheld;
mod wording;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

pub use failure::Failure;

/// The examples and exit codes of all commands.
const AFTER_HELP: &str = "\
Examples:
  jackfield new openapi.yaml
  jackfield preview openapi.yaml
  jackfield gen openapi.yaml --out bookshop

Exit codes:
  0  the command succeeded, and no check failed
  1  a check found something, or a call failed
  2  the command line, connector.toml or the document is invalid, or a file cannot be used";

/// Turns OpenAPI documents into MCP connectors.
#[derive(Parser, Debug)]
#[command(name = "jackfield", version, about, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List services whose OpenAPI documents or MCP servers are known, or check this list
    Catalogue(catalogue::Arguments),
    /// Create the folder of a new connector; options, or questions at a terminal, make the first decisions
    New(new::Arguments),
    /// Generate a connector's crate, or update one
    Gen(generate::Arguments),
    /// Compare two documents, connectors or git revisions, and classify each difference
    Diff(diff::Arguments),
    /// Show the tools of a document, with effects, requirements and token counts
    Inspect(inspect::Arguments),
    /// Show each part of a call's request, and the line that decided the part, without sending the request
    Explain(explain::Arguments),
    /// Check a connector and its document for hostile texts, weak tools, and violations of clients' rules
    Lint(lint::Arguments),
    /// Print lines of connector.toml that correct findings of `lint`, each with its reason
    Suggest(suggest::Arguments),
    /// Write an overlay with texts for weak tools, with the help of a language model's command line
    Describe(Box<describe::Arguments>),
    /// Write a page about a connector for the person who approves it
    Review(review::Arguments),
    /// Try a document: serve it to an MCP client, or run a command, without generating code
    Preview(preview::Arguments),
    /// Serve a mock of the API of a document, or call every tool against it
    Mock(mock::Arguments),
    /// Serve a connector from its folder, without compiling it
    Serve(serve::Arguments),
    /// Print the entry with which an MCP client starts a connector from its folder, or write it to the client's file
    Config(config::Arguments),
    /// Print a workflow for CI that refreshes a connector from its document
    Ci(ci::Arguments),
    /// Package a connector for other people as registry entry, desktop bundle, container image, plugin and archive
    Ship(Box<ship::Arguments>),
    /// Print the script with which a shell completes this command line
    Completions(completions::Arguments),
    /// Print the page of this command for `man`, or write the pages of all commands
    Man(man::Arguments),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    jackfield_runtime::end_at_closed_pipe();
    #[cfg(feature = "jq")]
    jackfield_build::check_jq_with(|program| {
        jackfield_runtime::check_jq(program).map_err(|error| error.to_string())
    });
    jackfield_build::check_values_with(|schema, value| {
        jackfield_runtime::check_value(schema, value).map_err(|error| error.to_string())
    });
    let commands = Arguments::command();
    if let Some(outcome) = external::run(std::env::args_os(), |name| commands.find_subcommand(name).is_some())
    {
        return outcome.unwrap_or_else(failed);
    }
    let outcome = match Arguments::parse().command {
        Command::Catalogue(arguments) => catalogue::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Gen(arguments) => generate::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Suggest(arguments) => suggest::run(&arguments),
        Command::Describe(arguments) => describe::run(&arguments),
        Command::Review(arguments) => review::run(&arguments),
        Command::Preview(arguments) => preview::run(&arguments),
        Command::Mock(arguments) => mock::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Config(arguments) => config::run(&arguments),
        Command::Ci(arguments) => ci::run(&arguments),
        Command::Ship(arguments) => ship::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
    };
    outcome.unwrap_or_else(failed)
}

fn failed(failure: Failure) -> ExitCode {
    paint::failure(&failure);
    ExitCode::from(2)
}

/// Returns the connector in a folder, as `jackfield serve` serves it.
///
/// # Errors
/// Returns an error if the folder has no connector, or if the connector cannot be served.
pub fn served_connector(path: &std::path::Path) -> Result<jackfield_runtime::rows::ConnectorRows, Failure> {
    served_files(path).map(|(rows, _)| rows)
}

/// Returns the connector in a folder, as `jackfield serve` serves it, and the files, which can be watched for changes.
///
/// # Errors
/// Returns an error if the folder has no connector, or if the connector cannot be served.
pub fn served_files(
    path: &std::path::Path,
) -> Result<(jackfield_runtime::rows::ConnectorRows, Box<dyn jackfield_runtime::ConnectorFiles>), Failure> {
    serve::connector(path)
}

/// Returns the help of each command by its name, and of the program under an empty name.
pub fn helps() -> Vec<(String, String)> {
    helps_of(Arguments::command())
}

/// Returns the help of each command of a program by its name, and of the program under an empty name.
pub fn helps_of(mut program: clap::Command) -> Vec<(String, String)> {
    program.build();
    let whole = (String::new(), program.render_long_help().to_string());
    let commands = program.get_subcommands_mut().filter(|it| it.get_name() != "help");
    let helps = commands.map(|it| (it.get_name().to_owned(), it.render_long_help().to_string()));
    std::iter::once(whole).chain(helps).collect()
}

/// Parses a command line, program name first, without running it.
///
/// # Errors
/// Returns the message about the first error.
pub fn understand(words: &[&str]) -> Result<(), String> {
    Arguments::try_parse_from(words).map(drop).map_err(|error| error.to_string())
}
