//! Loads a document: parses the root file, then every file that it refers to.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_model::{Code, Diagnostic, Place, Pointer, percent_decode};
use serde_json::Value;

use super::{Document, File};
use crate::budget::Budget;
use crate::dialect::{Dialect, version};
use crate::loader::{LoadError, Loader};
use crate::schema_names::{SchemaName, schema_names};
use crate::source::{self, Limits, Parsed, Source};

impl Document {
    /// Loads the files to which the root file refers, and the files to which those files refer. If a file cannot be
    /// loaded, only the references to it fail.
    pub(crate) fn load(
        parsed: Parsed,
        overlays: Vec<Source>,
        loader: &mut dyn Loader,
        limits: &Limits,
    ) -> Result<Self, Box<Diagnostic>> {
        let mut document = Self {
            dialect: Dialect::V30,
            files: vec![File { source: parsed.source, root: parsed.root, references: Vec::new() }],
            overlays,
            links: BTreeMap::new(),
            names: BTreeMap::new(),
            findings: parsed.findings,
            budget: Budget::of(0),
        };
        document.dialect = version::check(&document.files[0].root, document.file_name(0))?;
        let root = Place { file: Arc::clone(document.file_name(0)), pointer: Pointer::root() };
        let references = external_references(&document.files[0].root).map_err(|problem| {
            let error = Diagnostic::error(Code::Limit, Some(root), problem);
            Box::new(error.so("nothing was read").help("shorten the keys"))
        })?;
        document.files[0].references = references;
        let mut at = 0;
        while at < document.files.len() {
            let mut references = std::mem::take(&mut document.files[at].references);
            if document.dialect.has_siblings() {
                for SchemaName { is_anchor, name, pointer } in schema_names(&document.files[at].root) {
                    let scope = is_anchor.then_some(at);
                    document.names.entry((scope, name)).or_insert((at, pointer));
                }
            }
            references.sort();
            references.dedup();
            for reference in references {
                let base = Arc::clone(document.files[at].source.name());
                let link = document.follow(&base, &reference, loader, limits);
                document.links.insert((at, reference), link);
            }
            at += 1;
        }
        document.budget = Budget::of(document.files.iter().map(|file| file.source.text().len()).sum());
        Ok(document)
    }

    fn follow(
        &mut self,
        base: &str,
        reference: &str,
        loader: &mut dyn Loader,
        limits: &Limits,
    ) -> Result<usize, LoadError> {
        let decoded =
            percent_decode(reference).and_then(|it| String::from_utf8(it).ok()).ok_or_else(|| {
                LoadError::Unreadable("it has an invalid percent-encoding: write % as %25".to_owned())
            })?;
        let loaded = loader.load(base, &decoded)?;
        if let Some(known) = self.files.iter().position(|file| *file.source.name() == loaded.name) {
            return Ok(known);
        }
        let parsed = source::parse(&loaded.name, &loaded.bytes, limits)
            .map_err(|error| LoadError::Unreadable(format!("{}: {}", loaded.name, error.problem)))?;
        let references = external_references(&parsed.root)
            .map_err(|problem| LoadError::Unreadable(format!("{}: {problem}", loaded.name)))?;
        self.findings.extend(parsed.findings);
        self.files.push(File { source: parsed.source, root: parsed.root, references });
        Ok(self.files.len() - 1)
    }
}

/// The maximum total length of the keys that lead to a value, in bytes. The pointer of each node contains all
/// of them.
const LONGEST_PLACE: usize = 16 * 1024;

/// Returns the file names in all `$ref`s to other files.
///
/// # Errors
/// Returns a message if the keys that lead to a value are too long in total.
fn external_references(root: &Value) -> Result<Vec<String>, String> {
    fn walk(value: &Value, room: usize, found: &mut Vec<String>) -> Result<(), String> {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let left = room.checked_sub(key.len() + 1).ok_or_else(|| {
                        let key: String = key.chars().take(40).collect();
                        format!(
                            "the keys that lead to `{key}…` have more than {LONGEST_PLACE} bytes together"
                        )
                    })?;
                    match value {
                        Value::String(reference) if key == "$ref" => {
                            let file = reference.split('#').next().unwrap_or_default();
                            if !file.is_empty() {
                                found.push(file.to_owned());
                            }
                        }
                        Value::Object(_) | Value::Array(_) => walk(value, left, found)?,
                        _ => {}
                    }
                }
                Ok(())
            }
            Value::Array(items) => items.iter().try_for_each(|item| walk(item, room, found)),
            _ => Ok(()),
        }
    }
    let mut found = Vec::new();
    walk(root, LONGEST_PLACE, &mut found)?;
    Ok(found)
}
