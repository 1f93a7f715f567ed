//! Resolves `$ref`: within a file, across files and through chains.

use jackfield_model::{Code, Diagnostic, Place, Pointer, percent_decode};
use serde_json::Value;

use crate::document::{Document, Node};
use crate::loader::LoadError;

/// The maximum length of a chain of references. A longer chain is reported as a cycle.
const LONGEST_CHAIN: usize = 100;
/// The maximum number of keys among which a similar key is searched for.
const MOST_KEYS: usize = 2_000;

/// A reference that does not resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dangling {
    pub(crate) code: Code,
    pub(crate) place: Place,
    pub(crate) problem: String,
    pub(crate) remedy: String,
}

impl Dangling {
    /// Converts the error to a finding with the given consequence.
    pub(crate) fn warn(&self, consequence: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(self.code, self.place.clone(), self.problem.clone())
            .so(consequence)
            .help(self.remedy.clone())
    }

    fn new(place: Place, problem: String, remedy: &str) -> Self {
        Self { code: Code::DanglingRef, place, problem, remedy: remedy.to_owned() }
    }
}

impl<'d> Node<'d> {
    /// Returns the node's `$ref`, if it is a string. Under `properties`, a key `$ref` is the name of a property, and
    /// its value is a schema.
    pub(crate) fn reference(&self) -> Option<&'d str> {
        self.text("$ref")
    }

    /// Follows the node's chain of `$ref`s to its end.
    pub(crate) fn resolve(&self) -> Result<Self, Dangling> {
        let mut node = self.clone();
        // Brent's algorithm: each node is compared with the node at the last power of two.
        let mut passed = std::ptr::from_ref(self.value);
        for hop in 1..=LONGEST_CHAIN {
            self.document.budget.take(1);
            match node.reference() {
                None => return Ok(node),
                Some(reference) => node = node.document.look_up(&node, reference)?,
            }
            if std::ptr::eq(passed, node.value) {
                break;
            }
            if hop.is_power_of_two() {
                passed = std::ptr::from_ref(node.value);
            }
        }
        let text = self.reference().unwrap_or_default();
        Err(Dangling::new(
            self.place().child("$ref"),
            format!("`{text}` ends in a cycle of references"),
            "replace one of the references by a definition",
        ))
    }
}

impl<'d> Node<'d> {
    /// Returns the end of the node's chain of `$ref`s. If the node has no `$ref`, this is the node itself.
    pub fn target(&self) -> Option<Self> {
        self.resolve().ok()
    }

    /// Resolves `#/$defs/…` in the enclosing schemas, because authors often mean the path to be relative to
    /// them instead of to the file.
    fn local(&self, pointer: &str) -> Option<Self> {
        if !pointer.starts_with("/$defs/") && !pointer.starts_with("/definitions/") {
            return None;
        }
        let key = pointer.split('/').nth(1).unwrap_or_default();
        let relative = Pointer::from_escaped(pointer);
        let around = self.pointer.as_str();
        // The search walks from the root to the reference, and keeps the innermost definition.
        let mut value = self.document.file_root(self.file).value;
        let (mut nearest, mut end) = (None, 0);
        let mut tokens = self.pointer.tokens();
        loop {
            if value.get(key).is_some()
                && let Ok(found) = walk(value, &relative)
            {
                nearest = Some((found, end));
            }
            let Some(token) = tokens.next() else { break };
            end += 1 + around[end + 1..].find('/').unwrap_or(around.len() - end - 1);
            match step(value, &token) {
                Some(next) => value = next,
                None => break,
            }
        }
        let (value, end) = nearest?;
        let pointer = Pointer::from_escaped(format!("{}{pointer}", &around[..end]));
        Some(Self { value, pointer, ..self.clone() })
    }
}

impl Document {
    /// Returns the target of `reference`, which occurs in `from`. The target may itself be a reference.
    pub(crate) fn look_up<'d>(&'d self, from: &Node<'d>, reference: &str) -> Result<Node<'d>, Dangling> {
        let place = || from.place().child("$ref");
        let (file_part, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if let Some(node) =
            (!file_part.is_empty() && fragment.is_empty()).then(|| self.named(None, file_part)).flatten()
        {
            return Ok(node);
        }
        let file = if file_part.is_empty() { from.file } else { self.linked(from, file_part)? };
        let pointer =
            percent_decode(fragment).and_then(|it| String::from_utf8(it).ok()).ok_or_else(|| {
                Dangling::new(
                    place(),
                    format!("`{reference}` has an invalid percent-encoding"),
                    "write % as %25",
                )
            })?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return self.named(Some(file), &pointer).ok_or_else(|| {
                Dangling::new(
                    place(),
                    format!("`{reference}` is neither a JSON Pointer nor the name of an `$anchor`"),
                    "write a JSON Pointer after the #, such as #/components/schemas/Name",
                )
            });
        }
        self.at(file, Pointer::from_escaped(pointer.clone())).or_else(|(token, near)| {
            if let Some(node) = from.local(&pointer).filter(|_| file_part.is_empty()) {
                return Ok(node);
            }
            let hint = near.map_or_else(String::new, |near| format!(", but there is `{near}`"));
            Err(Dangling::new(
                place(),
                format!("`{reference}` does not exist: there is no `{token}`{hint}"),
                "define the target, or correct the reference",
            ))
        })
    }

    /// Returns the schema with the given `$anchor` in a file, or with the given `$id` in any file.
    fn named(&self, file: Option<usize>, name: &str) -> Option<Node<'_>> {
        let (file, pointer) = self.place_of_name(file, name)?;
        self.at(*file, pointer.clone()).ok()
    }

    /// Returns the node at a pointer.
    ///
    /// # Errors
    /// Returns the first token that does not exist, and an existing key that differs from it
    /// only in case.
    pub(crate) fn at(&self, file: usize, pointer: Pointer) -> Result<Node<'_>, (String, Option<String>)> {
        let root = self.file_root(file);
        walk(root.value, &pointer).map(|value| Node { value, pointer, ..root })
    }

    fn linked(&self, from: &Node<'_>, file_part: &str) -> Result<usize, Dangling> {
        let place = from.place().child("$ref");
        match self.link(from.file, file_part) {
            Some(Ok(file)) => Ok(*file),
            Some(Err(LoadError::Refused(why))) => Err(Dangling {
                code: Code::RefusedRef,
                place,
                problem: format!("`{file_part}` was not loaded: {why}"),
                remedy: "keep the files of a document in its folder".to_owned(),
            }),
            Some(Err(LoadError::Unreadable(why))) => Err(Dangling::new(
                place,
                format!("`{file_part}` cannot be loaded: {why}"),
                "supply the file, or correct the reference",
            )),
            None => Err(Dangling::new(
                place,
                format!("`{file_part}` was never loaded"),
                "report this as a defect of Jackfield",
            )),
        }
    }
}

/// Follows a pointer, with the errors of [`Document::at`].
fn walk<'v>(root: &'v Value, pointer: &Pointer) -> Result<&'v Value, (String, Option<String>)> {
    pointer.tokens().try_fold(root, |value, token| {
        step(value, &token).ok_or_else(|| {
            let near = value.as_object().and_then(|map| {
                map.keys().take(MOST_KEYS).find(|key| key.eq_ignore_ascii_case(&token)).cloned()
            });
            (token, near)
        })
    })
}

/// Returns the entry or item that a token of a pointer selects.
fn step<'v>(value: &'v Value, token: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) => map.get(token),
        Value::Array(items) => token.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    }
}
