//! Shortens JSON text to a maximum number of items and of bytes. The result is still JSON.

use std::collections::BTreeMap;

use jackfield_recipe::WalkedKind;

use super::edits::{Edit, Edits, REDACTED, shortened};
use super::tape::Tape;
use crate::common::text::excerpt;

/// The minimum number of bytes that each large member of an object keeps. If there are too many members for this minimum, the last
/// members are left out.
const LEAST_SHARE: usize = 1000;
/// Strings with fewer bytes are not shortened.
const SHORT_STRING: usize = 120;
/// The number of bytes of the mark in a shortened string, with the quotes.
const MARK: usize = 64;

/// A value that was shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The path of the value.
    pub(super) path: String,
    pub(super) kept: usize,
    pub(super) of: usize,
    pub(super) unit: CutUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CutUnit {
    Items,
    Members,
    Bytes,
}

/// Shortens values, and records which values were shortened.
pub(super) struct Cutter<'c, 't> {
    tape: &'c Tape<'t>,
    edits: &'c mut Edits,
    /// The printed size of each node.
    sizes: Vec<u32>,
    path: Vec<Part<'t>>,
    pub(super) cuts: BTreeMap<usize, Cut>,
}

#[derive(Clone, Copy)]
enum Part<'t> {
    Item(usize),
    Key(&'t str),
}

/// A printed child: its node, its size including key and comma, and its segment of the path.
struct Sized<'t> {
    node: usize,
    around: usize,
    part: Part<'t>,
}

impl<'c, 't> Cutter<'c, 't> {
    pub(super) const fn new(tape: &'c Tape<'t>, edits: &'c mut Edits) -> Self {
        Self { tape, edits, sizes: Vec::new(), path: Vec::new(), cuts: BTreeMap::new() }
    }

    /// Shortens every array to at most `most` items.
    pub(super) fn limit_items(&mut self, most: usize) {
        self.limit_items_of(Tape::ROOT, most);
    }

    fn limit_items_of(&mut self, node: usize, most: usize) {
        if self.edits.hides(node) || self.tape.kind(node) == WalkedKind::Scalar {
            return;
        }
        if self.tape.kind(node) == WalkedKind::List {
            let count = self.edits.children(self.tape, node).count();
            if count > most {
                self.keep_first(node, most, count);
            }
        }
        for child in self.sized(node) {
            if self.tape.kind(child.node) == WalkedKind::Scalar {
                continue;
            }
            self.path.push(child.part);
            self.limit_items_of(child.node, most);
            self.path.pop();
        }
    }

    /// Shortens the text to at most `most` bytes. Returns the new size, which exceeds `most` only if nothing more can be left out.
    pub(super) fn limit_bytes(&mut self, most: usize) -> usize {
        self.sizes = vec![0; self.tape.len()];
        measure(self.tape, self.edits, Tape::ROOT, &mut self.sizes);
        self.cut(Tape::ROOT, most)
    }

    fn size(&self, node: usize) -> usize {
        self.sizes[node] as usize
    }

    /// Returns the printed children of a value.
    fn sized(&self, node: usize) -> Vec<Sized<'t>> {
        let children = self.edits.children(self.tape, node).enumerate();
        let sized = children.map(|(at, child)| match child.key {
            Some(key) => Sized { node: child.node, around: key.len() + 2, part: Part::Key(key) },
            None => Sized { node: child.node, around: 1, part: Part::Item(at) },
        });
        sized.collect()
    }

    /// Shortens a value to at most `most` bytes, and returns the new size.
    ///
    /// A string is truncated. In an array, the largest item is shortened if that suffices; otherwise the last items are left out. In an
    /// object, the largest members are shortened to the same size; if there are too many members, the last members are left out.
    fn cut(&mut self, node: usize, most: usize) -> usize {
        let size = self.size(node);
        if size <= most || self.edits.hides(node) {
            return size;
        }
        let size = match self.tape.kind(node) {
            WalkedKind::Scalar => self.cut_string(node, most),
            WalkedKind::List => self.cut_list(node, most),
            WalkedKind::Object => self.cut_object(node, most),
        };
        self.sizes[node] = u32::try_from(size).unwrap_or(u32::MAX);
        size
    }

    fn cut_string(&mut self, node: usize, most: usize) -> usize {
        let text = self.tape.text(node);
        if !text.starts_with('"') || text.len() < SHORT_STRING {
            return text.len();
        }
        let kept = most.saturating_sub(MARK);
        let size = shortened(text, kept).len();
        self.edits.set(node, Edit::Shorten(kept));
        self.note(node, kept, text.len() - 2, CutUnit::Bytes);
        size
    }

    fn cut_list(&mut self, node: usize, most: usize) -> usize {
        let (children, mut size) = (self.sized(node), self.size(node));
        let excess = size - most;
        // `max_by_key` returns the last of several equal items.
        let largest = children.iter().max_by_key(|child| self.size(child.node));
        if let Some(largest) = largest
            && self.size(largest.node) >= excess + LEAST_SHARE
        {
            size = self.cut_child(largest, self.size(largest.node) - excess, size);
        }
        if size <= most { size } else { self.keep_fitting(node, &children, most) }
    }

    fn cut_object(&mut self, node: usize, most: usize) -> usize {
        let (children, mut size) = (self.sized(node), self.size(node));
        let around: usize = 2 + children.iter().map(|child| child.around).sum::<usize>();
        let sizes = children.iter().map(|child| self.size(child.node)).collect();
        let share = fair_share(sizes, most.saturating_sub(around));
        if share >= LEAST_SHARE {
            for child in &children {
                if self.size(child.node) > share {
                    size = self.cut_child(child, share, size);
                }
            }
        }
        if size <= most { size } else { self.keep_fitting(node, &children, most) }
    }

    /// Shortens a child, and returns the new size of its parent.
    fn cut_child(&mut self, child: &Sized<'t>, most: usize, size: usize) -> usize {
        let before = self.size(child.node);
        self.path.push(child.part);
        let after = self.cut(child.node, most);
        self.path.pop();
        (size + after).saturating_sub(before)
    }

    /// Leaves out the last children, so that the remaining children fit. Returns the new size.
    fn keep_fitting(&mut self, node: usize, children: &[Sized<'t>], most: usize) -> usize {
        let (mut kept, mut size) = (0, 2);
        for child in children {
            let with = size + child.around + self.size(child.node);
            // The last child has no comma.
            if with - 1 > most {
                break;
            }
            (kept, size) = (kept + 1, with);
        }
        if kept == 0
            && let Some(first) = children.first()
        {
            // Even the first child is too large. A part of this child is more useful than an empty array or object.
            let with = self.cut_child(
                first,
                most.saturating_sub(2 + first.around),
                2 + first.around + self.size(first.node),
            );
            if with - 1 <= most {
                (kept, size) = (1, with);
            }
        }
        let count = self.all_children(node);
        self.keep_first(node, kept, count);
        size - usize::from(kept > 0)
    }

    /// Returns the number of children before any limit was applied.
    fn all_children(&self, node: usize) -> usize {
        self.tape.children(node).filter(|child| !self.edits.is_omitted(child.node)).count()
    }

    fn keep_first(&mut self, node: usize, kept: usize, count: usize) {
        if kept == count {
            return;
        }
        self.edits.set(node, Edit::First(kept));
        // Cuts inside values that are left out are not reported.
        let shown = self.edits.children(self.tape, node).last().map_or(node, |last| last.node);
        let end =
            self.tape.children(node).find(|child| child.node > shown && !self.edits.is_omitted(child.node));
        if let (Some(first), true) = (end, kept < count) {
            let inside: Vec<usize> =
                self.cuts.range(first.node..self.tape.after(node)).map(|(at, _)| *at).collect();
            inside.iter().for_each(|at| drop(self.cuts.remove(at)));
        }
        let unit = if self.tape.kind(node) == WalkedKind::List { CutUnit::Items } else { CutUnit::Members };
        self.note(node, kept, count, unit);
    }

    fn note(&mut self, node: usize, kept: usize, of: usize, unit: CutUnit) {
        let mut path = "$".to_owned();
        for part in &self.path {
            match part {
                Part::Item(at) => path.push_str(&format!("[{at}]")),
                Part::Key(key) => {
                    let inner = key.trim_matches('"');
                    let is_plain = inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
                    let key = if is_plain {
                        format!(".{}", excerpt(inner, 40))
                    } else {
                        format!("[{}]", excerpt(key, 40))
                    };
                    path.push_str(&key);
                }
            }
        }
        self.cuts.insert(node, Cut { path, kept, of, unit });
    }
}

/// Computes the printed size of a value and of all values inside it.
fn measure(tape: &Tape<'_>, edits: &Edits, node: usize, sizes: &mut [u32]) -> usize {
    let size = match (edits.get(node), tape.kind(node)) {
        (Some(Edit::Redact), _) => REDACTED.len(),
        (_, WalkedKind::Scalar) => tape.text(node).len(),
        _ => {
            let (mut size, mut count) = (2, 0);
            for child in edits.children(tape, node) {
                // A key is followed by a colon, and a child by a comma.
                let around = child.key.map_or(1, |key| key.len() + 2);
                size += around + measure(tape, edits, child.node, sizes);
                count += 1;
            }
            size - usize::from(count > 0)
        }
    };
    sizes[node] = u32::try_from(size).unwrap_or(u32::MAX);
    size
}

/// Returns the maximum size of each value at which all values together have at most `most` bytes.
fn fair_share(mut sizes: Vec<usize>, most: usize) -> usize {
    sizes.sort_unstable();
    let (mut left, mut count) = (most, sizes.len());
    for size in sizes {
        let share = left / count;
        if size > share {
            return share;
        }
        (left, count) = (left - size, count - 1);
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn limited(text: &str, items: Option<usize>, bytes: usize) -> (String, Vec<Cut>, usize) {
        let tape = Tape::parse(text).unwrap();
        let mut edits = Edits::default();
        let mut cutter = Cutter::new(&tape, &mut edits);
        if let Some(items) = items {
            cutter.limit_items(items);
        }
        let size = cutter.limit_bytes(bytes);
        let cuts = cutter.cuts.into_values().collect();
        let mut out = String::new();
        edits.print(&tape, Tape::ROOT, &mut out);
        (out, cuts, size)
    }

    fn shown(cuts: &[Cut]) -> Vec<String> {
        cuts.iter().map(|it| format!("{} {}/{} {:?}", it.path, it.kept, it.of, it.unit)).collect()
    }

    #[test]
    fn array_above_the_byte_limit_loses_its_last_items() {
        let records: Vec<Value> = (0..500).map(|id| json!({ "id": id, "title": "x".repeat(80) })).collect();
        let text = json!({ "items": records, "total": 500 }).to_string();
        let (cut, cuts, size) = limited(&text, None, 10_000);
        let value: Value = serde_json::from_str(&cut).unwrap();
        let left = value["items"].as_array().unwrap().len();
        assert!(cut.len() <= 10_000 && cut.len() > 9_800 && cut.len() == size, "{} {size}", cut.len());
        assert_eq!(value["total"], 500);
        assert_eq!(shown(&cuts), [format!("$.items {left}/500 Items")]);
    }

    #[test]
    fn single_large_item_is_shortened_instead_of_its_array() {
        let mut records: Vec<Value> = (0..20).map(|id| json!({ "id": id })).collect();
        records[3] = json!({ "id": 3, "body": "é".repeat(20_000) });
        let (cut, cuts, _) = limited(&json!(records).to_string(), None, 5_000);
        let value: Value = serde_json::from_str(&cut).unwrap();
        assert_eq!(value.as_array().map(Vec::len), Some(20));
        assert!(value[3]["body"].as_str().unwrap().ends_with("of 40000 bytes left out]"));
        assert!(cut.len() <= 5_000 && cut.len() > 4_800 && cuts[0].path == "$[3].body", "{cuts:?}");
    }

    #[test]
    fn object_members_share_the_byte_limit_and_wide_objects_lose_last_members() {
        let list = vec!["x".repeat(50); 1000];
        let text = json!({ "a": list, "b": "short", "c": list, "d": { "e": list } }).to_string();
        let (cut, cuts, _) = limited(&text, None, 30_000);
        let value: Value = serde_json::from_str(&cut).unwrap();
        assert_eq!((&value["b"], cuts.len()), (&json!("short"), 3));
        assert!(cut.len() <= 30_000 && cut.len() > 29_500, "{}", cut.len());

        let wide: serde_json::Map<String, Value> =
            (0..5000).map(|at| (format!("k{at:04}"), json!({ "v": at }))).collect();
        let (cut, cuts, _) = limited(&json!(wide).to_string(), None, 1_000);
        let value: Value = serde_json::from_str(&cut).unwrap();
        assert_eq!(cuts.len(), 1);
        assert!(
            value.get("k0000").is_some() && value.get("k4999").is_none() && cuts[0].unit == CutUnit::Members
        );
    }

    #[test]
    fn number_of_items_of_every_array_is_limited() {
        let text = json!({ "a": [1, 2, 3, [4, 5, 6]], "b": [[1, 2, 3], 2, 3, 4] }).to_string();
        let (cut, cuts, _) = limited(&text, Some(2), 1000);
        assert_eq!(cut, r#"{"a":[1,2],"b":[[1,2],2]}"#);
        assert_eq!(shown(&cuts), ["$.a 2/4 Items", "$.b 2/4 Items", "$.b[0] 2/3 Items"]);
        let (cut, cuts, _) = limited(&text, Some(3), 20);
        assert_eq!(cut, r#"{"a":[1,2,3]}"#);
        assert_eq!(shown(&cuts), ["$ 1/2 Members", "$.a 3/4 Items"]);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<i32>().prop_map(|n| json!(n)),
            "[a-é\"\\\\]{0,400}".prop_map(|s| json!(s))
        ];
        leaf.prop_recursive(5, 200, 12, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..12).prop_map(Value::Array),
                prop::collection::btree_map("[a-c]{1,3}", inner, 0..12)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn shortened_text_is_json_within_the_limit(value in value(), bytes in 70usize..3000, items in prop::option::of(0usize..5)) {
            let text = value.to_string();
            let (cut, cuts, size) = limited(&text, items, bytes);
            prop_assert!(serde_json::from_str::<Value>(&cut).is_ok(), "{}", cut);
            prop_assert_eq!(cut.len(), size);
            prop_assert!(cut.len() <= bytes, "{} of {}: {}", cut.len(), bytes, cut);
            prop_assert_eq!(cuts.is_empty(), cut == text);
        }
    }
}
