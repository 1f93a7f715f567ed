//! Formats JSON for review. A value that fits on a line stays on the line. Other values are broken into lines by
//! their structure.

use std::fmt::Write as _;

use serde_json::Value;

use crate::render::is_invisible;

const WIDTH: usize = 110;

/// Prints a value.
pub(crate) fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// Prints an object with these properties. Some values are borrowed from schemas, so that they are not
/// copied.
pub(crate) fn print_object<'v>(
    head: &[(&str, Value)],
    properties: impl ExactSizeIterator<Item = (&'v str, &'v Value)>,
    tail: &[(&str, Value)],
) -> String {
    let mut out = String::from("{");
    let mut end = "\n";
    let mut key = |key: &str, out: &mut String| {
        out.push_str(end);
        end = ",\n";
        pad(1, out);
        push_quoted(key, out);
        out.push_str(": ");
    };
    for (name, value) in head {
        key(name, &mut out);
        write(value, 1, &mut out);
    }
    if properties.len() > 0 {
        key("properties", &mut out);
        let mut end = "{\n";
        for (name, value) in properties {
            out.push_str(end);
            end = ",\n";
            pad(2, &mut out);
            push_quoted(name, &mut out);
            out.push_str(": ");
            write(value, 2, &mut out);
        }
        out.push_str("\n }");
    }
    for (name, value) in tail {
        key(name, &mut out);
        write(value, 1, &mut out);
    }
    out.push_str("\n}");
    out
}

fn write(value: &Value, indent: usize, out: &mut String) {
    let room = WIDTH.saturating_sub(indent);
    match value {
        Value::Object(map) if !map.is_empty() && !fits(value, room) => {
            out.push_str("{\n");
            for (at, (key, value)) in map.iter().enumerate() {
                pad(indent + 1, out);
                push_quoted(key, out);
                out.push_str(": ");
                write(value, indent + 1, out);
                out.push_str(if at + 1 < map.len() { ",\n" } else { "\n" });
            }
            pad(indent, out);
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() && !fits(value, room) => {
            out.push_str("[\n");
            let scalars = items.iter().all(|item| !item.is_object() && !item.is_array());
            let mut column = 0;
            for (at, item) in items.iter().enumerate() {
                let end = if at + 1 < items.len() { "," } else { "" };
                if scalars {
                    // A long enumeration is wrapped like words in a paragraph.
                    let text = scalar(item);
                    if column == 0 || column + text.len() + 2 > room {
                        if column > 0 {
                            out.push('\n');
                        }
                        pad(indent + 1, out);
                        column = 0;
                    } else {
                        out.push(' ');
                    }
                    column += text.len() + 2;
                    out.push_str(&text);
                    out.push_str(end);
                } else {
                    pad(indent + 1, out);
                    write(item, indent + 1, out);
                    out.push_str(end);
                    out.push('\n');
                }
            }
            if scalars {
                out.push('\n');
            }
            pad(indent, out);
            out.push(']');
        }
        other => flat(other, out),
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn flat(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                push_quoted(key, out);
                out.push_str(": ");
                flat(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                flat(item, out);
            }
            out.push(']');
        }
        Value::String(text) => push_quoted(text, out),
        other => out.push_str(&other.to_string()),
    }
}

fn scalar(value: &Value) -> String {
    let mut out = String::new();
    flat(value, &mut out);
    out
}

/// Appends a JSON string with invisible characters escaped.
fn push_quoted(text: &str, out: &mut String) {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b) && b != b'"' && b != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in Value::from(text).to_string().chars() {
        if is_invisible(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
}

/// Whether the value needs at most `room` characters on one line. Counting stops at the limit.
fn fits(value: &Value, room: usize) -> bool {
    fn spend(value: &Value, room: &mut usize) -> Option<()> {
        let mut pay = |cost: usize| {
            *room = room.checked_sub(cost)?;
            Some(())
        };
        match value {
            Value::Object(map) => {
                pay(2)?;
                for (key, value) in map {
                    *room = room.checked_sub(key.len() + 6)?;
                    spend(value, room)?;
                }
            }
            Value::Array(items) => {
                pay(2)?;
                for item in items {
                    *room = room.checked_sub(2)?;
                    spend(item, room)?;
                }
            }
            Value::String(text) => pay(text.len() + 2)?,
            other => pay(other.to_string().len())?,
        }
        Some(())
    }
    let mut room = room;
    spend(value, &mut room).is_some()
}

#[cfg(test)]
mod tests {
    use super::print;
    use serde_json::json;

    #[test]
    fn short_json_value_is_printed_on_one_line() {
        assert_eq!(
            print(&json!({ "type": "string", "enum": ["a", "b"] })),
            r#"{"type": "string", "enum": ["a", "b"]}"#
        );
    }

    #[test]
    fn printed_text_parses_to_the_same_value() {
        let long: Vec<String> = (0..60).map(|n| format!("value {n}")).collect();
        let value = json!({ "a": { "enum": long, "description": "x".repeat(200) }, "b": [{ "c": [] }, {}], "d": 1.5, "\u{202E}": "\u{E0041}\u{7f}" });
        assert!(!print(&value).chars().any(|c| crate::render::is_invisible(c) && c != '\n'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&print(&value)).unwrap(), value);
    }
}
