//! Changes to JSON text: values that are left out, replaced or shortened.

use std::collections::HashMap;
use std::fmt::Write as _;

use jackfield_recipe::WalkedKind;

use super::tape::Tape;

/// The JSON string that replaces a redacted value.
pub(crate) const REDACTED: &str = "\"[redacted]\"";

/// A change to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// The value is left out.
    Omit,
    /// The value is replaced by [`REDACTED`].
    Redact,
    /// Only this number of children remains. The first children are kept.
    First(usize),
    /// Only this number of bytes of the string remains. The first bytes are kept.
    Shorten(usize),
}

/// Changes, by the node of the changed value.
#[derive(Debug, Default)]
pub(super) struct Edits(HashMap<usize, Edit>);

impl Edits {
    pub(super) fn get(&self, node: usize) -> Option<&Edit> {
        if self.0.is_empty() { None } else { self.0.get(&node) }
    }

    pub(super) fn set(&mut self, node: usize, edit: Edit) {
        self.0.insert(node, edit);
    }

    /// Whether the value is omitted or redacted, so that nothing inside the value is printed.
    pub(super) fn hides(&self, node: usize) -> bool {
        matches!(self.get(node), Some(Edit::Omit | Edit::Redact))
    }

    pub(super) fn is_omitted(&self, node: usize) -> bool {
        matches!(self.get(node), Some(Edit::Omit))
    }

    /// Returns the children of a value that are printed.
    pub(super) fn children<'c, 't>(
        &'c self,
        tape: &'c Tape<'t>,
        node: usize,
    ) -> impl Iterator<Item = super::tape::Child<'t>> + use<'c, 't> {
        let most = match self.get(node) {
            Some(Edit::First(most)) => *most,
            Some(Edit::Redact) => 0,
            _ => usize::MAX,
        };
        tape.children(node).filter(|child| !self.is_omitted(child.node)).take(most)
    }

    /// Prints the changed text of a value.
    pub(super) fn print(&self, tape: &Tape<'_>, node: usize, out: &mut String) {
        let (open, close) = match (self.get(node), tape.kind(node)) {
            (Some(Edit::Redact), _) => return out.push_str(REDACTED),
            (Some(Edit::Shorten(bytes)), _) => return out.push_str(&shortened(tape.text(node), *bytes)),
            (_, WalkedKind::Scalar) => return out.push_str(tape.text(node)),
            (_, WalkedKind::List) => ('[', ']'),
            (_, WalkedKind::Object) => ('{', '}'),
        };
        out.push(open);
        for (at, child) in self.children(tape, node).enumerate() {
            if at > 0 {
                out.push(',');
            }
            if let Some(key) = child.key {
                out.push_str(key);
                out.push(':');
            }
            self.print(tape, child.node, out);
        }
        out.push(close);
    }
}

/// Returns the first bytes of a string as JSON, with a mark that says how many bytes are left out. Characters and escapes are not split.
pub(super) fn shortened(text: &str, bytes: usize) -> String {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let (mut kept, mut rest) = (0, inner);
    while !rest.is_empty() {
        let step = match rest.as_bytes() {
            [b'\\', b'u', ..] if is_pair(rest) => 12,
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        if kept + step > bytes {
            break;
        }
        kept += step;
        rest = rest.get(step..).unwrap_or_default();
    }
    let mut shortened = String::with_capacity(kept + 40);
    shortened.push('"');
    shortened.push_str(&inner[..kept]);
    _ = write!(shortened, "… [{} of {} bytes left out]\"", inner.len() - kept, inner.len());
    shortened
}

/// Whether the text begins with two escapes that form a surrogate pair.
fn is_pair(text: &str) -> bool {
    let high = text.get(2..4).is_some_and(|digits| {
        let digits = digits.to_ascii_lowercase();
        digits.starts_with('d') && matches!(digits.as_bytes().get(1), Some(b'8' | b'9' | b'a' | b'b'))
    });
    high && text.get(6..8) == Some("\\u")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_string_is_valid_json() {
        for text in [r#""aé😀\n\u00e9\ud83d\ude00\\\"z""#, r#""""#, r#""\\\\\\""#] {
            for bytes in 0..text.len() {
                let shortened = shortened(text, bytes);
                let value: String =
                    serde_json::from_str(&shortened).unwrap_or_else(|error| panic!("{shortened}: {error}"));
                let whole: String = serde_json::from_str(text).unwrap();
                let (begin, mark) = value.split_once("… [").unwrap();
                assert!(whole.starts_with(begin) && mark.ends_with("bytes left out]"), "{value}");
            }
        }
        assert_eq!(shortened("\"abcdef\"", 2), "\"ab… [4 of 6 bytes left out]\"");
    }
}
