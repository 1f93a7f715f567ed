//! Fetches an MCP bundle (.mcpb) from its URL.

use std::fs;

use serde_json::Value;

use super::download::download;
use super::fetched::Fetched;
use super::manifest::{BundleStart, start};
use super::node::{NODE, interpreter};
use super::python::python;
use super::sum::of_bytes;
use crate::package::fault::PackageFault;
use crate::package::manager_settings::ManagerSettings;
use crate::package::source::PackageSource;
use crate::package::start::TREE;
use crate::package::store::Fetching;
use crate::package::zip::unpack::unpack;

/// The maximum number of bytes of a manifest.
const LONGEST_MANIFEST: usize = 1 << 20;

pub(in crate::package) async fn fetch(
    source: &PackageSource,
    fetching: &Fetching,
    settings: &ManagerSettings,
) -> Result<Fetched, PackageFault> {
    let bundle = download(&source.identifier, &settings.environment).await?;
    // Nothing in the file is read before it is known to be the published one.
    source.compare_sum(&of_bytes(&bundle))?;
    let tree = fetching.tree();
    let unpacked = {
        let tree = tree.clone();
        tokio::task::spawn_blocking(move || unpack(&bundle, &tree))
    };
    unpacked.await.map_err(|error| PackageFault::new(error.to_string()))??;
    let path = tree.join("manifest.json");
    let text = fs::read(&path).map_err(|error| PackageFault::at(&path, error))?;
    if text.len() > LONGEST_MANIFEST {
        return Err(PackageFault::at(&path, "it is too large"));
    }
    let manifest: Value = serde_json::from_slice(&text).map_err(|error| PackageFault::at(&path, error))?;
    let BundleStart { start, asked, is_own_file } = start(&manifest, platform())?;
    let scratch = fetching.scratch("bundle")?;
    let runtime = match start.program.as_str() {
        _ if is_own_file => {
            let file = tree.join(start.program.trim_start_matches(TREE).trim_start_matches('/'));
            executable(&file).map_err(|error| PackageFault::at(&file, error))?;
            Vec::new()
        }
        NODE => vec![interpreter(settings, &scratch).await?],
        _ => python(settings, &scratch).await?.runtime,
    };
    Ok(Fetched { start, asked, runtime, ..Fetched::default() })
}

/// Returns the name of this system in manifests.
const fn platform() -> &'static str {
    match () {
        () if cfg!(target_os = "macos") => "darwin",
        () if cfg!(windows) => "win32",
        () => "linux",
    }
}

/// Makes the program of a bundle executable. Archives that were made on Windows do not say that it is.
#[cfg(unix)]
fn executable(file: &std::path::Path) -> std::io::Result<()> {
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(file: &std::path::Path) -> std::io::Result<()> {
    fs::metadata(file).map(drop)
}
