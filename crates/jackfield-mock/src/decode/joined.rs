//! Reads values that are joined into one text: `3,4,5`, `.3.4`, `;id=3`.

use jackfield_recipe::{Encoding, Style};
use serde_json::{Map, Value};

use crate::shape::Shape;

/// Splits a text by its style. `decode` decodes the escapes of an item.
pub(super) fn value(
    raw: &str,
    wire: &str,
    encoding: Encoding,
    shape: &Shape<'_>,
    decode: impl Fn(&str) -> String,
) -> Value {
    let (text, separator) = match encoding.style {
        Style::Json => {
            let text = decode(raw);
            return serde_json::from_str(&text).unwrap_or(Value::String(text));
        }
        Style::Label => (raw.strip_prefix('.').unwrap_or(raw), if encoding.explode { "." } else { "," }),
        Style::Matrix if encoding.explode => (raw.strip_prefix(';').unwrap_or(raw), ";"),
        Style::Matrix => {
            let text = raw.strip_prefix(';').unwrap_or(raw);
            (text.strip_prefix(wire).map_or(text, |rest| rest.strip_prefix('=').unwrap_or(rest)), ",")
        }
        style => (raw, separator(style)),
    };
    // Separators other than the comma may be percent-encoded.
    let text = match separator {
        " " => text.replace("%20", " "),
        "\t" => text.replace("%09", "\t"),
        "|" => text.replace("%7C", "|").replace("%7c", "|"),
        _ => text.to_owned(),
    };
    let items: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split(separator).collect() };
    let is_matrix = encoding.style == Style::Matrix && encoding.explode;
    let own = |item: &str| match item.strip_prefix(wire) {
        Some(rest) if is_matrix => decode(rest.strip_prefix('=').unwrap_or(rest)),
        _ => decode(item),
    };
    let mut candidates = Vec::new();
    if shape.allows_scalars() {
        candidates.push(shape.scalar(&if is_matrix { own(&text) } else { decode(&text) }));
    }
    if shape.allows("array") {
        candidates.push(list(&items, encoding.inner.iter().flatten().copied(), shape, &own));
    }
    if shape.allows("object") {
        let pairs: Vec<(&str, &str)> = match encoding.explode {
            true => items.iter().filter_map(|item| item.split_once('=')).collect(),
            false => items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(),
        };
        let property = |(name, text): (&str, &str)| {
            let name = decode(name);
            let value = Shape::of(shape.any_property(&name), shape.definitions()).scalar(&decode(text));
            (name, value)
        };
        candidates.push(Value::Object(pairs.into_iter().map(property).collect::<Map<_, _>>()));
    }
    shape.choose(candidates).unwrap_or_else(|| Value::String(decode(&text)))
}

/// Splits a joined array. Its items may be arrays that are joined in another style.
fn list(
    items: &[&str],
    mut inner: impl Iterator<Item = Style> + Clone,
    shape: &Shape<'_>,
    decode: &dyn Fn(&str) -> String,
) -> Value {
    let item = Shape::of(shape.item(), shape.definitions());
    let nested = inner.next().filter(|_| item.allows("array") && !item.allows("string"));
    let value = |text: &&str| match nested {
        Some(style) => {
            let items: Vec<&str> = text.split(separator(style)).collect();
            list(&items, std::iter::empty(), &item, decode)
        }
        None => item.scalar(&decode(text)),
    };
    items.iter().map(value).collect()
}

const fn separator(style: Style) -> &'static str {
    match style {
        Style::SpaceDelimited => " ",
        Style::TabDelimited => "\t",
        Style::PipeDelimited => "|",
        _ => ",",
    }
}
