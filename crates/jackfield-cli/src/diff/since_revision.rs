//! Compares a connector with its state in a git revision.

use std::path::Path;

use jackfield_build::Modelled;
use jackfield_build::diff::Report;

use super::named::{Named, compare_named};
use crate::Failure;
use crate::document_options::DocumentOptions;

/// Compares a connector with its state in a git revision, or with another connector. Returns the report, and a name for the old side.
///
/// # Errors
/// Returns an error if the old side cannot be read.
pub(crate) fn report(
    since: &str,
    spec: &Path,
    options: &DocumentOptions,
    new: &Modelled,
) -> Result<(Report, String), Failure> {
    let [old, now] = Named::both(since, &spec.to_string_lossy())?;
    let before = old.model(options.reading, None)?;
    Ok((compare_named([&old, &now], before, new), old.to_string()))
}
