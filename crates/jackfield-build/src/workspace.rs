//! The workspace around a new crate. Cargo refuses a crate below a workspace that does not list it.

use std::fs;
use std::path::Path;

use jackfield_codegen::Surroundings;
use toml::Value;

use crate::relative::relative;

/// Finds the workspace around a crate at `folder`, which has to be absolute.
pub(crate) fn surroundings(folder: &Path) -> Surroundings {
    for root in folder.ancestors().skip(1) {
        let Ok(text) = fs::read_to_string(root.join("Cargo.toml")) else { continue };
        let Ok(manifest) = text.parse::<toml::Table>() else { continue };
        let Some(workspace) = manifest.get("workspace") else { continue };
        let inner = relative(root, folder);
        return if lists(workspace, "exclude", &inner) {
            Surroundings::Nothing
        } else if lists(workspace, "members", &inner) {
            Surroundings::Workspace
        } else {
            Surroundings::ForeignWorkspace
        };
    }
    Surroundings::Nothing
}

fn lists(workspace: &Value, key: &str, inner: &str) -> bool {
    let patterns =
        workspace.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut patterns = patterns.map(|pattern| pattern.trim_start_matches("./").trim_end_matches('/'));
    if key == "exclude" {
        return patterns.any(|pattern| inner == pattern || inner.starts_with(&format!("{pattern}/")));
    }
    patterns.any(|pattern| {
        let (pattern, inner): (Vec<&str>, Vec<&str>) =
            (pattern.split('/').collect(), inner.split('/').collect());
        pattern.len() == inner.len() && pattern.iter().zip(&inner).all(|(pattern, part)| fits(pattern, part))
    })
}

/// Matches one component of a path against one component of a pattern with `*`.
fn fits(pattern: &str, part: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == part,
        Some((start, end)) => {
            part.len() >= start.len() + end.len() && part.starts_with(start) && part.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crate_belongs_to_the_cargo_workspace_that_lists_the_crate() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::write(
            root.join("Cargo.toml"),
            "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"outside\"]\n",
        )
        .unwrap();
        for (place, expected) in [
            ("crates/a", Surroundings::Workspace),
            ("crates/a/b", Surroundings::ForeignWorkspace),
            ("b", Surroundings::ForeignWorkspace),
            ("outside/b", Surroundings::Nothing),
        ] {
            assert_eq!(surroundings(&root.join(place)), expected, "{place}");
        }
    }
}
