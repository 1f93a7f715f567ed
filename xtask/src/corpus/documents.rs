//! Finds the OpenAPI documents in a folder.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The files that count as documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The files that a MANIFEST.csv lists. Without a MANIFEST.csv, files with the top-level keys of a document.
    Documents,
    /// Every file with the extension of a document.
    EveryFile,
}

/// A document of the corpus.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// The path relative to the corpus, with `/` as separator.
    pub(crate) path: String,
    /// The kind of the document in MANIFEST.csv, such as `real`.
    pub(crate) kind: Option<String>,
}

/// Finds the documents below a folder, sorted by path.
pub(crate) fn below(folder: &Path, which: Which) -> Result<Vec<Listed>, Failure> {
    let manifest = folder.join("MANIFEST.csv");
    if which == Which::Documents && manifest.is_file() {
        let text = std::fs::read_to_string(&manifest).map_err(Failure::while_("reading MANIFEST.csv"))?;
        return named(&text);
    }
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort();
    found.retain(|path| which == Which::EveryFile || says_so(&folder.join(path)));
    Ok(found.into_iter().map(|path| Listed { path, kind: None }).collect())
}

/// Parses a MANIFEST.csv. A document of several files has one line, which names the root file.
fn named(text: &str) -> Result<Vec<Listed>, Failure> {
    let mut lines = text.lines();
    let header = cells(lines.next().unwrap_or_default());
    let column = |name: &str| header.iter().position(|cell| cell == name);
    let path = column("dev_path").ok_or_else(|| Failure::new("MANIFEST.csv has no column dev_path"))?;
    let kind = column("kind");
    let mut found: Vec<Listed> = lines
        .map(cells)
        .filter_map(|row| {
            let kind = kind.and_then(|at| row.get(at)).cloned();
            Some(Listed { path: row.get(path).filter(|path| !path.is_empty())?.clone(), kind })
        })
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Splits a line of CSV into cells.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let cell = cells.last_mut().expect("there is a cell from the start");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    cells
}

/// Collects every file that may be a document. Links to folders are not followed.
fn collect(folder: &Path, shown: &str, found: &mut Vec<String>) -> Result<(), Failure> {
    let failure = || format!("listing {}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(Failure::while_(&failure()))?;
    for entry in entries {
        let entry = entry.map_err(Failure::while_(&failure()))?;
        let kind = entry.file_type().map_err(Failure::while_(&failure()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if shown.is_empty() { name } else { format!("{shown}/{name}") };
        if kind.is_dir() {
            collect(&entry.path(), &path, found)?;
        } else if is_text(&entry.path()) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| ["json", "yaml", "yml"].iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// Whether the file has the top-level keys of a document. An unreadable file counts too, so that the table lists the file.
fn says_so(path: &PathBuf) -> bool {
    std::fs::read(path).map_or(true, |bytes| {
        // UTF-16 without its zero bytes looks like ASCII, which is enough for this check.
        let bytes: Vec<u8> = bytes.into_iter().filter(|byte| *byte != 0).collect();
        is_document(&String::from_utf8_lossy(&bytes))
    })
}

/// Whether `openapi` or `swagger` is a top-level key. The text is searched without a parser, so that invalid
/// documents count too.
fn is_document(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{fffd}');
    if text.starts_with('{') { flow_has_version(text) } else { block_has_version(text) }
}

/// Searches JSON for the key `openapi` or `swagger`: a string at the first level of braces, before a colon.
fn flow_has_version(text: &str) -> bool {
    let (mut depth, mut rest) = (0usize, text);
    while let Some(at) = rest.find(['{', '[', '}', ']', '"']) {
        let (mark, after) = (rest.as_bytes()[at], &rest[at + 1..]);
        rest = after;
        match mark {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {
                let Some(end) = end_of_string(after) else { return false };
                rest = &after[end + 1..];
                let is_key = depth == 1 && rest.trim_start().starts_with(':');
                if is_key && matches!(&after[..end], "openapi" | "swagger") {
                    return true;
                }
            }
        }
    }
    false
}

fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Searches YAML for the key `openapi` or `swagger`, at the start of a line that has the indentation of the first line.
fn block_has_version(text: &str) -> bool {
    let mut lines =
        text.split(['\n', '\r']).filter(|line| !line.trim().is_empty() && !line.starts_with(['#', '%', '-']));
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut first = None;
    lines.any(|line| {
        let top = *first.get_or_insert(indent(line));
        let key = line.split(':').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        indent(line) == top && line.contains(':') && matches!(key, "openapi" | "swagger")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_distinguished_from_other_files() {
        for (text, expected) in [
            ("{\"openapi\": \"3.0.0\"}", true),
            ("\u{feff}{\"info\": {\"swagger\": 1}, \"swagger\": \"2.0\", ", true),
            ("{\"info\": {\"openapi\": \"3.0.0\"}}", false),
            ("{\"title\": \"openapi\"}", false),
            ("{\"a\\\\\": \"}\", \"openapi\" : 3}", true),
            ("# a comment\n---\nopenapi: 3.1.0\n", true),
            ("info:\n  openapi: 3.1.0\n", false),
            ("info: x\r\n'swagger': '2.0'\r\n", true),
            ("openapi", false),
        ] {
            assert_eq!(is_document(text), expected, "{text}");
        }
    }

    #[test]
    fn manifest_csv_names_the_root_documents() {
        let listed =
            named("dev_path,kind,files\nb/root.yaml,real,2872\n\"a, b.json\",fixture,1\n\n").unwrap();
        let listed: Vec<_> = listed.iter().map(|row| (row.path.as_str(), row.kind.as_deref())).collect();
        assert_eq!(listed, [("a, b.json", Some("fixture")), ("b/root.yaml", Some("real"))]);
        assert!(named("path\na.json\n").is_err());
    }
}
