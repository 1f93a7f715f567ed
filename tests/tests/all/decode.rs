//! Decodes a request by the rules of OpenAPI 3.2 and RFC 6570, independently of the encoder.

use jackfield_build::model::Style;
use serde_json::Value;

/// Returns the style in words of OpenAPI. `None` for a parameter with `content`.
pub(crate) const fn word(style: Style) -> Option<&'static str> {
    Some(match style {
        Style::Simple => "simple",
        Style::Label => "label",
        Style::Matrix => "matrix",
        Style::Form => "form",
        Style::SpaceDelimited => "spaceDelimited",
        Style::PipeDelimited => "pipeDelimited",
        Style::TabDelimited => "tabDelimited",
        Style::DeepObject => "deepObject",
        Style::Cookie => "cookie",
        Style::Json => return None,
    })
}

/// A value as a service receives it: as strings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decoded {
    One(String),
    List(Vec<String>),
    Fields(Vec<(String, String)>),
    Json(Value),
}

/// Whether the schema describes a list or an object.
pub(crate) type Shape = (bool, bool);

/// Returns a variable of the path.
pub(crate) fn segment(name: &str, text: &str, style: Style, explode: bool, shape: Shape) -> Option<Decoded> {
    let (text, between) = match style {
        Style::Label => (text.strip_prefix('.')?, if explode { '.' } else { ',' }),
        Style::Matrix => (text.strip_prefix(';')?, if explode { ';' } else { ',' }),
        Style::Json => return json(&unescaped(text)?),
        _ => (text, ','),
    };
    let own = |text: &str| match text.strip_prefix(name)? {
        "" => Some(String::new()),
        rest => unescaped(rest.strip_prefix('=')?),
    };
    let named = style == Style::Matrix;
    match shape {
        (true, _) if named && explode => {
            text.split(between).map(own).collect::<Option<_>>().map(Decoded::List)
        }
        (_, true) if explode => text
            .split(between)
            .map(|pair| {
                let (key, value) =
                    if named { pair.split_once('=').unwrap_or((pair, "")) } else { pair.split_once('=')? };
                Some((unescaped(key)?, unescaped(value)?))
            })
            .collect::<Option<_>>()
            .map(Decoded::Fields),
        (false, false) if named => own(text).map(Decoded::One),
        _ => {
            let text = if named { text.strip_prefix(name)?.strip_prefix('=')? } else { text };
            let parts = match shape {
                (false, false) => vec![unescaped(text)?],
                _ => text.split(between).map(unescaped).collect::<Option<_>>()?,
            };
            joined(parts, shape)
        }
    }
}

/// Returns the pairs of a query, a form or a cookie.
pub(crate) fn pairs(
    name: &str,
    pairs: &[&str],
    style: Style,
    explode: bool,
    shape: Shape,
) -> Option<Decoded> {
    let bare = style == Style::Cookie;
    let read = |text: &str| if bare { Some(text.to_owned()) } else { unescaped(text) };
    let split: Vec<(String, &str)> = pairs
        .iter()
        .map(|pair| pair.split_once('=').and_then(|(key, value)| Some((read(key)?, value))))
        .collect::<Option<_>>()?;
    if split.is_empty() {
        return None;
    }
    let is_own = || split.iter().all(|(key, _)| key == name);
    match (style, shape) {
        (Style::DeepObject, _) => {
            let field = |(key, value): &(String, &str)| {
                let key = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
                Some((key.to_owned(), unescaped(value)?))
            };
            split.iter().map(field).collect::<Option<_>>().map(Decoded::Fields)
        }
        (Style::Json, _) if is_own() && split.len() == 1 => json(&unescaped(split[0].1)?),
        (_, (true, _)) if explode && is_own() => {
            split.iter().map(|(_, value)| read(value)).collect::<Option<_>>().map(Decoded::List)
        }
        (_, (_, true)) if explode => split
            .iter()
            .map(|(key, value)| Some((key.clone(), read(value)?)))
            .collect::<Option<_>>()
            .map(Decoded::Fields),
        (_, (false, false)) if is_own() && split.len() == 1 => Some(Decoded::One(read(split[0].1)?)),
        _ if is_own() && split.len() == 1 => {
            let between = match style {
                Style::SpaceDelimited => "%20",
                Style::PipeDelimited => "%7C",
                _ => ",",
            };
            joined(split[0].1.split(between).map(read).collect::<Option<_>>()?, shape)
        }
        _ => None,
    }
}

/// Returns the value of a header, if it was sent.
pub(crate) fn header(value: Option<&str>, style: Style, explode: bool, shape: Shape) -> Option<Decoded> {
    let value = value?;
    match (style, shape) {
        (Style::Json, _) => json(value),
        (_, (false, false)) => Some(Decoded::One(value.to_owned())),
        (_, (_, true)) if explode => value
            .split(',')
            .map(|pair| pair.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())))
            .collect::<Option<_>>()
            .map(Decoded::Fields),
        _ => joined(value.split(',').map(str::to_owned).collect(), shape),
    }
}

fn joined(parts: Vec<String>, shape: Shape) -> Option<Decoded> {
    match shape {
        (_, true) if parts.len().is_multiple_of(2) => {
            Some(Decoded::Fields(parts.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()))
        }
        (_, true) => None,
        (true, _) => Some(Decoded::List(parts)),
        _ => parts.into_iter().next().map(Decoded::One),
    }
}

fn json(text: &str) -> Option<Decoded> {
    serde_json::from_str(text).ok().map(Decoded::Json)
}

/// Decodes percent-encoding. Returns `None` if a character that must be encoded is unencoded.
fn unescaped(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                out.push(u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok()?);
                at += 3;
            }
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(byte);
                at += 1;
            }
            _ => return None,
        }
    }
    String::from_utf8(out).ok()
}

/// Whether the text is in the normal form of RFC 3986: only unreserved characters are unencoded.
pub(crate) fn escaped(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}

/// Whether the strings equal the strings of the value. Types are lost in a request, and an empty container
/// equals a missing value.
pub(crate) fn is_same(value: &Value, decoded: Option<&Decoded>) -> bool {
    if let Some(Decoded::Json(decoded)) = decoded {
        return decoded == value;
    }
    match (value, decoded) {
        (Value::Array(items), decoded) => {
            let items: Vec<&Value> = items.iter().filter(|item| !item.is_null()).collect();
            match decoded {
                None => items.is_empty(),
                Some(Decoded::List(texts)) => {
                    texts.len() == items.len()
                        && items.iter().zip(texts).all(|(item, text)| reads(item, text))
                }
                _ => false,
            }
        }
        (Value::Object(fields), decoded) => {
            let fields: Vec<(&String, &Value)> =
                fields.iter().filter(|(_, value)| !value.is_null()).collect();
            match decoded {
                None => fields.is_empty(),
                Some(Decoded::Fields(texts)) => {
                    texts.len() == fields.len()
                        && fields
                            .iter()
                            .zip(texts)
                            .all(|((name, value), (key, text))| *name == key && reads(value, text))
                }
                _ => false,
            }
        }
        (scalar, Some(Decoded::One(text))) => reads(scalar, text),
        _ => false,
    }
}

fn reads(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Bool(own) => text.parse() == Ok(*own),
        Value::Number(number) if number.is_f64() => text.parse::<f64>().ok() == number.as_f64(),
        Value::Number(number) => number.to_string() == text,
        _ => false,
    }
}

/// Whether the value has to be refused, because its encoded form cannot be decoded to the same value.
pub(crate) fn cannot_be_said(name: &str, style: Style, explode: bool, value: &Value) -> bool {
    let (mut keys, mut texts): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(items) => texts.extend(items.iter().filter(|item| !item.is_null()).map(text)),
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                keys.push(key.clone());
                texts.push(text(value));
            }
        }
        scalar => texts.push(text(scalar)),
    }
    let composed = value.is_array() || value.is_object();
    let all: Vec<&String> = keys.iter().chain(&texts).collect();
    let holds = |what: &dyn Fn(char) -> bool| all.iter().any(|text| text.contains(what));
    match (name, style) {
        ("p", Style::Label) if explode && composed && holds(&|c| c == '.') => true,
        // The path segment would be empty, `.` or `..`.
        ("p", Style::Simple | Style::Label) => all.iter().all(|text| text.chars().all(|c| c == '.')),
        ("p", Style::Matrix) => all.is_empty(),
        ("q", Style::SpaceDelimited) => !explode && holds(&|c| c == ' '),
        ("q", Style::PipeDelimited) => !explode && holds(&|c| c == '|'),
        (_, Style::Json) => false,
        ("X-H", _) => {
            holds(&|c| c.is_ascii_control())
                || (composed && holds(&|c| c == ','))
                || (explode && keys.iter().any(|key| key.contains('=')))
                || all.iter().any(|text| text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']))
        }
        ("c", Style::Cookie) => {
            holds(&|c| !c.is_ascii_graphic() || "\",;\\".contains(c))
                || keys
                    .iter()
                    .any(|key| key.is_empty() || key.contains(|c: char| "()/:<=>?@[]{}".contains(c)))
        }
        _ => false,
    }
}
