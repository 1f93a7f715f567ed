//! The programs of a Python package, as its `entry_points.txt` names them.

use std::fs;
use std::path::Path;

use crate::package::fault::PackageFault;

/// The maximum number of bytes of an `entry_points.txt`.
const LONGEST: usize = 1 << 20;

/// A function that is the program of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntryPoint {
    pub(super) module: String,
    pub(super) function: String,
}

/// Returns the console scripts of a package that is installed in a folder.
///
/// # Errors
/// Returns an error if the package is not there, or if a script cannot be understood.
pub(super) fn console_scripts(
    site: &Path,
    package: &str,
    version: &str,
) -> Result<Vec<(String, EntryPoint)>, PackageFault> {
    let failed = |error| PackageFault::at(site, error);
    let entries =
        fs::read_dir(site).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(failed)?;
    let names = entries.iter().filter_map(|entry| entry.file_name().into_string().ok());
    let mut own = names.filter(|name| {
        let parts = name.strip_suffix(".dist-info").and_then(|stem| stem.rsplit_once('-'));
        parts.is_some_and(|(name, _)| normalized(name) == normalized(package))
    });
    let Some(folder) = own.next() else {
        return Err(PackageFault::new(format!("pip has not installed {package} {version}")));
    };
    let path = site.join(folder).join("entry_points.txt");
    let text = match fs::read_to_string(&path) {
        Ok(text) if text.len() <= LONGEST => text,
        Ok(_) => return Err(PackageFault::at(&path, "it is too large")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(PackageFault::at(&path, error)),
    };
    parse(&text).ok_or_else(|| PackageFault::at(&path, "a console script in it cannot be understood"))
}

/// Parses the section `console_scripts`. `None` if a line is not a name and a function.
fn parse(text: &str) -> Option<Vec<(String, EntryPoint)>> {
    let (mut found, mut is_inside) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = line.strip_prefix('[') {
            is_inside = section.strip_suffix(']')?.trim() == "console_scripts";
            continue;
        }
        if is_inside {
            let (name, object) = line.split_once('=')?;
            // Extras, as in `main:run [extra]`, are for installers.
            let object = object.split('[').next()?.trim();
            let (module, function) = object.split_once(':')?;
            let (name, module, function) = (name.trim(), module.trim(), function.trim());
            let is_plain = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
            if name.is_empty() || !name.chars().all(is_plain) || !is_path(module) || !is_path(function) {
                return None;
            }
            let point = EntryPoint { module: module.to_owned(), function: function.to_owned() };
            found.push((name.to_owned(), point));
        }
    }
    Some(found)
}

/// Whether `text` is names with dots between them, so that it can be part of a program.
fn is_path(text: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
            && part.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
    };
    text.split('.').all(is_name)
}

/// Normalizes the name of a package, as PEP 503 says.
fn normalized(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn console_scripts_are_parsed_and_code_in_them_is_refused() {
        let text = "# x\n[gui_scripts]\ng = a:b\n[console_scripts]\nmcp-server-time = mcp_server_time:main\n x=a.b:C.run [extra]\n\n[other]\ny = 1\n";
        let point =
            |module: &str, function: &str| EntryPoint { module: module.into(), function: function.into() };
        let expected = vec![
            ("mcp-server-time".to_owned(), point("mcp_server_time", "main")),
            ("x".to_owned(), point("a.b", "C.run")),
        ];
        assert_eq!(parse(text), Some(expected));
        for line in [
            "x = os:system('a')",
            "x = a",
            "x = a:b;c",
            "x = a b:c",
            "x = :b",
            "= a:b",
            "x y = a:b",
            "x = ${tree}:b",
        ] {
            assert_eq!(parse(&format!("[console_scripts]\n{line}\n")), None, "{line}");
        }
        assert_eq!(normalized("MCP_server..Time"), "mcp-server-time");
    }
}
