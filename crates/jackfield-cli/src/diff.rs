//! `jackfield diff`: prints the differences between two documents, connectors or revisions.
#![allow(clippy::print_stdout, reason = "this command prints a report")]

mod git;
mod named;
mod print;
pub(crate) mod since_lock;
pub(crate) mod since_revision;
mod snapshot;

use std::process::ExitCode;

use anstream::println;
use jackfield_build::diff::{Class, Report};

use crate::Failure;
use crate::document_options::ReadingOptions;
use crate::progress::Progress;
use named::{Named, compare_named};

/// The end of `jackfield diff --help`.
const MORE: &str = "\
OLD and NEW can each be:
  a file or folder    an OpenAPI document, a connector.toml, or a folder with a connector.toml
  REV                 a git revision, at which the path of the other argument is read
  REV:PATH            a file or folder of a git revision, relative to this folder
An existing file or folder takes precedence over a revision of the same name.

Classes, the worst first: security, breaking, behaviour, wording. docs/diff.md explains them.

Exit status:
  0  no difference has the class of --fail-on or a worse class
  1  a difference has the class of --fail-on or a worse class
  2  OLD or NEW cannot be read

Examples:
  jackfield diff old.yaml new.yaml
  jackfield diff HEAD~1 .
  jackfield diff main:api/openapi.yaml api/openapi.yaml --markdown
  jackfield diff HEAD . --fail-on security";

/// Arguments of `jackfield diff`.
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
pub(crate) struct Arguments {
    /// The old connector: a document, a connector, a git revision, or REV:PATH
    old: String,
    /// The new connector, in the same forms
    new: String,
    /// Print Markdown for a pull request
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Exit with 1 if a difference has this class or a worse class; `none` never exits with 1
    #[arg(long, value_name = "CLASS", default_value = "breaking")]
    fail_on: Class,
    /// Show all differences instead of the first differences of each class
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    reading: ReadingOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let [old, new] = Named::both(&arguments.old, &arguments.new)?;
    let progress = Progress::start();
    let report = compared(&old, &new, arguments.reading, &progress);
    progress.end();
    let report = report?;
    let (before, after) = (old.to_string(), new.to_string());
    if arguments.json {
        println!("{}", report.json(&before, &after));
    } else if arguments.markdown {
        print!("{}", report.markdown(&before, &after));
    } else {
        print::report(&report, &before, &after, arguments.all);
    }
    let fails = arguments.fail_on != Class::None && report.class() >= arguments.fail_on;
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Reads OLD and NEW in parallel, and compares them.
fn compared(
    old: &Named,
    new: &Named,
    options: ReadingOptions,
    progress: &Progress,
) -> Result<Report, Failure> {
    let watcher = progress.watcher();
    // OLD and NEW are read in parallel, so that a message about one does not wait for the other.
    let (before, after) = std::thread::scope(|scope| {
        let other = scope.spawn(|| new.model(options, None));
        let old = old.model(options, Some(watcher));
        (old, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    Ok(compare_named([old, new], before?, &after?))
}
