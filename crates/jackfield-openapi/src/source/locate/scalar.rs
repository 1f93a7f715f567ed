//! YAML's scalars: where they end, and the text of a key.

/// Whether this is a blank, a line break or the end of the text.
pub(super) fn is_blank(byte: Option<&u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

pub(super) fn ends_key(byte: Option<&u8>) -> bool {
    is_blank(byte) || matches!(byte, Some(b',' | b'[' | b']' | b'{' | b'}'))
}

/// Returns the end of the scalar or alias at `at`.
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
            // Two single quotes are an escaped quote.
            if text.get(at) != Some(&b'\'') {
                break;
            }
            at += 1;
        }
    }
    at
}

/// Returns the end of an anchor, a tag or an alias.
pub(super) fn word_end(text: &[u8], mut at: usize, in_flow: bool) -> usize {
    while let Some(byte) = text.get(at) {
        if is_blank(Some(byte)) || in_flow && matches!(byte, b',' | b'[' | b']' | b'{' | b'}') {
            break;
        }
        at += 1;
    }
    at
}

/// Returns the end of a plain scalar, without the blanks after it. In block style, the end of the scalar's first
/// line.
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

/// Returns the text of a key, without quotes and with escapes decoded.
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
        // JSON writes characters beyond U+FFFF as a surrogate pair.
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
