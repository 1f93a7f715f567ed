//! The interpreter of JavaScript.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::package::fault::PackageFault;
use crate::package::manager_settings::ManagerSettings;
use crate::package::run::{ManagerRun, run};

/// The name of the interpreter on PATH.
pub(super) const NODE: &str = "node";

/// The time limit for the question where the interpreter is.
const PATIENCE: Duration = Duration::from_secs(30);

/// Returns the file of the interpreter that `node` on PATH starts, which may be a script of a version manager.
///
/// # Errors
/// Returns an error if there is none.
pub(super) async fn interpreter(settings: &ManagerSettings, folder: &Path) -> Result<PathBuf, PackageFault> {
    let node = settings.find(NODE).ok_or_else(|| {
        PackageFault::new("there is no `node` on PATH, which runs this package: install Node.js 20 or later")
    })?;
    let asked = ManagerRun::new(settings, &node, folder, Vec::new(), PATIENCE);
    let printed = run(asked.arguments(["-p", "process.execPath"])).await?;
    let path = PathBuf::from(printed.trim());
    path.canonicalize().map_err(|error| PackageFault::at(&path, error))
}
