//! Lists the documents in a folder, for a user who named the folder instead of a document.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use jackfield_build::model::shell_quoted;

use crate::{Failure, typed};

/// File extensions that may be omitted.
pub(crate) const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
/// The maximum depth of the search.
const DEEPEST: usize = 4;
/// The maximum number of entries that are searched.
const MOST_ENTRIES: usize = 5_000;
/// The number of bytes that are read from the beginning of each file.
const HEAD: u64 = 64 * 1024;
/// The maximum number of documents that are listed.
const SHOWN: usize = 20;

/// Returns an error that lists the documents in the folder, with the command for each document.
pub(crate) fn listing(folder: &Path, command: &str) -> Failure {
    let found = documents(folder);
    let named = folder.to_string_lossy();
    let folder = folder.display();
    Failure::Other(if found.is_empty() {
        format!(
            "{folder} is a folder without OpenAPI documents: name a file that begins with `openapi:` or `swagger:`"
        )
    } else {
        format!(
            "{folder} is a folder. Name one of its documents:\n\n{}",
            lines(&found, |path| typed::with_document(path, command, &named))
        )
    })
}

/// Returns the documents below a folder, sorted.
pub(crate) fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = MOST_ENTRIES;
    collect(folder, 0, &mut left, &mut found);
    found.sort();
    found
}

/// Returns a list with the command for each document.
pub(crate) fn commands(documents: &[PathBuf], command: &str) -> String {
    lines(documents, |path| format!("jackfield {command} {}", shell_quoted(path)))
}

fn lines(documents: &[PathBuf], line: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for document in documents.iter().take(SHOWN) {
        text.push_str(&format!("  {}\n", line(&document.display().to_string())));
    }
    if documents.len() > SHOWN {
        text.push_str(&format!("  … and {} more\n", documents.len() - SHOWN));
    }
    text
}

/// Returns the names of the files in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_ENTRIES);
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn collect(folder: &Path, depth: usize, left: &mut usize, found: &mut Vec<PathBuf>) {
    for name in names(folder) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        // The `./` at the beginning of a path is omitted, because it adds no information.
        let path = if folder == Path::new(".") { PathBuf::from(&name) } else { folder.join(&name) };
        let Ok(kind) = fs::symlink_metadata(&path) else { continue };
        if kind.is_dir() {
            if depth < DEEPEST && !name.starts_with('.') && name != "target" && name != "node_modules" {
                collect(&path, depth + 1, left, found);
            }
        } else if kind.is_file() && is_document(&path) {
            found.push(path);
        }
    }
}

/// Returns whether the file looks like a document: its beginning contains the key `openapi` or `swagger`.
fn is_document(path: &Path) -> bool {
    let has_ending = path
        .extension()
        .is_some_and(|extension| ENDINGS.iter().any(|ending| extension.eq_ignore_ascii_case(ending)));
    if !has_ending {
        return false;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    read.is_ok()
        && text.lines().any(|line| {
            let key = line.trim_start_matches(['{', ' ', '\t', '\u{feff}']).trim_start_matches(['"', '\'']);
            ["openapi", "swagger"].iter().any(|known| {
                key.strip_prefix(known)
                    .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
            })
        })
}
