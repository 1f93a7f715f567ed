//! The tasks of this repository: thin calls into `jackfield-build`, and tools for developers.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tasks print to a terminal")]

mod bench;
mod catalogue;
mod conformance;
mod corpus;
mod diffs;
mod failure;
mod generate;
mod inspect;
mod krate;
mod leaks;
mod memory;
mod package;
mod paint;
mod place;
mod program;
mod release;
mod sample;
mod suggestions;
mod surface;
mod tasks;
mod tidy;
mod try_out;
mod words;
mod workspace_build;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The tasks of this repository
#[derive(Parser, Debug)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand, Debug)]
enum Task {
    /// Generate a connector, build it, and call it through a real MCP client against a mock of its API
    Try {
        /// The document: a name in specs/, or a path
        #[arg(default_value = "bookshop.yaml")]
        spec: PathBuf,
    },
    /// Generate connectors into crates/connectors; without documents, generate all existing connectors
    Gen {
        /// Documents: names in specs/, or paths
        specs: Vec<PathBuf>,
        /// Change nothing; exit with 1 if anything would change
        #[arg(long)]
        check: bool,
        /// Accept an origin that the connector's jackfield.lock does not list; may be repeated
        #[arg(long, value_name = "URL", requires = "specs")]
        accept_origin: Vec<String>,
        /// Choose new names for all tools, instead of keeping the names in jackfield.lock
        #[arg(long)]
        new_names: bool,
    },
    /// Create a connector for each service of the catalogue whose document is in a folder or in specs/, and list its tools
    Catalogue(catalogue::Arguments),
    /// Package the crates as crates.io would get them, and check the packages; uploads nothing
    Package(package::Arguments),
    /// Run `gen --check` on all connectors
    Check,
    /// Run the whole pipeline over every document of a folder, each in a separate process
    Corpus(corpus::Arguments),
    /// The child process that `corpus` starts for each document
    #[command(hide = true)]
    CorpusOne(corpus::One),
    /// Compare each revision of a document in a folder with the next revision, and print the classes of the differences
    Diffs(diffs::Arguments),
    /// Run the official MCP conformance suite and other people's clients against the servers of tests/suite_servers;
    /// exit with 1 if fewer scenarios pass than before
    Conformance(conformance::Arguments),
    /// Let the MCP Inspector list the tools of every document of a folder with `--strict`; exit with 1 if it finds an error
    Inspect(inspect::Arguments),
    /// Run a benchmark, and print lines `NAME VALUE BAR`; exit with 1 if a value misses its limit
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Search files, and generated files below folders, for the credentials of tests
    Leaks {
        /// Files to search, and folders in which snapshots, locks, logs and other text files are searched
        #[arg(required = true)]
        places: Vec<PathBuf>,
    },
    /// Call a server for a long time through a service with random faults; exit with 1 if the server's memory or
    /// number of file descriptors grows, or if its audit has a gap
    Soak {
        /// The duration in seconds
        #[arg(long, default_value_t = 600)]
        seconds: u64,
    },
    /// Count the findings of `lint` in every document of a folder, before and after applying `suggest`; exit with 1
    /// if more than half of the findings remain
    Suggestions(suggestions::Arguments),
    /// Count weaknesses of the tools of every document of a folder, such as missing verbs
    Surface(surface::Arguments),
    /// Perform scripted tasks of users through the search surface of large documents, and count the tokens of each task
    Tasks(tasks::Arguments),
    /// Check the manifests and sources against the rules of ARCHITECTURE.md
    Tidy,
    /// Print a random sample of comments, test names, messages and docs, and sentences that likely need a second reading
    Words(words::Words),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Try { spec } => try_out::run(&spec),
        Task::Gen { specs, check, accept_origin, new_names } => {
            generate::run(&specs, check, &accept_origin, new_names)
        }
        Task::Catalogue(arguments) => catalogue::run(&arguments),
        Task::Package(arguments) => package::run(&arguments),
        Task::Check => generate::run(&[], true, &[], false),
        Task::Corpus(arguments) => corpus::run(&arguments),
        Task::CorpusOne(one) => corpus::run_one(&one),
        Task::Diffs(arguments) => diffs::run(&arguments),
        Task::Conformance(arguments) => conformance::run(&arguments),
        Task::Inspect(arguments) => inspect::run(&arguments),
        Task::Bench { what } => bench::run(&what),
        Task::Leaks { places } => leaks::run(&places),
        Task::Soak { seconds } => bench::soak::run(seconds),
        Task::Suggestions(arguments) => suggestions::run(&arguments),
        Task::Surface(arguments) => surface::run(&arguments),
        Task::Tasks(arguments) => tasks::run(&arguments),
        Task::Tidy => tidy::run(),
        Task::Words(words) => words::run(&words),
    };
    outcome.unwrap_or_else(|failure| {
        paint::failure(&failure);
        ExitCode::FAILURE
    })
}
