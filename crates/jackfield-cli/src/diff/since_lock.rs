//! `jackfield gen --check --report`: reports the changes since jackfield.lock was written.

use std::collections::BTreeSet;
use std::path::Path;

use jackfield_build::diff::{Report, compare_locks};
use jackfield_build::{CrateFolder, Modelled, compare};

use super::git::Revision;
use super::named::Named;
use super::print;
use crate::Failure;
use crate::document_options::ReadingOptions;

/// The commit in which the document of the lock is searched.
const LAST_COMMIT: &str = "HEAD";

/// The format of a report.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text for a terminal
    Text,
    /// Markdown for a pull request
    Markdown,
    /// JSON
    Json,
}

/// Prints the changes since the lock in `folder` was written.
///
/// # Errors
/// Returns an error if the document cannot be read.
#[allow(clippy::print_stdout, reason = "this prints a report")]
pub(crate) fn print(folder: &Path, connector: &CrateFolder, format: Format) -> Result<(), Failure> {
    let new = connector.shown_model()?;
    let (report, old) = report(folder, connector, &new)?;
    match format {
        Format::Text => print::report(&report, &old, "the document now", true),
        Format::Markdown => anstream::print!("{}", report.markdown(&old, "the document now")),
        Format::Json => anstream::println!("{}", report.json(&old, "the document now")),
    }
    Ok(())
}

/// Prints the changes of these tools since the lock in `folder` was written.
///
/// # Errors
/// Returns an error if the document cannot be read.
pub(crate) fn print_tools(
    folder: &Path,
    connector: &CrateFolder,
    tools: &BTreeSet<String>,
) -> Result<(), Failure> {
    let new = connector.shown_model()?;
    let (mut report, old) = report(folder, connector, &new)?;
    report.changes.retain(|change| change.tools.iter().any(|tool| tools.contains(tool)));
    print::report(&report, &old, "the document now", true);
    Ok(())
}

/// Compares the connector with the document from which the lock was made. That document is either the copy in the connector's `document/`,
/// until `jackfield gen` replaces it, or the document in the last git commit. If neither matches the lock, only the two locks are compared.
///
/// # Errors
/// Returns an error if there is no lock.
pub(crate) fn report(
    folder: &Path,
    connector: &CrateFolder,
    new: &Modelled,
) -> Result<(Report, String), Failure> {
    let Some(lock) = new.existing_lock() else {
        let path = folder.join(jackfield_build::LOCK_FILE);
        return Err(Failure::Other(format!(
            "there is no {}, so there is nothing to compare with. Run\n\n  jackfield gen\n",
            path.display()
        )));
    };
    let is_locked = |modelled: &Modelled| modelled.lock_text() == lock;
    if connector.copies()
        && let Ok(old) = CrateFolder::open(folder).and_then(|folder| folder.shown_model())
        && is_locked(&old)
    {
        return Ok((compare(&old, new), "the document of jackfield.lock".to_owned()));
    }
    if let Ok(Some(revision)) = Revision::parse(LAST_COMMIT)
        && let Ok(old) = Named::Past(revision, folder.to_path_buf()).model(ReadingOptions::default(), None)
        && is_locked(&old)
    {
        return Ok((compare(&old, new), "the last commit".to_owned()));
    }
    Ok((compare_locks(lock, &new.lock_text()), jackfield_build::LOCK_FILE.to_owned()))
}
