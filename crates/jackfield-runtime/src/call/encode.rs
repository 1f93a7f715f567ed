//! Encodes values as text for requests: RFC 6570 with the changes that OpenAPI makes. Every function is pure.
//!
//! `tests/conformance` has a test case for every location, style, explode and type, with the clause that it follows.

use std::borrow::Cow;
use std::fmt::Write as _;

use jackfield_recipe::{Encoding, Style, is_percent_escape, push_percent_escape};
use serde_json::Value;

/// The characters that are not percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Letters, digits, `-`, `.`, `_` and `~`.
    Unreserved,
    /// Unreserved and reserved characters, except `&` and `#`, which end a pair, and `+`, which means a space. A percent sign is always
    /// encoded, because a service would otherwise decode a value that looks like an escape.
    Reserved,
    /// All characters that a path segment may contain.
    Segment,
    /// All characters, because headers and cookies have no escapes.
    All,
}

impl Keep {
    /// Returns the set of characters that an encoding keeps in a query.
    pub(crate) const fn of(encoding: Encoding) -> Self {
        if encoding.reserved { Self::Reserved } else { Self::Unreserved }
    }

    const fn holds(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || match self {
                Self::Unreserved => matches!(byte, b'-' | b'.' | b'_' | b'~'),
                Self::Reserved | Self::Segment => match byte {
                    b'/' | b'?' => matches!(self, Self::Reserved),
                    b'&' | b'+' => matches!(self, Self::Segment),
                    _ => matches!(
                        byte,
                        b'-' | b'.'
                            | b'_'
                            | b'~'
                            | b':'
                            | b'@'
                            | b'!'
                            | b'$'
                            | b'\''
                            | b'('
                            | b')'
                            | b'*'
                            | b','
                            | b';'
                            | b'='
                    ),
                },
                Self::All => true,
            }
    }
}

/// Percent-encodes every character outside the set.
pub(crate) fn escape(text: &str, keep: Keep) -> String {
    if keep == Keep::All || text.bytes().all(|byte| keep.holds(byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keep.holds(byte) {
            out.push(char::from(byte));
        } else {
            push_percent_escape(&mut out, byte);
        }
    }
    out
}

/// Percent-encodes the literal text of a path template. Legal characters and existing escapes are kept.
pub(crate) fn escape_literal(text: &str, extra: &[u8]) -> String {
    let bytes = text.as_bytes();
    let is_legal = |byte: u8| {
        byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte) || extra.contains(&byte)
    };
    if bytes.iter().all(|byte| is_legal(*byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (at, &byte) in bytes.iter().enumerate() {
        if is_percent_escape(&bytes[at..]) || is_legal(byte) {
            out.push(char::from(byte));
        } else {
            push_percent_escape(&mut out, byte);
        }
    }
    out
}

/// Converts a value to text. A value that is nested deeper than its style allows becomes JSON text.
pub(crate) fn text(value: &Value) -> String {
    plain(value).into_owned()
}

fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        Value::Number(number) => Cow::Owned(shortest(number.to_string())),
        other => Cow::Owned(other.to_string()),
    }
}

/// Shortens the text of a number. JSON Schema counts `1.0` as an integer, so it is sent as `1` to services that parse
/// integers. The plus sign in `1e+21` is redundant.
fn shortest(number: String) -> String {
    match number.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => number.replace('+', ""),
    }
}

/// Escapes every non-ASCII character in JSON text, so that a header can carry it.
fn in_ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            });
        }
    }
    out
}

/// A value, classified by the kinds that the parameter styles distinguish.
enum Shape {
    Scalar(String),
    List(Vec<String>),
    Fields(Vec<(String, String)>),
}

/// Classifies a value. `None` if RFC 6570 calls the value undefined: null, or an array or object that contains only nulls. Nulls within
/// other arrays and objects are omitted.
fn shape(value: &Value, encoding: Encoding, keep: Keep) -> Option<Shape> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<String> =
                items.iter().filter_map(|item| joined(item, &encoding.inner, keep)).collect();
            (!items.is_empty()).then_some(Shape::List(items))
        }
        Value::Object(fields) => {
            // In a name, reserved characters are always encoded, because `=` would end the name.
            let of_names = if keep == Keep::All { keep } else { Keep::Unreserved };
            let fields: Vec<(String, String)> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (escape(key, of_names), escape(&plain(value), keep)))
                .collect();
            (!fields.is_empty()).then_some(Shape::Fields(fields))
        }
        scalar => Some(Shape::Scalar(escape(&plain(scalar), keep))),
    }
}

/// Returns the text of an array item. `inner` contains the styles that join nested arrays. An empty array is omitted, like
/// null.
fn joined(item: &Value, inner: &[Option<Style>], keep: Keep) -> Option<String> {
    match (item, inner.split_first()) {
        (Value::Null, _) => None,
        (Value::Array(items), Some((Some(style), deeper))) => {
            let items: Vec<String> = items.iter().filter_map(|item| joined(item, deeper, keep)).collect();
            (!items.is_empty()).then(|| items.join(separator(*style, keep)))
        }
        (item, _) => Some(escape(&plain(item), keep)),
    }
}

fn flat(fields: Vec<(String, String)>, separator: &str) -> String {
    fields.into_iter().flat_map(|(key, value)| [key, value]).collect::<Vec<_>>().join(separator)
}

/// Returns the separator between the items of a joined value, percent-encoded.
const fn separator(style: Style, keep: Keep) -> &'static str {
    match (style, keep) {
        (Style::SpaceDelimited, Keep::All) => " ",
        (Style::SpaceDelimited, _) => "%20",
        (Style::TabDelimited, Keep::All) => "\t",
        (Style::TabDelimited, _) => "%09",
        (Style::PipeDelimited, Keep::All) => "|",
        (Style::PipeDelimited, _) => "%7C",
        _ => ",",
    }
}

/// Returns the character in an item or property that equals the separator, if there is one. A comma can be escaped in a
/// query, but a service cannot distinguish an escaped space from the separator of `spaceDelimited`.
pub(crate) fn ambiguous(value: &Value, encoding: Encoding, keep: Keep) -> Option<char> {
    let divider = |style: Style, explode: bool| match (style, explode) {
        (Style::SpaceDelimited, false) => Some(' '),
        (Style::TabDelimited, false) => Some('\t'),
        (Style::PipeDelimited, false) => Some('|'),
        (Style::Label, true) => Some('.'),
        (Style::Simple | Style::Form, _) | (Style::Cookie, false) if keep == Keep::All => Some(','),
        _ => None,
    };
    let outer = divider(encoding.style, encoding.explode);
    let mut dividers: Vec<char> = outer.into_iter().collect();
    dividers.extend(encoding.inner.iter().flatten().filter_map(|style| divider(*style, false)));
    if dividers.is_empty() {
        return None;
    }
    let holds = |text: &str| text.chars().find(|c| dividers.contains(c));
    match value {
        Value::Array(items) => items.iter().find_map(|item| within(item, &encoding.inner, &holds)),
        Value::Object(fields) => {
            fields.iter().filter(|(_, value)| !value.is_null()).find_map(|(key, value)| {
                let equals = (keep == Keep::All && encoding.explode && key.contains('=')).then_some('=');
                holds(key).or(equals).or_else(|| holds(&plain(value)))
            })
        }
        _ => None,
    }
}

/// Searches an item, or the items of a nested array that is joined.
fn within(item: &Value, inner: &[Option<Style>], holds: &impl Fn(&str) -> Option<char>) -> Option<char> {
    match (item, inner.split_first()) {
        (Value::Array(items), Some((Some(_), deeper))) => {
            items.iter().find_map(|item| within(item, deeper, holds))
        }
        (item, _) => holds(&plain(item)),
    }
}

/// Returns the text of a path variable or a header. `None` if the value is undefined.
pub(crate) fn inline(name: &str, value: &Value, encoding: Encoding, keep: Keep) -> Option<String> {
    let (lead, between, joint) = match encoding.style {
        Style::Json if keep == Keep::All => return Some(in_ascii(&value.to_string())),
        Style::Json => return Some(escape(&value.to_string(), keep)),
        Style::Label => (".", ".", ","),
        Style::Matrix => (";", ";", ","),
        style => ("", separator(style, keep), separator(style, keep)),
    };
    let named = encoding.style == Style::Matrix;
    // Separators in values are encoded, even if other reserved characters are kept.
    let one = |text: String| match keep {
        Keep::Segment if named => text.replace(';', "%3B"),
        _ => text,
    };
    let item = |text: String| match (keep, encoding.style) {
        (Keep::Segment, Style::Label) if encoding.explode => text,
        (Keep::Segment, Style::Matrix) if encoding.explode => one(text),
        (Keep::Segment, _) => one(text).replace(',', "%2C"),
        _ => text,
    };
    let divided = |items: Vec<String>| items.into_iter().map(item).collect::<Vec<_>>();
    let assign = |name: &str, value: &str| match value {
        // RFC 6570 omits the equals sign before an empty value only in the matrix style.
        "" if named => name.to_owned(),
        value => format!("{name}={value}"),
    };
    let name = if named { escape(name, Keep::Unreserved) } else { String::new() };
    let whole = |text: String| if named { format!("{name}={text}") } else { text };
    let text = match shape(value, encoding, keep)? {
        Shape::Scalar(text) if named => assign(&name, &one(text)),
        Shape::Scalar(text) => text,
        Shape::List(items) if encoding.explode && named => {
            divided(items).iter().map(|item| assign(&name, item)).collect::<Vec<_>>().join(between)
        }
        Shape::List(items) if encoding.explode => divided(items).join(between),
        Shape::List(items) => whole(divided(items).join(joint)),
        Shape::Fields(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (key, item(value)));
            if encoding.explode {
                fields.map(|(key, value)| assign(&key, &value)).collect::<Vec<_>>().join(between)
            } else {
                whole(flat(fields.collect(), joint))
            }
        }
    };
    Some(if lead.is_empty() { text } else { format!("{lead}{text}") })
}

/// Returns the `name=value` pairs of a query parameter or a cookie, with both sides encoded. Empty if the value is undefined.
pub(crate) fn pairs(name: &str, value: &Value, encoding: Encoding, keep: Keep) -> Vec<(String, String)> {
    let wire = escape(name, if keep == Keep::All { keep } else { Keep::Unreserved });
    match encoding.style {
        Style::Json => return vec![(wire, escape(&value.to_string(), keep))],
        Style::DeepObject => {
            let mut out = Vec::new();
            deep(&wire, value, keep, &mut out);
            return out;
        }
        _ => {}
    }
    let separator = separator(encoding.style, keep);
    // In a joined value the comma is the separator, so a comma in an item is encoded even if reserved characters are kept.
    let item = |text: String| {
        if keep == Keep::Reserved && separator == "," { text.replace(',', "%2C") } else { text }
    };
    match shape(value, encoding, keep) {
        None => Vec::new(),
        Some(Shape::Scalar(text)) => vec![(wire, text)],
        Some(Shape::List(items)) if encoding.explode => {
            items.into_iter().map(|item| (wire.clone(), item)).collect()
        }
        Some(Shape::List(items)) => {
            vec![(wire, items.into_iter().map(item).collect::<Vec<_>>().join(separator))]
        }
        Some(Shape::Fields(fields)) if encoding.explode => fields,
        Some(Shape::Fields(fields)) => {
            let fields = fields.into_iter().map(|(key, value)| (key, item(value))).collect();
            vec![(wire, flat(fields, separator))]
        }
    }
}

/// Writes `name[key]=value` for every key at every depth. Array items are numbered, as in `name[0]`.
fn deep(name: &str, value: &Value, keep: Keep, out: &mut Vec<(String, String)>) {
    let below = |key: &str| match keep {
        Keep::All => format!("{name}[{key}]"),
        _ => format!("{name}%5B{}%5D", escape(key, Keep::Unreserved)),
    };
    match value {
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                deep(&below(key), value, keep, out);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().filter(|item| !item.is_null()).enumerate() {
                deep(&below(&at.to_string()), item, keep, out);
            }
        }
        scalar => out.push((name.to_owned(), escape(&plain(scalar), keep))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn query(value: Value, encoding: Encoding) -> String {
        let pairs = pairs("color", &value, encoding, Keep::of(encoding));
        pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
    }

    fn path(value: Value, encoding: Encoding) -> String {
        inline("color", &value, encoding, Keep::Unreserved).unwrap_or_default()
    }

    fn colors() -> Value {
        json!(["blue", "black"])
    }

    fn channels() -> Value {
        json!({ "R": 100, "G": 200 })
    }

    #[test]
    fn query_value_is_encoded_by_its_style() {
        assert_eq!(query(json!("blue"), Encoding::FORM), "color=blue");
        assert_eq!(query(json!(""), Encoding::FORM), "color=");
        assert_eq!(query(colors(), Encoding::FORM), "color=blue&color=black");
        assert_eq!(query(colors(), Encoding::JOINED), "color=blue,black");
        assert_eq!(query(channels(), Encoding::FORM), "R=100&G=200");
        assert_eq!(query(channels(), Encoding::JOINED), "color=R,100,G,200");
        assert_eq!(query(colors(), Encoding::SPACES), "color=blue%20black");
        assert_eq!(query(channels(), Encoding::PIPES), "color=R%7C100%7CG%7C200");
        assert_eq!(query(channels(), Encoding::DEEP), "color%5BR%5D=100&color%5BG%5D=200");
        assert_eq!(
            query(json!({ "a": { "b": [1, 2] } }), Encoding::DEEP),
            "color%5Ba%5D%5Bb%5D%5B0%5D=1&color%5Ba%5D%5Bb%5D%5B1%5D=2"
        );
        assert_eq!(query(json!({ "R": 1 }), Encoding::JSON), "color=%7B%22R%22%3A1%7D");
        assert_eq!(query(json!([]), Encoding::FORM), "");
        assert_eq!(query(json!("a/b?c"), Encoding::FORM.reserved()), "color=a/b?c");
        assert_eq!(query(json!("a&b#c+d"), Encoding::FORM.reserved()), "color=a%26b%23c%2Bd");
        assert_eq!(query(json!("a b&c=d/ü"), Encoding::FORM), "color=a%20b%26c%3Dd%2F%C3%BC");
    }

    #[test]
    fn path_value_is_encoded_by_its_style() {
        assert_eq!(path(colors(), Encoding::SIMPLE), "blue,black");
        assert_eq!(path(channels(), Encoding::SIMPLE), "R,100,G,200");
        assert_eq!(path(channels(), Encoding::SIMPLE.exploded()), "R=100,G=200");
        assert_eq!(path(colors(), Encoding::LABEL), ".blue,black");
        assert_eq!(path(colors(), Encoding::LABEL.exploded()), ".blue.black");
        assert_eq!(path(channels(), Encoding::LABEL.exploded()), ".R=100.G=200");
        assert_eq!(path(json!("blue"), Encoding::MATRIX), ";color=blue");
        assert_eq!(path(colors(), Encoding::MATRIX), ";color=blue,black");
        assert_eq!(path(colors(), Encoding::MATRIX.exploded()), ";color=blue;color=black");
        assert_eq!(path(channels(), Encoding::MATRIX.exploded()), ";R=100;G=200");
        assert_eq!(path(json!("../a?b#c%2e\\"), Encoding::SIMPLE), "..%2Fa%3Fb%23c%252e%5C");
    }

    #[test]
    fn number_is_encoded_with_all_its_digits() {
        assert_eq!(path(json!(i64::MIN), Encoding::SIMPLE), "-9223372036854775808");
        assert_eq!(path(json!(u64::MAX), Encoding::SIMPLE), "18446744073709551615");
        assert_eq!(path(json!(0.1), Encoding::SIMPLE), "0.1");
        assert_eq!(path(json!(1.0), Encoding::SIMPLE), "1");
        assert_eq!(path(json!(-0.0), Encoding::SIMPLE), "0");
        assert_eq!(path(json!(1e21), Encoding::SIMPLE), "1e21");
        assert_eq!(path(json!(true), Encoding::SIMPLE), "true");
    }

    #[test]
    fn path_literal_is_percent_encoded_and_existing_escapes_are_kept() {
        assert_eq!(escape_literal("/a b/%41/100%/ü", b""), "/a%20b/%41/100%25/%C3%BC");
    }
}
