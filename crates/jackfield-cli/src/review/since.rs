//! The earlier state with which a connector is compared.

use std::path::{Path, PathBuf};

use jackfield_build::diff::Report;
use jackfield_build::{CrateFolder, LOCK_FILE, Modelled};

use crate::Failure;
use crate::diff::{since_lock, since_revision};
use crate::document_options::DocumentOptions;
use crate::manifest_path::folder_of;

/// The differences between a connector and an earlier state.
pub(super) enum Since {
    /// The differences, and the name of the earlier state.
    Compared(Report, String),
    /// The reason why there is no earlier state.
    Nothing(String),
}

/// Compares the connector with the revision, or else with jackfield.lock, if it exists.
pub(super) fn of(
    since: Option<&str>,
    spec: &Path,
    options: &DocumentOptions,
    new: &Modelled,
) -> Result<Since, Failure> {
    if let Some(since) = since {
        let (report, before) = since_revision::report(since, spec, options, new)?;
        return Ok(Since::Compared(report, before));
    }
    let Some(manifest) = manifest_of(spec) else {
        return Ok(Since::Nothing(
            "A document without connector.toml has no lock. --since compares it with a revision.".to_owned(),
        ));
    };
    if new.existing_lock().is_none() {
        return Ok(Since::Nothing(format!(
            "There is no {LOCK_FILE} yet, so nothing was accepted before. `jackfield gen` writes it."
        )));
    }
    let folder = folder_of(&manifest);
    let (report, before) = since_lock::report(folder, &CrateFolder::open(folder)?, new)?;
    Ok(Since::Compared(report, before))
}

/// Returns the connector.toml that the user named, or None for a document.
pub(super) fn manifest_of(spec: &Path) -> Option<PathBuf> {
    if spec.is_dir() {
        return Some(spec.join("connector.toml"));
    }
    spec.extension().is_some_and(|it| it == "toml").then(|| spec.to_path_buf())
}
