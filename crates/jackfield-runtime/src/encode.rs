//! How values are spelled on the wire: RFC 6570 as OpenAPI uses it. Pure text in, text out.

use jackfield_recipe::{Encoding, Style};
use serde_json::Value;

/// Which characters may travel as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Letters, digits, `-`, `.`, `_` and `~`.
    Unreserved,
    /// Also what is reserved, unless it would end the value: `&`, `#`, `+` and, in names, `=`.
    Reserved,
    /// Everything: headers have no escapes.
    All,
}

impl Keep {
    pub(crate) const fn of(encoding: Encoding) -> Self {
        if encoding.reserved { Self::Reserved } else { Self::Unreserved }
    }
}

/// Percent-encodes what must not travel as it is.
pub(crate) fn escape(text: &str, keep: Keep) -> String {
    if keep == Keep::All {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let kept = byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || (keep == Keep::Reserved && b":/?@[]!$'()*,;=".contains(&byte));
        if kept {
            out.push(char::from(byte));
        } else {
            push_escaped(&mut out, byte);
        }
    }
    out
}

/// Percent-encodes a literal part of a path template: what is legal stays as the document spells it.
pub(crate) fn escape_literal(text: &str, extra: &[u8]) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    for (at, &byte) in bytes.iter().enumerate() {
        let escaped = byte == b'%'
            && bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit)
            && bytes.get(at + 2).is_some_and(u8::is_ascii_hexdigit);
        if escaped
            || byte.is_ascii_alphanumeric()
            || b"-._~!$&'()*+,;=:@/".contains(&byte)
            || extra.contains(&byte)
        {
            out.push(char::from(byte));
        } else {
            push_escaped(&mut out, byte);
        }
    }
    out
}

fn push_escaped(out: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

/// The text of a scalar; what is nested deeper than a style can say travels as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A value as the styles see it; nulls inside lists and objects are undefined in RFC 6570 and fall away.
enum Shape {
    Scalar(String),
    List(Vec<String>),
    Fields(Vec<(String, String)>),
}

fn shape(value: &Value, keep: Keep) -> Shape {
    match value {
        Value::Array(items) => Shape::List(
            items.iter().filter(|item| !item.is_null()).map(|item| escape(&text(item), keep)).collect(),
        ),
        Value::Object(fields) => Shape::Fields(
            fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (escape(key, keep), escape(&text(value), keep)))
                .collect(),
        ),
        scalar => Shape::Scalar(escape(&text(scalar), keep)),
    }
}

fn flat(fields: Vec<(String, String)>, separator: &str) -> String {
    fields.into_iter().flat_map(|(key, value)| [key, value]).collect::<Vec<_>>().join(separator)
}

fn assigned(fields: Vec<(String, String)>, separator: &str) -> String {
    fields.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(separator)
}

/// The text that stands for a path variable or a header.
pub(crate) fn inline(name: &str, value: &Value, encoding: Encoding, keep: Keep) -> String {
    let explode = encoding.explode;
    match encoding.style {
        Style::Json => escape(&value.to_string(), keep),
        Style::Label => {
            let between = if explode { "." } else { "," };
            match shape(value, keep) {
                Shape::Scalar(text) => format!(".{text}"),
                Shape::List(items) => format!(".{}", items.join(between)),
                Shape::Fields(fields) if explode => format!(".{}", assigned(fields, ".")),
                Shape::Fields(fields) => format!(".{}", flat(fields, ",")),
            }
        }
        Style::Matrix => {
            let name = escape(name, keep);
            match shape(value, keep) {
                Shape::Scalar(text) if text.is_empty() => format!(";{name}"),
                Shape::Scalar(text) => format!(";{name}={text}"),
                Shape::List(items) if explode => items.iter().map(|item| format!(";{name}={item}")).collect(),
                Shape::List(items) => format!(";{name}={}", items.join(",")),
                Shape::Fields(fields) if explode => format!(";{}", assigned(fields, ";")),
                Shape::Fields(fields) => format!(";{name}={}", flat(fields, ",")),
            }
        }
        _ => match shape(value, keep) {
            Shape::Scalar(text) => text,
            Shape::List(items) => items.join(","),
            Shape::Fields(fields) if explode => assigned(fields, ","),
            Shape::Fields(fields) => flat(fields, ","),
        },
    }
}

/// The `name=value` pairs that stand for a query parameter or a cookie, both sides encoded. An empty list has none.
pub(crate) fn pairs(name: &str, value: &Value, encoding: Encoding, keep: Keep) -> Vec<(String, String)> {
    let wire = escape(name, Keep::Unreserved);
    let separator = match encoding.style {
        Style::Json => return vec![(wire, escape(&value.to_string(), keep))],
        Style::DeepObject => {
            let mut out = Vec::new();
            deep(&wire, value, keep, &mut out);
            return out;
        }
        Style::SpaceDelimited => "%20",
        Style::PipeDelimited => "%7C",
        _ => ",",
    };
    match shape(value, keep) {
        Shape::Scalar(text) => vec![(wire, text)],
        Shape::List(items) if items.is_empty() => Vec::new(),
        Shape::List(items) if encoding.explode => {
            items.into_iter().map(|item| (wire.clone(), item)).collect()
        }
        Shape::List(items) => vec![(wire, items.join(separator))],
        Shape::Fields(fields) if fields.is_empty() => Vec::new(),
        Shape::Fields(fields) if encoding.explode => fields,
        Shape::Fields(fields) => vec![(wire, flat(fields, separator))],
    }
}

/// `name[key]=value`, for every key however deep; the items of a list are counted, as in `name[0]`.
fn deep(name: &str, value: &Value, keep: Keep, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                deep(&format!("{name}%5B{}%5D", escape(key, Keep::Unreserved)), value, keep, out);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().filter(|item| !item.is_null()).enumerate() {
                deep(&format!("{name}%5B{at}%5D"), item, keep, out);
            }
        }
        scalar => out.push((name.to_owned(), escape(&text(scalar), keep))),
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
        inline("color", &value, encoding, Keep::Unreserved)
    }

    fn colors() -> Value {
        json!(["blue", "black"])
    }

    fn channels() -> Value {
        json!({ "R": 100, "G": 200 })
    }

    #[test]
    fn query_spellings() {
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
    fn path_spellings() {
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
    fn numbers_are_exact() {
        assert_eq!(path(json!(i64::MIN), Encoding::SIMPLE), "-9223372036854775808");
        assert_eq!(path(json!(u64::MAX), Encoding::SIMPLE), "18446744073709551615");
        assert_eq!(path(json!(0.1), Encoding::SIMPLE), "0.1");
        assert_eq!(path(json!(true), Encoding::SIMPLE), "true");
    }

    #[test]
    fn literals_keep_their_escapes() {
        assert_eq!(escape_literal("/a b/%41/100%/ü", b""), "/a%20b/%41/100%25/%C3%BC");
    }
}
