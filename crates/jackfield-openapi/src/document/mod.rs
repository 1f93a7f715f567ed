//! A parsed document: the root file and every file to which it refers. After loading, only its budget
//! changes.

mod load;

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_model::{Diagnostic, Place, Pointer};
use serde_json::{Map, Value};

use crate::budget::Budget;
use crate::dialect::Dialect;
use crate::kind::kind_of;
use crate::loader::LoadError;
use crate::source::Source;

/// A document and all its files.
pub struct Document {
    dialect: Dialect,
    files: Vec<File>,
    /// The overlays that were applied to the root file.
    overlays: Vec<Source>,
    /// For each reference of a file (by index) to another file: the index of that file, or why it was not loaded.
    links: BTreeMap<(usize, String), Result<usize, LoadError>>,
    /// The places of schemas with an `$id` (file `None`) or an `$anchor`, from OpenAPI 3.1 on.
    names: BTreeMap<(Option<usize>, String), (usize, Pointer)>,
    findings: Vec<Diagnostic>,
    pub(crate) budget: Budget,
}

struct File {
    source: Source,
    root: Value,
    /// The references of a file to other files, until these are loaded.
    references: Vec<String>,
}

impl Document {
    /// Returns the root of the root file.
    pub fn root(&self) -> Node<'_> {
        self.file_root(0)
    }

    /// Returns the version of OpenAPI.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Findings of parsing, such as duplicate keys.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Returns all files: the root file first, the overlays last.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().map(|file| &file.source).chain(&self.overlays)
    }

    /// Returns the value at a place of one of the files.
    pub fn node(&self, place: &Place) -> Option<Node<'_>> {
        let file = self.files.iter().position(|file| *file.source.name() == place.file)?;
        self.at(file, place.pointer.clone()).ok()
    }

    /// Returns the file with that name, for showing its lines.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources().find(|source| &**source.name() == name)
    }

    pub(crate) fn file_root(&self, file: usize) -> Node<'_> {
        Node { document: self, file, value: &self.files[file].root, pointer: Pointer::root() }
    }

    pub(crate) fn link(&self, file: usize, reference: &str) -> Option<&Result<usize, LoadError>> {
        self.links.get(&(file, reference.to_owned()))
    }

    /// Returns the place of the schema with that `$anchor` in the file, or with that `$id` in any file.
    pub(crate) fn place_of_name(&self, file: Option<usize>, name: &str) -> Option<&(usize, Pointer)> {
        self.names.get(&(file, name.to_owned()))
    }

    pub(crate) fn file_name(&self, file: usize) -> &Arc<str> {
        self.files[file].source.name()
    }
}

/// A value of a document, with its place.
#[derive(Clone)]
pub struct Node<'d> {
    pub(crate) document: &'d Document,
    pub(crate) file: usize,
    pub(crate) value: &'d Value,
    pub(crate) pointer: Pointer,
}

impl<'d> Node<'d> {
    /// Returns the file and the pointer of the value.
    pub fn place(&self) -> Place {
        Place { file: Arc::clone(self.document.file_name(self.file)), pointer: self.pointer.clone() }
    }

    /// Returns the value.
    pub const fn value(&self) -> &'d Value {
        self.value
    }

    /// Returns the value of the entry `key`.
    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.as_object()?.get(key)?;
        Some(Self { value, pointer: self.pointer.child(key), ..self.clone() })
    }

    /// Returns the value as a mapping, or `None` for other values.
    pub fn as_object(&self) -> Option<&'d Map<String, Value>> {
        self.value.as_object()
    }

    /// Returns the string in the entry `key`, or `None` for other values.
    pub fn text(&self, key: &str) -> Option<&'d str> {
        self.value.as_object()?.get(key)?.as_str()
    }

    /// Returns the entries of a mapping, in document order.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + '_ {
        let entries = self.value.as_object().into_iter().flatten();
        entries.map(|(key, value)| {
            (key.as_str(), Self { value, pointer: self.pointer.child(key), ..self.clone() })
        })
    }

    /// Returns the items of a sequence.
    pub fn items(&self) -> impl Iterator<Item = Self> + '_ {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(at, value)| Self { value, pointer: self.pointer.index(at), ..self.clone() })
    }

    /// Returns the type of the value, for messages.
    pub const fn kind(&self) -> &'static str {
        kind_of(self.value)
    }
}
