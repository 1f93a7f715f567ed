//! Fetches a package with its manager.

use super::digest::{package_digest, tree_digest};
use super::fault::PackageFault;
use super::installed::Installed;
use super::manager_settings::ManagerSettings;
use super::managers::fetched::Fetched;
use super::managers::{cargo, mcpb, npm, pypi};
use super::source::{Manager, PackageSource};
use super::store::Fetching;
use super::tree::harden;

/// Fetches a package into the empty folder of `fetching`. No code of the package runs, except when a crate is compiled: then its build
/// scripts run in quarantine.
///
/// # Errors
/// Returns an error if the description is not one version of one package, or if its manager is missing or fails.
pub async fn fetch(
    source: &PackageSource,
    fetching: &Fetching,
    settings: &ManagerSettings,
) -> Result<Installed, PackageFault> {
    source.check()?;
    let fetched = match source.manager {
        Manager::Npm => npm::fetch(source, fetching, settings).await?,
        Manager::Pypi => pypi::fetch(source, fetching, settings).await?,
        Manager::Cargo => cargo::fetch(source, fetching, settings).await?,
        Manager::Mcpb => mcpb::fetch(source, fetching, settings).await?,
    };
    let Fetched { start, scripts, notes, asked, runtime } = fetched;
    let tree = fetching.tree();
    let hashed = {
        let tree = tree.clone();
        tokio::task::spawn_blocking(move || {
            harden(&tree)?;
            tree_digest(&tree)
        })
    };
    let found = hashed.await.map_err(|error| PackageFault::new(error.to_string()))??;
    let digest = package_digest(&found, &start);
    let (entries, bytes) = (found.entries, found.bytes);
    Ok(Installed { tree, start, digest, entries, bytes, scripts, notes, asked, runtime })
}
