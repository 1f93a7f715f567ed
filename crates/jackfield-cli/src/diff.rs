//! `jackfield diff`: the differences between two documents, connectors or revisions.
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
use crate::progress::Progress;
use named::{Named, Options, compare_named};

/// The end of `jackfield diff --help`.
const MORE: &str = "\
OLD and NEW are each one of:
  a file or folder    an OpenAPI document, a connector.toml, or the folder of one
  REV                 a git revision: the other one of OLD and NEW as it was then
  REV:PATH            a file or folder of a git revision, from this folder on
A file or folder that exists comes before a revision of the same name.

Classes, the worst first: security, breaking, behaviour, wording. docs/diff.md lists what belongs to each.

Exit status:
  0  no difference of the class of --fail-on or worse
  1  there is such a difference
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
    /// The connector before: a document, a connector, a git revision, or REV:PATH
    old: String,
    /// The connector after
    new: String,
    /// Print Markdown for a pull request
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Exit with 1 if a difference has this class or a worse one; with `none`, never
    #[arg(long, value_name = "CLASS", default_value = "breaking")]
    fail_on: Class,
    /// Show each difference instead of the first ones of each class
    #[arg(long)]
    all: bool,
    /// Let documents refer to files outside their folders
    #[arg(long)]
    outside: bool,
    /// Fetch documents from their URLs; never from a private address
    #[arg(long)]
    fetch: bool,
    /// How much text tools have [default: from connector.toml, else lean]
    #[arg(long, value_enum)]
    wording: Option<crate::wording::Wording>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let [old, new] = Named::both(&arguments.old, &arguments.new)?;
    let options = Options {
        outside: arguments.outside,
        fetch: arguments.fetch,
        wording: arguments.wording.map(Into::into),
    };
    let progress = Progress::start();
    let report = compared(&old, &new, &options, &progress);
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
fn compared(old: &Named, new: &Named, options: &Options, progress: &Progress) -> Result<Report, Failure> {
    let watcher = progress.watcher();
    // Stdin can be read only once, and a message about one side should not wait for the other.
    let (before, after) = std::thread::scope(|scope| {
        let other = scope.spawn(|| new.model(options, None));
        let old = old.model(options, Some(watcher));
        (old, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    Ok(compare_named([old, new], before?, &after?))
}
