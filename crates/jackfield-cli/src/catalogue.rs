//! `jackfield catalogue`: lists services whose OpenAPI documents or MCP servers are known, and checks this list.
#![allow(clippy::print_stdout, reason = "this command prints lists")]

mod archive;
mod compare;
mod entry;
mod form;
mod print;
mod today;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_build::Fetch;
use jackfield_build::model::visible_line;

use crate::fetch::HttpFetch;
use crate::{Failure, paint};
#[cfg(test)]
pub(crate) use archive::tests::package;
use compare::Comparison;
pub(crate) use compare::fetched;
pub use compare::sha256;
pub use entry::{Catalogue, Checked, DocumentSource, RemoteServer, Service, Transport};

const EXAMPLES: &str = "\
Examples:
  jackfield catalogue
  jackfield catalogue payments
  jackfield catalogue stripe
  jackfield catalogue check --fetch";

const EXAMPLES_OF_CHECK: &str = "\
Examples:
  jackfield catalogue check
  jackfield catalogue check templates/catalogue.toml --fetch

Exit codes: 0 if everything is right, 1 with problems, changed or unreachable documents, 2 if the file cannot be parsed.";

/// The maximum number of bytes of a catalogue.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Arguments of `jackfield catalogue`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    /// The name of a service, to show all facts about it, or a part of names and categories, to list services [default: all services]
    word: Option<String>,
    /// Print JSON, one service per line
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Check the entries of the catalogue; with --fetch, also check whether the documents have changed
    Check(Check),
}

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES_OF_CHECK)]
struct Check {
    /// The file of a catalogue [default: the catalogue of this program]
    file: Option<PathBuf>,
    /// Fetch each document, and compare its digest with the digest of the checked version
    #[arg(long)]
    fetch: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let Some(Command::Check(arguments)) = &arguments.command {
        return check(arguments, &HttpFetch::new());
    }
    let catalogue = Catalogue::embedded();
    let word = arguments.word.as_deref().map(str::trim).unwrap_or_default();
    let one = catalogue.find(&word.to_lowercase());
    let found: Vec<&Service> = match one {
        Some(service) => vec![service],
        None => catalogue.services.iter().filter(|service| has(service, word)).collect(),
    };
    if found.is_empty() {
        let near = catalogue.nearest(word).map(|near| format!("; did you mean `{near}`?"));
        return Err(Failure::Other(format!(
            "no service of the catalogue has `{}` in its name or category{}. To list all services, run\n\n  jackfield catalogue\n",
            visible_line(word),
            near.unwrap_or_default()
        )));
    }
    if arguments.json {
        found.iter().for_each(|service| print::json(service));
    } else if let Some(service) = one {
        print::whole(service);
    } else {
        print::table(&found);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns whether the service's name, title or category contains the word.
fn has(service: &Service, word: &str) -> bool {
    let word = word.to_lowercase();
    [&service.name, &service.title, &service.category].iter().any(|text| text.to_lowercase().contains(&word))
}

fn check(arguments: &Check, fetch: &dyn Fetch) -> Result<ExitCode, Failure> {
    let parsed;
    let catalogue = match &arguments.file {
        Some(path) => {
            parsed = Catalogue::parse(&read(path)?).map_err(|problem| {
                Failure::Other(format!("{} is not a catalogue: {problem}", path.display()))
            })?;
            &parsed
        }
        None => Catalogue::embedded(),
    };
    let problems = form::problems(catalogue, today::today());
    problems.iter().for_each(|problem| paint::warn(&visible_line(problem)));
    if !problems.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    paint::note(&format!("the entries of {} services are valid", catalogue.services.len()));
    if !arguments.fetch {
        return Ok(ExitCode::SUCCESS);
    }
    let compared = compare::compare(catalogue, fetch, print::comparison);
    let is_right =
        |comparison: &Comparison| matches!(comparison, Comparison::Same | Comparison::Unchecked { .. });
    Ok(match compared.iter().all(|(_, comparison)| is_right(comparison)) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn read(path: &Path) -> Result<String, Failure> {
    let cannot = |error| Failure::Other(format!("cannot read {}: {error}", path.display()));
    let mut text = String::new();
    let length = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
    match length.map_err(cannot)? as u64 {
        length if length > LARGEST => {
            Err(Failure::Other(format!("{} has more than {LARGEST} bytes", path.display())))
        }
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_catalogue_is_valid() {
        let catalogue = Catalogue::parse(jackfield_templates::CATALOGUE).unwrap();
        assert_eq!(form::problems(&catalogue, today::today()), Vec::<String>::new());
        assert!(catalogue.services.len() >= 59, "{} services", catalogue.services.len());
    }

    #[test]
    fn nearest_service_is_found_by_name_and_by_title() {
        let catalogue = Catalogue::embedded();
        for (wanted, near) in
            [("strpe", Some("stripe")), ("MicrosoftTeams", Some("microsoft-teams")), ("zzzzzzzz", None)]
        {
            assert_eq!(catalogue.nearest(wanted), near, "{wanted}");
        }
    }
}
