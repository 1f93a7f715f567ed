//! Creates the crate of a connector, for all tasks.

use std::path::{Path, PathBuf};

use jackfield_build::model::ConnectorName;
use jackfield_build::{CrateFolder, Generated, NewConnector, Runtime};

use crate::failure::Failure;
use crate::place;

/// Makes a connector name from a document's file name.
pub(crate) fn name_of(document: &Path) -> Result<ConnectorName, Failure> {
    let mut stem = document.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    // For a document of several files, the name comes from the folder.
    if stem == "main"
        && let Some(folder) = document.parent().and_then(Path::file_name)
    {
        stem = folder.to_string_lossy().into_owned();
    }
    ConnectorName::from_text(&stem)
        .ok_or_else(|| Failure::new(format!("no connector name can be made from `{stem}`: rename the file")))
}

/// Opens or creates the connector of a document in `folder`, with this repository's runtime.
pub(crate) fn open(document: PathBuf, name: &ConnectorName, folder: &Path) -> Result<CrateFolder, Failure> {
    let runtime = Runtime::Path(place::root().join("crates/jackfield-runtime").display().to_string());
    // Documents in specs/ are not copied, because the repository already contains them.
    let new = NewConnector { name: Some(name.clone()), link: true, ..NewConnector::of(document, runtime) };
    Ok(CrateFolder::open_or_create(folder, &new)?)
}

/// Generates the connector and writes the changed files.
pub(crate) fn write(document: PathBuf, name: &ConnectorName, folder: &Path) -> Result<Generated, Failure> {
    let connector = open(document, name, folder)?;
    let generated = connector.generate()?;
    connector.write(&generated)?;
    Ok(generated)
}

/// Generates and writes the connector outside this workspace, with the versions in this repository's
/// Cargo.lock.
pub(crate) fn write_alone(
    document: PathBuf,
    name: &ConnectorName,
    folder: &Path,
) -> Result<Generated, Failure> {
    let generated = write(document, name, folder)?;
    let lock = folder.join("Cargo.lock");
    if !lock.is_file() {
        std::fs::copy(place::root().join("Cargo.lock"), lock)
            .map_err(Failure::while_("copying Cargo.lock"))?;
    }
    Ok(generated)
}
