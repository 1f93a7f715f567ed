//! The arguments of a call, formatted for the person who approves it.

use std::fmt::Write as _;

use jackfield_recipe::{names_secret, visible_line};
use serde_json::{Map, Value};

/// The maximum number of arguments that are shown.
const MOST_ARGUMENTS: usize = 24;
/// The maximum number of characters of an argument.
const MOST_CHARACTERS: usize = 200;
/// The maximum depth of nested values that is shown.
const DEEPEST: usize = 8;

/// The text that stands for a secret.
pub(super) const MASK: &str = "****";

/// The arguments of a call, one line each, shortened and without secrets. The size is bounded for any
/// arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgumentOutline {
    lines: Vec<String>,
    left_out: usize,
}

impl ArgumentOutline {
    /// Creates the outline of arguments.
    pub fn of(arguments: &Map<String, Value>) -> Self {
        let line = |(name, value): (&String, &Value)| {
            let mut text = Shortened::default();
            write_value(&mut text, name, value, 0);
            format!("{}: {}", shortened(name, 60), visible_line(&text.finish()))
        };
        Self {
            lines: arguments.iter().take(MOST_ARGUMENTS).map(line).collect(),
            left_out: arguments.len().saturating_sub(MOST_ARGUMENTS),
        }
    }

    /// Returns the lines. If arguments were omitted, a last line says how many.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let more = (self.left_out > 0).then(|| format!("… and {} more arguments", self.left_out));
        self.lines.iter().cloned().chain(more)
    }
}

/// Returns the beginning of a text, without control characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", visible_line(&text[..at])),
        None => visible_line(text).into_owned(),
    }
}

/// A text buffer that accepts a bounded number of characters.
#[derive(Default)]
struct Shortened {
    text: String,
    characters: usize,
}

impl Shortened {
    const fn is_full(&self) -> bool {
        self.characters >= MOST_CHARACTERS
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.is_full() {
                return;
            }
            self.text.push(c);
            self.characters += 1;
        }
    }

    /// Appends a string as JSON. Only its beginning is processed, to bound the work.
    fn push_string(&mut self, text: &str) {
        let end = text.char_indices().nth(MOST_CHARACTERS).map_or(text.len(), |(at, _)| at);
        let quoted = Value::from(&text[..end]).to_string();
        self.push(&quoted);
        if end < text.len() {
            self.characters = MOST_CHARACTERS;
        }
    }

    fn finish(self) -> String {
        if self.is_full() { format!("{}…", self.text) } else { self.text }
    }
}

fn write_value(out: &mut Shortened, name: &str, value: &Value, depth: usize) {
    if out.is_full() {
        return;
    }
    if names_secret(name) && !matches!(value, Value::Null | Value::Bool(_)) {
        return out.push(MASK);
    }
    match value {
        Value::String(text) => out.push_string(text),
        Value::Array(_) | Value::Object(_) if depth == DEEPEST => out.push("…"),
        Value::Array(items) => {
            out.push("[");
            for (at, item) in items.iter().enumerate() {
                if out.is_full() {
                    return;
                }
                out.push(if at == 0 { "" } else { ", " });
                write_value(out, name, item, depth + 1);
            }
            out.push("]");
        }
        Value::Object(fields) => {
            out.push("{");
            for (at, (name, value)) in fields.iter().enumerate() {
                if out.is_full() {
                    return;
                }
                out.push(if at == 0 { "" } else { ", " });
                out.push_string(name);
                out.push(": ");
                write_value(out, name, value, depth + 1);
            }
            out.push("}");
        }
        scalar => {
            let mut text = String::new();
            let _ = write!(text, "{scalar}");
            out.push(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(arguments: Value) -> Vec<String> {
        ArgumentOutline::of(arguments.as_object().unwrap()).lines().collect()
    }

    #[test]
    fn argument_outline_contains_no_secrets_or_control_characters() {
        assert_eq!(
            lines(json!({
                "id": "bk\n\u{1b}[2J\u{202e}1",
                "user": { "name": "Fern", "password": "hunter2", "tokens": [1, 2], "max_tokens": 3, "api_token": "t0ps3cret" },
                "client-secret": ["a", "b"],
                "force": true,
            })),
            [
                r#"id: "bk\n\u001b[2J\u{202e}1""#,
                r#"user: {"name": "Fern", "password": ****, "tokens": ****, "max_tokens": 3, "api_token": ****}"#,
                "client-secret: ****",
                "force: true",
            ]
        );
    }

    #[test]
    fn size_of_the_outline_of_huge_arguments_is_bounded() {
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        let mut arguments = json!({ "text": "x".repeat(1_000_000), "deep": deep, "wide": vec![7; 100_000] });
        for at in 0..100 {
            arguments[format!("more_{at}")] = json!(at);
        }
        arguments["y".repeat(100_000)] = json!(1);
        let lines = lines(arguments);
        assert_eq!(lines.len(), MOST_ARGUMENTS + 1);
        assert!(lines.iter().all(|line| line.chars().count() < 300), "{lines:#?}");
        assert_eq!(lines.last().unwrap(), "… and 80 more arguments");
    }
}
