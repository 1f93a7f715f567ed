//! The differences of a connector from what it was in a git revision.

use std::path::Path;

use jackfield_build::diff::Report;
use jackfield_build::{Modelled, compare};

use super::named::{Named, Options};
use crate::Failure;
use crate::document_options::DocumentOptions;

/// Compares a connector with its form in a git revision, or with another connector. Returns the report, and a name for the older
/// form.
///
/// # Errors
/// Returns an error if the older form cannot be read.
pub(crate) fn report(
    since: &str,
    spec: &Path,
    options: &DocumentOptions,
    new: &Modelled,
) -> Result<(Report, String), Failure> {
    let [old, now] = Named::both(since, &spec.to_string_lossy())?;
    let options =
        Options { outside: options.outside, fetch: options.fetch, wording: options.wording.map(Into::into) };
    let mut before = old.model(&options, None)?;
    // The name of a document without connector.toml comes from its file, and says nothing about a connector.
    if old.is_document() || now.is_document() {
        before.connector.name = new.connector.name.clone();
    }
    Ok((compare(&before, new), old.to_string()))
}
