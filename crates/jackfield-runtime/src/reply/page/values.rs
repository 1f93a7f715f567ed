//! Finds the values in a reply that describe its pagination.

use std::ops::Range;

use jackfield_recipe::{PageStyle, ReplyPath, WalkedKind};

use crate::call::rows::Paging;
use crate::reply::edits::Edits;
use crate::reply::scalar::{Finder, Scalar, find};
use crate::reply::tape::Tape;
use crate::reply::walk::redactions;

/// The values in a reply that describe its pagination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageValues {
    /// The number of items.
    pub(super) count: Option<usize>,
    pub(super) next: Option<Scalar>,
    pub(super) total: Option<u64>,
    pub(super) pages: Option<u64>,
    /// Whether another page follows.
    pub(super) more: Option<bool>,
}

impl PageValues {
    /// Finds the values in JSON text, except values that a rule redacts. `None` if the text is not JSON.
    pub(super) fn of(text: &str, paging: &Paging<'_>, redact: &[ReplyPath]) -> Option<Self> {
        let tape = Tape::parse(text)?;
        let edits = redactions(&tape, redact);
        let values = Finder { tape: &tape, edits: &edits };
        let list = list_node(&tape, paging);
        let count = list.map(|list| tape.children(list).count());
        let next = match (paging.style, list) {
            (PageStyle::LastItem, Some(list)) => {
                let last = tape.children(list).last();
                last.and_then(|item| values.at(item.node, paging.next))
            }
            _ if paging.next.is_empty() => None,
            _ => values.at(Tape::ROOT, paging.next),
        };
        let number = |pointer: Option<&str>| match values.at(Tape::ROOT, pointer?)? {
            Scalar::Number(text) | Scalar::Text(text) => text.parse().ok(),
            _ => None,
        };
        let flag = |pointer: Option<&str>| match values.at(Tape::ROOT, pointer?)? {
            Scalar::True => Some(true),
            Scalar::False => Some(false),
            _ => None,
        };
        let more = flag(paging.more).or_else(|| flag(paging.last).map(|is_last| !is_last));
        Some(Self { count, next, total: number(paging.total), pages: number(paging.pages), more })
    }
}

/// Returns the array of items: the declared array, or the only array at the top level.
fn list_node(tape: &Tape<'_>, paging: &Paging<'_>) -> Option<usize> {
    let is_list = |node: usize| tape.kind(node) == WalkedKind::List;
    if let Some(pointer) = paging.items {
        let declared = find(tape, &Edits::default(), Tape::ROOT, pointer).and_then(Result::ok);
        if let Some(node) = declared.filter(|node| is_list(*node)) {
            return Some(node);
        }
    }
    if is_list(Tape::ROOT) {
        return Some(Tape::ROOT);
    }
    let mut lists = tape.children(Tape::ROOT).filter(|child| is_list(child.node));
    let first = lists.next()?;
    lists.next().is_none().then_some(first.node)
}

/// Returns the range of the items in the text, without the brackets. `None` if there is no array of items.
pub(super) fn items_range(text: &str, paging: &Paging<'_>) -> Option<Range<usize>> {
    let tape = Tape::parse(text)?;
    let range = tape.range(list_node(&tape, paging)?);
    Some(range.start + 1..range.end - 1)
}
