//! Finds the scripts that npm would run at the installation of packages.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::fault::PackageFault;
use super::installed::InstallScript;

/// The maximum number of bytes of a package.json, and of scripts that are returned.
const LONGEST: u64 = 2 << 20;
const MOST_SCRIPTS: usize = 100;
/// The maximum number of characters of a command.
const LONGEST_COMMAND: usize = 200;

/// The scripts that run at an installation.
const SCRIPTS: [&str; 3] = ["preinstall", "install", "postinstall"];

/// Reads the package.json of a folder. `None` if there is none.
///
/// # Errors
/// Returns an error if it is not JSON.
pub(super) fn package_json(folder: &Path) -> Result<Option<Value>, PackageFault> {
    let path = folder.join("package.json");
    let Ok(file) = File::open(&path) else { return Ok(None) };
    let mut text = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut text).map_err(|error| PackageFault::at(&path, error))?;
    // npm accepts a byte order mark.
    let json = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    serde_json::from_slice(json).map(Some).map_err(|error| PackageFault::at(&path, error))
}

/// Returns the scripts of all packages below a folder, sorted.
///
/// # Errors
/// Returns an error if a folder cannot be read.
pub(super) fn install_scripts(tree: &Path) -> Result<Vec<InstallScript>, PackageFault> {
    let mut found = Vec::new();
    let mut folders = vec![tree.join("node_modules")];
    while let Some(folder) = folders.pop() {
        for package in packages(&folder)? {
            // A description that npm could not read has no scripts either.
            let described = package_json(&package).ok().flatten().unwrap_or_default();
            found.extend(scripts_of(&package, &described));
            folders.push(package.join("node_modules"));
        }
        if found.len() > MOST_SCRIPTS {
            break;
        }
    }
    found.sort();
    found.truncate(MOST_SCRIPTS);
    Ok(found)
}

/// Returns the packages in a folder `node_modules`, also those with a scope.
fn packages(folder: &Path) -> Result<Vec<PathBuf>, PackageFault> {
    let mut found = Vec::new();
    let Ok(read) = fs::read_dir(folder) else { return Ok(found) };
    for entry in read {
        let entry = entry.map_err(|error| PackageFault::at(folder, error))?;
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        match entry.file_name().to_string_lossy().starts_with('@') {
            true => found.extend(packages(&entry.path())?),
            false => found.push(entry.path()),
        }
    }
    Ok(found)
}

fn scripts_of(folder: &Path, described: &Value) -> Vec<InstallScript> {
    let text = |key: &str| described[key].as_str().unwrap_or_default();
    let package = format!("{}@{}", text("name"), text("version"));
    let scripts = &described["scripts"];
    let script = |name: &str, command: &str| InstallScript {
        package: package.clone(),
        name: name.to_owned(),
        command: command.chars().take(LONGEST_COMMAND).collect(),
    };
    let mut found: Vec<InstallScript> =
        SCRIPTS.iter().filter_map(|name| Some(script(name, scripts[*name].as_str()?))).collect();
    // npm compiles packages with a binding.gyp, unless they have a script of their own for that.
    let has_own = ["preinstall", "install"].iter().any(|name| scripts[*name].is_string());
    if !has_own && described["gypfile"] != false && folder.join("binding.gyp").is_file() {
        found.push(script("install", "node-gyp rebuild"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn install_scripts_of_nested_and_scoped_packages_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let file = folder.path().join("node_modules").join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write(
            "a/package.json",
            r#"{"name":"a","version":"1.0.0","scripts":{"postinstall":"node x.js","test":"t"}}"#,
        );
        write("a/node_modules/@s/b/package.json", "\u{feff}{\"name\":\"@s/b\",\"version\":\"2.0.0\"}");
        write("a/node_modules/@s/b/binding.gyp", "{}");
        write("c/package.json", r#"{"name":"c","version":"3.0.0","gypfile":false}"#);
        write("c/binding.gyp", "{}");
        write("d/package.json", "not JSON");
        let found = install_scripts(folder.path()).unwrap();
        let found: Vec<String> =
            found.iter().map(|it| format!("{} {} {}", it.package, it.name, it.command)).collect();
        assert_eq!(found, ["@s/b@2.0.0 install node-gyp rebuild", "a@1.0.0 postinstall node x.js"]);
    }
}
