//! Measurements of ratios within one run, and of absolute values. Each measurement prints lines `NAME VALUE BAR` and
//! exits with 1 if a value misses its limit.

mod build;
mod call;
mod compile;
pub(crate) mod figure;
mod gateway;
mod generate;
mod instructions;
mod list;
mod peak;
mod registry;
mod search;
mod serve;
pub(crate) mod soak;
mod synthetic;
mod transfer;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Subcommand, Debug)]
pub(crate) enum What {
    /// Measure cold and warm builds of the command and a connector: CPU time, size and number of crates
    Build(build::Arguments),
    /// Measure a call through a connector, compared with a plain rmcp server that sends the same request
    Call,
    /// Measure time and memory of compiling a generated crate of 1,223 operations
    Compile,
    /// Measure calls through the gateway, compared with direct calls and with other gateways, and the gateway's
    /// memory with many servers and agents
    Gateway(gateway::Arguments),
    /// Measure time and memory of generating, compared with only parsing the document
    Gen,
    /// Count the instructions of a call through a connector, with valgrind, compared with an earlier commit
    Instructions(instructions::Arguments),
    /// Measure the time from the start of a connector to its first complete list, compared with a plain rmcp server
    List,
    /// Measure copying a registry of 50,000 entries, and finding servers in a new process
    Registry,
    /// Measure recall and time of the tool search, compared with plain BM25, over sets of tools and queries
    Search(search::Arguments),
    /// Measure calls over HTTP with all options off and all options on, compared with the plain rmcp server, and the memory under load
    Serve,
    /// Measure the memory of a connector that uploads and downloads a file of 1 GB
    Transfer(transfer::Arguments),
    /// The child process in which `gen` measures the memory of one run
    #[command(hide = true)]
    GenOnce(generate::Once),
    /// The child process in which `registry` measures one step
    #[command(hide = true)]
    RegistryOnce(registry::Once),
    /// The server behind the gateways in `gateway`
    #[command(hide = true)]
    Echo(gateway::Echo),
    /// The plain rmcp server for the comparison in `call`
    #[command(hide = true)]
    Bare(call::Bare),
}

pub(crate) fn run(what: &What) -> Result<ExitCode, Failure> {
    match what {
        What::Build(arguments) => build::run(arguments),
        What::Call => call::run(),
        What::Compile => compile::run(),
        What::Gateway(arguments) => gateway::run(arguments),
        What::Gen => generate::run(),
        What::Instructions(arguments) => instructions::run(arguments),
        What::List => list::run(),
        What::Registry => registry::run(),
        What::Search(arguments) => search::run(arguments),
        What::Serve => serve::run(),
        What::Transfer(arguments) => transfer::run(arguments),
        What::GenOnce(once) => generate::run_once(once),
        What::RegistryOnce(once) => registry::run_once(once),
        What::Echo(echo) => gateway::run_echo(echo),
        What::Bare(bare) => call::run_bare(bare),
    }
}
