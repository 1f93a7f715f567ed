//! `cargo xtask diffs DIR`: compares each revision of a document with the next revision, and prints the classes of the differences.

use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_build::diff::{Class, Report};
use jackfield_build::model::{ConnectorName, visible_line};
use jackfield_build::{Job, Manifest, Modelled, compare, model_of};

use crate::failure::Failure;

/// Arguments of `cargo xtask diffs`.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder with the revisions of one document, whose file names give their order
    folder: PathBuf,
    /// Print the differences of this class and of worse classes
    #[arg(long, value_name = "CLASS")]
    lines: Option<Class>,
    /// Compare only revisions whose names contain this text with their predecessors
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let revisions = revisions(&arguments.folder)?;
    let mut before: Option<(&Path, Result<Modelled, String>)> = None;
    let steps = revisions.iter().enumerate().filter(|(_, path)| name(path).contains(&arguments.only));
    for (at, path) in steps {
        let Some(previous) = at.checked_sub(1).map(|at| revisions[at].as_path()) else { continue };
        let old = match before.take() {
            Some((known, model)) if known == previous => model,
            _ => model(previous),
        };
        let new = model(path);
        step(previous, &old, path, &new, arguments.lines);
        before = Some((path, new));
    }
    Ok(ExitCode::SUCCESS)
}

fn step(
    old_path: &Path,
    old: &Result<Modelled, String>,
    path: &Path,
    new: &Result<Modelled, String>,
    lines: Option<Class>,
) {
    let title = format!("{} → {}", name(old_path), name(path));
    match (old, new) {
        (Ok(old), Ok(new)) => {
            let report = compare(old, new);
            println!("{title}  {}  {}; {}", report.class(), report.counts(), report.sizes());
            print(&report, lines);
        }
        (Err(why), _) | (_, Err(why)) => {
            println!("{title}  error  {}", visible_line(why.lines().next().unwrap_or_default()));
        }
    }
}

fn print(report: &Report, least: Option<Class>) {
    let Some(least) = least else { return };
    for change in report.changes.iter().filter(|change| change.class >= least) {
        println!("  {} {}", change.class, change.line());
    }
}

fn model(path: &Path) -> Result<Modelled, String> {
    // All revisions get the same connector name, so that the file names make no difference.
    let connector = ConnectorName::new("revision").map_err(|error| error.to_string())?;
    let manifest = Manifest::for_document(path, Some(connector));
    model_of(&Job::new(manifest)).map_err(|error| error.to_string())
}

/// Returns the documents of a folder. Numbers in names are compared as numbers: `0.9.0` comes before `0.10.0`.
fn revisions(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failure = || format!("listing {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::while_(&failure()))? {
        let path = entry.map_err(Failure::while_(&failure()))?.path();
        let is_document = path.extension().is_some_and(|it| it == "json" || it == "yaml" || it == "yml");
        if is_document && path.is_file() {
            found.push(path);
        }
    }
    found.sort_by(|one, other| by_numbers(&name(one), &name(other)));
    Ok(found)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn by_numbers(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.chars().peekable(), other.chars().peekable());
    loop {
        let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut digits = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            digits.trim_start_matches('0').to_owned()
        };
        let order = match (one.peek(), other.peek()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (a, b) = (number(&mut one), number(&mut other));
                a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
            }
            _ => one.next().cmp(&other.next()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::by_numbers;

    #[test]
    fn revisions_are_sorted_by_the_numbers_in_their_names() {
        let mut names = ["v0.10.0.yaml", "v0.9.0.yaml", "v0.9.yaml", "v1.yaml", "v0.09.1.yaml"];
        names.sort_by(|one, other| by_numbers(one, other));
        assert_eq!(names, ["v0.9.0.yaml", "v0.09.1.yaml", "v0.9.yaml", "v0.10.0.yaml", "v1.yaml"]);
    }
}
