//! The parsed tree: the root file and every file it refers to, immutable once loaded but for the steps that reading takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_model::{Code, Diagnostic, Place, Pointer};
use serde_json::{Map, Value};

use crate::budget::Budget;
use crate::dialect::{self, Dialect};
use crate::loader::{LoadError, Loader};
use crate::resolve::decode_reference;
use crate::source::{self, Limits, Parsed, Source};

/// A document with all its files.
pub struct Document {
    dialect: Dialect,
    files: Vec<File>,
    /// What changed the root file.
    overlays: Vec<Source>,
    /// What each file means by each reference to another.
    links: BTreeMap<(usize, String), Result<usize, LoadError>>,
    /// What `$id` and `$anchor` call a schema, from 3.1 on.
    names: BTreeMap<(Option<usize>, String), (usize, Pointer)>,
    findings: Vec<Diagnostic>,
    pub(crate) budget: Budget,
}

struct File {
    source: Source,
    root: Value,
    /// The other files that it refers to, until they are followed.
    references: Vec<String>,
}

impl Document {
    /// Takes the root file, then parses, file by file, whatever they refer to. A file that cannot be reached is remembered
    /// and costs what refers to it, no more.
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
        document.dialect = dialect::check(&document.root())?;
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
                let mut found = Vec::new();
                schema_names(&document.files[at].root, &Pointer::root(), &mut found);
                for (anchor, name, pointer) in found {
                    let scope = anchor.then_some(at);
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
        let decoded = decode_reference(reference)
            .ok_or_else(|| LoadError::Unreadable("its escapes are broken: write % as %25".to_owned()))?;
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

    /// The root of the root file.
    pub fn root(&self) -> Node<'_> {
        self.file_root(0)
    }

    /// What it is written in.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What was found while reading, such as keys that stand twice.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Every file, the root first, the overlays last.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().map(|file| &file.source).chain(&self.overlays)
    }

    /// The file of that name, for showing lines of it.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources().find(|source| &**source.name() == name)
    }

    pub(crate) fn file_root(&self, file: usize) -> Node<'_> {
        Node { document: self, file, value: &self.files[file].root, pointer: Pointer::root() }
    }

    pub(crate) fn link(&self, file: usize, reference: &str) -> Option<&Result<usize, LoadError>> {
        self.links.get(&(file, reference.to_owned()))
    }

    /// The schema that calls itself so: by `$anchor` within a file, by `$id` anywhere.
    pub(crate) fn named(&self, file: Option<usize>, name: &str) -> Option<Node<'_>> {
        let (file, pointer) = self.names.get(&(file, name.to_owned()))?;
        self.at(*file, pointer.clone()).ok()
    }

    pub(crate) fn file_name(&self, file: usize) -> &Arc<str> {
        self.files[file].source.name()
    }
}

/// How many bytes the keys may have that lead to a value, all together: each value that is looked at carries them.
const LONGEST_PLACE: usize = 16 * 1024;

/// The file parts of all `$ref`s that leave their file.
///
/// # Errors
/// The keys that lead to a value are longer than the limit: which they are.
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

/// What schemas call themselves: whether by `$anchor`, how, and where.
fn schema_names(value: &Value, here: &Pointer, found: &mut Vec<(bool, String, Pointer)>) {
    match value {
        Value::Object(map) => {
            for (key, anchor) in [("$anchor", true), ("$dynamicAnchor", true), ("$id", false)] {
                if let Some(Value::String(name)) = map.get(key) {
                    found.push((anchor, name.trim_end_matches('#').to_owned(), here.clone()));
                }
            }
            for (key, value) in map.iter().filter(|(_, value)| value.is_object() || value.is_array()) {
                schema_names(value, &here.child(key), found);
            }
        }
        Value::Array(items) => {
            for (at, value) in
                items.iter().enumerate().filter(|(_, value)| value.is_object() || value.is_array())
            {
                schema_names(value, &here.index(at), found);
            }
        }
        _ => {}
    }
}

/// A value of the document that knows its place.
#[derive(Clone)]
pub struct Node<'d> {
    pub(crate) document: &'d Document,
    pub(crate) file: usize,
    pub(crate) value: &'d Value,
    pub(crate) pointer: Pointer,
}

impl<'d> Node<'d> {
    /// Where it was written.
    pub fn place(&self) -> Place {
        Place { file: Arc::clone(self.document.file_name(self.file)), pointer: self.pointer.clone() }
    }

    /// The value.
    pub const fn value(&self) -> &'d Value {
        self.value
    }

    /// The entry under `key`.
    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.as_object()?.get(key)?;
        Some(Self { value, pointer: self.pointer.child(key), ..self.clone() })
    }

    /// The mapping, where it is one.
    pub fn as_object(&self) -> Option<&'d Map<String, Value>> {
        self.value.as_object()
    }

    /// The text under `key`, where it is a text.
    pub fn text(&self, key: &str) -> Option<&'d str> {
        self.value.as_object()?.get(key)?.as_str()
    }

    /// The entries of a mapping, in the order of the document.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + '_ {
        let entries = self.value.as_object().into_iter().flatten();
        entries.map(|(key, value)| {
            (key.as_str(), Self { value, pointer: self.pointer.child(key), ..self.clone() })
        })
    }

    /// The items of a sequence.
    pub fn items(&self) -> impl Iterator<Item = Self> + '_ {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(at, value)| Self { value, pointer: self.pointer.index(at), ..self.clone() })
    }

    /// What the value is, in a word.
    pub const fn kind(&self) -> &'static str {
        kind_of(self.value)
    }
}

/// What a value is, in a word.
pub(crate) const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
