//! Finds single values of a reply by JSON pointers.

use crate::reply::edits::Edits;
use crate::reply::tape::{Child, Tape};

/// The maximum number of bytes of a string. Longer strings are not read.
const LONGEST_TEXT: usize = 8192;

/// A single value of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Text(String),
    /// The text of a number, with all its digits.
    Number(String),
    True,
    False,
    /// A redacted value.
    Hidden,
}

/// Finds single values. A redacted value is found as [`Scalar::Hidden`].
pub(super) struct Finder<'f, 't> {
    pub(super) tape: &'f Tape<'t>,
    pub(super) edits: &'f Edits,
}

impl Finder<'_, '_> {
    /// Returns the value at a JSON pointer below a node.
    pub(super) fn at(&self, node: usize, pointer: &str) -> Option<Scalar> {
        let node = match find(self.tape, self.edits, node, pointer)? {
            Ok(node) => node,
            Err(Hidden) => return Some(Scalar::Hidden),
        };
        let text = self.tape.text(node);
        match text.as_bytes().first()? {
            b'"' if text.len() <= LONGEST_TEXT => serde_json::from_str(text).ok().map(Scalar::Text),
            b't' => Some(Scalar::True),
            b'f' => Some(Scalar::False),
            b'0'..=b'9' | b'-' if text.len() <= 40 => Some(Scalar::Number(text.to_owned())),
            _ => None,
        }
    }
}

/// The error for a value that is redacted.
pub(super) struct Hidden;

/// Returns the node at a JSON pointer below another node.
pub(super) fn find(
    tape: &Tape<'_>,
    edits: &Edits,
    mut node: usize,
    pointer: &str,
) -> Option<Result<usize, Hidden>> {
    if edits.hides(node) {
        return Some(Err(Hidden));
    }
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        let is_it = |child: &Child<'_>| child.name().is_some_and(|it| it == name);
        // The last of duplicate keys counts, as in most parsers.
        node = tape.children(node).filter(is_it).last()?.node;
        if edits.hides(node) {
            return Some(Err(Hidden));
        }
    }
    Some(Ok(node))
}
