//! YAML's scalars, and its flow style: `{a: [b, "c"]}` over any number of lines.

use super::trail::{Step, Trails};
use super::yaml::is_blank;

/// How many brackets may be open at once: no document comes near, and the YAML reader's time grows with their square.
pub(super) const MOST_OPEN: usize = 2_000;

/// An open bracket.
struct Level {
    /// The number of the next item of a list; none in a mapping.
    items: Option<usize>,
    /// Whether the next scalar begins an item or an entry.
    fresh: bool,
    /// A mapping of one entry without braces, as in `[a: b]`.
    bare: bool,
}

/// Follows `trails` through the flow collection that opens at `at`, whose own entries are `depth` deep; returns where
/// it ends, or none when more than [`MOST_OPEN`] brackets are open in it.
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
            // The value of an entry, whose key was noted when it was read.
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

/// Notes the scalar from `at` to `end` as a key or an item, if it is one; returns where to go on.
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

/// Notes an item, if the innermost bracket is a list that waits for one.
fn begin_item(levels: &mut [Level], span: std::ops::Range<usize>, depth: usize, trails: &mut Trails) {
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

fn ends_key(byte: Option<&u8>) -> bool {
    is_blank(byte) || matches!(byte, Some(b',' | b'[' | b']' | b'{' | b'}'))
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Where the scalar or alias at `at` ends.
pub(super) fn scalar_end(text: &[u8], at: usize, in_flow: bool) -> usize {
    match text.get(at) {
        Some(b'"') => double_end(text, at),
        Some(b'\'') => single_end(text, at),
        Some(b'*') => word_end(text, at, in_flow),
        _ => plain_end(text, at, in_flow),
    }
}

fn double_end(text: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(&byte) = text.get(at) {
        at += if byte == b'\\' { 2 } else { 1 };
        if byte == b'"' {
            break;
        }
    }
    at.min(text.len())
}

fn single_end(text: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte == b'\'' {
            // Two quotes are one, within the scalar.
            if text.get(at) != Some(&b'\'') {
                break;
            }
            at += 1;
        }
    }
    at
}

/// Where an anchor, a tag or an alias ends.
pub(super) fn word_end(text: &[u8], mut at: usize, in_flow: bool) -> usize {
    while let Some(byte) = text.get(at) {
        if is_blank(Some(byte)) || in_flow && matches!(byte, b',' | b'[' | b']' | b'{' | b'}') {
            break;
        }
        at += 1;
    }
    at
}

/// Where a plain scalar ends, without the blanks that follow it: in the block style with its line, although more lines
/// may follow.
fn plain_end(text: &[u8], start: usize, in_flow: bool) -> usize {
    let mut at = start;
    let mut end = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\n' | b'\r' if !in_flow => break,
            b'#' if at > start && is_blank(text.get(at - 1)) => break,
            b':' if is_blank(text.get(at + 1)) => break,
            b':' if in_flow && ends_key(text.get(at + 1)) => break,
            b',' | b'[' | b']' | b'{' | b'}' if in_flow => break,
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            _ => {
                at += 1;
                end = at;
            }
        }
    }
    end
}

pub(super) fn line_end(text: &[u8], mut at: usize) -> usize {
    while !matches!(text.get(at), None | Some(b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// What a key says: without its quotes, with its escapes replaced.
pub(super) fn decode(raw: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(raw);
    if text.contains(['\n', '\r']) {
        text = text
            .split(['\n', '\r'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
            .into();
    }
    if let Some(inner) = text.strip_prefix('\'') {
        inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'")
    } else if let Some(inner) = text.strip_prefix('"') {
        unescape(inner.strip_suffix('"').unwrap_or(inner))
    } else {
        text.into_owned()
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut half = None;
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let digits = match chars.next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(c) => {
                out.push(simple_escape(c));
                continue;
            }
            None => break,
        };
        let code = chars.by_ref().take(digits).fold(0_u32, |code, c| code << 4 | c.to_digit(16).unwrap_or(0));
        // JSON writes characters beyond U+FFFF as two halves.
        match (half.take(), code) {
            (_, 0xD800..=0xDBFF) => half = Some(code - 0xD800),
            (Some(high), 0xDC00..=0xDFFF) => {
                out.extend(char::from_u32(0x1_0000 + (high << 10) + (code - 0xDC00)));
            }
            _ => out.extend(char::from_u32(code)),
        }
    }
    out
}

fn simple_escape(c: char) -> char {
    match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        c => c,
    }
}
