//! Documents for the tests: lowered from disk, and previewed.

use std::path::{Path, PathBuf};

use jackfield_build::model::ConnectorName;
use jackfield_build::{Job, Manifest, Modelled, Wording, model_of};
use jackfield_runtime::rows::ConnectorRows;

/// Returns the root folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package has a parent").to_path_buf()
}

/// Returns the document of specs/ that is called `file`.
pub(crate) fn document(file: &str) -> PathBuf {
    repository().join("specs").join(file)
}

pub(crate) fn connector_name(text: &str) -> ConnectorName {
    ConnectorName::new(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Lowers a document with all its operations.
pub(crate) fn model(document: &Path, name: &str) -> Modelled {
    let job = Job::new(Manifest::for_document(document, Some(connector_name(name))));
    model_of(&job).unwrap_or_else(|error| panic!("{}: {error}", document.display()))
}

/// Lowers the document with output schemas.
pub(crate) fn promising_preview(document: &Path, name: &str) -> ConnectorRows {
    let text =
        format!("document = {:?}\nname = {name:?}\noutput_schemas = true\n", document.display().to_string());
    let manifest =
        Manifest::parse("connector.toml", &text, Path::new("")).unwrap_or_else(|error| panic!("{error}"));
    let modelled =
        model_of(&Job::new(manifest)).unwrap_or_else(|error| panic!("{}: {error}", document.display()));
    jackfield_cli::preview::connector(modelled)
}

/// Returns the tables that `jackfield preview` serves for a document.
pub(crate) fn preview(document: &Path, name: &str) -> ConnectorRows {
    jackfield_cli::preview::connector(model(document, name))
}

/// Returns the tables of `jackfield preview` with the full wording.
pub(crate) fn preview_in_full(document: &Path, name: &str) -> ConnectorRows {
    let manifest = Manifest::for_document(document, Some(connector_name(name))).worded(Some(Wording::Full));
    let modelled = model_of(&Job::new(manifest));
    jackfield_cli::preview::connector(
        modelled.unwrap_or_else(|error| panic!("{}: {error}", document.display())),
    )
}
