//! `jackfield review`: writes a report about a connector as one HTML page, for the person who approves the connector.
#![allow(clippy::print_stdout, reason = "this command prints the place of the page")]

mod changes;
mod content_policy;
mod contents;
mod filters;
mod frame;
mod guards;
mod number;
mod page;
pub(crate) mod published;
mod reach;
mod schema;
mod shared;
mod shared_schemas;
mod since;
mod subject;
mod summary;
mod tokens;
mod tool;
mod tools;
mod treemap;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::println;
use jackfield_build::model_of;

use crate::document_options::DocumentOptions;
use crate::inspect::grouped;
use crate::progress::Progress;
use crate::{Failure, paint};
use subject::Subject;

/// The default file name of the page, in the folder of connector.toml.
const PAGE: &str = "review.html";

/// The end of `jackfield review --help`.
const MORE: &str = "\
The page is one file without links to the network. docs/review.md explains it.

Examples:
  jackfield review
  jackfield review bookshop --since v1.4.0
  jackfield review openapi.yaml -o review.html";

/// Arguments of `jackfield review`.
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
pub(crate) struct Arguments {
    /// The connector.toml or its folder, or an OpenAPI document [default: the connector.toml here]
    spec: Option<PathBuf>,
    /// Show the changes since a git revision, or compared with another connector [default: since jackfield.lock]
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// The file to write; `-` is stdout [default: review.html beside connector.toml, or here for a document]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    document: DocumentOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let spec = crate::spec::spec_or_here(arguments.spec.as_deref(), "review")?;
    let job = arguments.document.job("review", &spec, None)?;
    let modelled = Progress::during(job.telling_added_origins(), model_of)?;
    paint::findings(&modelled.report, arguments.document.all);
    let since = since::of(arguments.since.as_deref(), &spec, &arguments.document, &modelled)?;
    let subject = Subject::of(modelled, since)?;
    let page = page::of(&subject).into_string();
    let place = arguments.output.clone().unwrap_or_else(|| beside(&spec));
    if place == Path::new("-") {
        print!("{page}");
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::write(&place, &page)
        .map_err(|error| Failure::Other(format!("cannot write {}: {error}", place.display())))?;
    println!(
        "{}: {} {}, {} KB",
        place.display(),
        grouped(subject.tools.len()),
        words::plural(subject.tools.len(), "tool"),
        grouped(page.len().div_ceil(1000))
    );
    Ok(ExitCode::SUCCESS)
}

/// Returns the default path of the page for a connector or a document.
fn beside(spec: &Path) -> PathBuf {
    match since::manifest_of(spec) {
        Some(manifest) => manifest.with_file_name(PAGE),
        None => PathBuf::from(PAGE),
    }
}
