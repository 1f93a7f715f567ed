//! YAML's flow style: `{a: [b, "c"]}` over any number of lines.

use super::scalar::{ends_key, is_blank, line_end, scalar_end, word_end};
use super::trail::{Span, Step, Trails};

/// The maximum number of open brackets: far more than real documents have. The YAML parser takes quadratic
/// time in this number.
pub(super) const MOST_OPEN: usize = 2_000;

/// An open bracket.
struct Level {
    /// The index of the next item in a list; `None` in a mapping.
    items: Option<usize>,
    /// Whether the next scalar begins an item or entry.
    fresh: bool,
    /// Whether the bracket stands for a mapping of one entry without braces, as in `[a: b]`.
    bare: bool,
}

/// Scans the flow collection at `at`, whose entries have the depth `depth`, and reports keys and items to
/// `trails`. Returns the end of the collection, or `None` if more than [`MOST_OPEN`] brackets are open in it.
pub(super) fn follow(text: &[u8], mut at: usize, depth: usize, trails: &mut Trails) -> Option<usize> {
    let mut levels: Vec<Level> = Vec::new();
    while let Some(&byte) = text.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'#' if at == 0 || is_blank(text.get(at - 1)) => at = line_end(text, at),
            b',' => {
                close_bare(&mut levels);
                if let Some(level) = levels.last_mut() {
                    level.fresh = true;
                }
                at += 1;
            }
            b'[' | b'{' => {
                begin_item(&mut levels, at..at + 1, depth, trails);
                levels.push(Level { items: (byte == b'[').then_some(0), fresh: true, bare: false });
                if levels.len() > MOST_OPEN {
                    return None;
                }
                at += 1;
            }
            b']' | b'}' => {
                close_bare(&mut levels);
                levels.pop();
                at += 1;
                if levels.is_empty() || trails.are_over(depth + levels.len()) {
                    return Some(at);
                }
            }
            b'?' if is_blank(text.get(at + 1)) => at += 1,
            // The key was already reported.
            b':' => at += 1,
            b'&' | b'!' => at = word_end(text, at, true),
            _ => {
                let end = scalar_end(text, at, true);
                at = scalar(text, at, end, &mut levels, depth, trails);
            }
        }
    }
    Some(at)
}

/// Reports the scalar from `at` to `end` if it is a key or an item. Returns the offset at which the scan continues.
fn scalar(
    text: &[u8],
    at: usize,
    end: usize,
    levels: &mut Vec<Level>,
    depth: usize,
    trails: &mut Trails,
) -> usize {
    let end = end.max(at + 1);
    let colon = skip_space(text, end);
    let is_key = text.get(colon) == Some(&b':')
        && (matches!(text.get(at), Some(b'"' | b'\'')) || ends_key(text.get(colon + 1)));
    let in_list = levels.last().is_some_and(|level| level.items.is_some());
    let was_fresh = levels.last().is_some_and(|level| level.fresh);
    begin_item(levels, at..end, depth, trails);
    if in_list && was_fresh && is_key {
        levels.push(Level { items: None, fresh: true, bare: true });
    }
    let inside = depth + levels.len().saturating_sub(1);
    if let Some(level) = levels.last_mut().filter(|level| level.items.is_none() && level.fresh) {
        level.fresh = false;
        match text.get(at..end) {
            None | Some([b'*', ..]) => trails.pass(inside, &Step::Nameless, at..end),
            Some(key) => trails.pass(inside, &Step::Key(key), at..end),
        }
    }
    if is_key { colon + 1 } else { end }
}

/// Reports an item, if the innermost collection is a list that expects one.
fn begin_item(levels: &mut [Level], span: Span, depth: usize, trails: &mut Trails) {
    let inside = depth + levels.len().saturating_sub(1);
    let Some(level) = levels.last_mut() else { return };
    if let (Some(index), true) = (level.items, level.fresh) {
        level.items = Some(index + 1);
        level.fresh = false;
        trails.pass(inside, &Step::Item(index), span);
    }
}

fn close_bare(levels: &mut Vec<Level>) {
    if levels.last().is_some_and(|level| level.bare) {
        levels.pop();
    }
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}
