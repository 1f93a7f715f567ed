//! The interpreter of Python.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::package::fault::PackageFault;
use crate::package::manager_settings::ManagerSettings;
use crate::package::run::{ManagerRun, run};

/// The time limit for the question where the interpreter is.
const PATIENCE: Duration = Duration::from_secs(30);

/// Prints the file of the interpreter, and the folder of its standard library.
const ASK: &str =
    "import os, sys; print(os.path.realpath(sys.executable)); print(os.path.realpath(sys.base_prefix))";

/// An interpreter of Python.
pub(super) struct Python {
    /// The file on PATH, which may be a script of a version manager.
    pub(super) found: PathBuf,
    /// The file of the interpreter itself.
    pub(super) interpreter: String,
    /// The files that the interpreter needs.
    pub(super) runtime: Vec<PathBuf>,
}

/// Finds the interpreter.
///
/// # Errors
/// Returns an error if there is none.
pub(super) async fn python(settings: &ManagerSettings, folder: &Path) -> Result<Python, PackageFault> {
    let found = settings.find("python3").ok_or_else(|| {
        PackageFault::new("there is no `python3` on PATH, which runs this package: install Python 3 with pip")
    })?;
    let asked = ManagerRun::new(settings, &found, folder, Vec::new(), PATIENCE);
    let printed = run(asked.arguments(["-I", "-S", "-c", ASK])).await?;
    let mut lines = printed.lines();
    let (Some(interpreter), Some(prefix)) = (lines.next(), lines.next()) else {
        return Err(PackageFault::at(&found, "it does not say where its interpreter is"));
    };
    let prefix = PathBuf::from(prefix);
    // A prefix such as `/` or a home folder would give access to much more than the interpreter.
    let library = ["lib", "lib64", "bin"].map(|name| prefix.join(name));
    let mut runtime = vec![PathBuf::from(interpreter)];
    runtime.extend(library.into_iter().filter(|folder| folder.is_dir()));
    Ok(Python { found, interpreter: interpreter.to_owned(), runtime })
}
