//! Arguments in the form in which an audit may store them.

use jackfield_recipe::names_secret;
use jackfield_recipe::verbs::words;
use serde_json::{Map, Value};

/// The maximum number of characters of a string, of elements of an array, and of levels of nesting.
const LONGEST: usize = 256;
const MOST: usize = 64;
const DEEPEST: usize = 8;
/// The maximum number of characters of the name of an object member.
const LONGEST_NAME: usize = 64;
/// The maximum number of bytes of all names and values. Each value counts a few bytes more, for its punctuation.
const BUDGET: usize = 16 * 1024;
const PUNCTUATION: usize = 4;

/// Returns the arguments without values whose names look like secrets. Long strings and arrays are truncated, and values beyond the byte
/// budget are omitted.
pub(super) fn redacted(arguments: &Map<String, Value>) -> Value {
    Redaction { left: BUDGET }.object(arguments, 0)
}

struct Redaction {
    /// The remaining bytes of the budget.
    left: usize,
}

impl Redaction {
    /// Takes bytes from the budget. Returns whether enough bytes were left.
    fn take(&mut self, bytes: usize) -> bool {
        let rest = self.left.checked_sub(bytes);
        self.left = rest.unwrap_or(0);
        rest.is_some()
    }

    fn object(&mut self, members: &Map<String, Value>, depth: usize) -> Value {
        let mut shown = Map::new();
        for (name, member) in members.iter().take(MOST) {
            let short = cut(name, LONGEST_NAME);
            if !self.take(short.len()) {
                break;
            }
            let member = match may_be_secret(name) {
                true => self.text("[secret]"),
                false => self.value(member, depth + 1),
            };
            shown.insert(short, member);
        }
        if shown.len() < members.len() {
            shown.insert("[cut]".to_owned(), Value::from(members.len() - shown.len()));
        }
        Value::Object(shown)
    }

    fn value(&mut self, value: &Value, depth: usize) -> Value {
        match value {
            _ if depth > DEEPEST => self.text("[nested]"),
            Value::Object(members) if self.take(PUNCTUATION) => self.object(members, depth),
            Value::Array(elements) if self.take(PUNCTUATION) => {
                let mut shown = Vec::new();
                for element in elements.iter().take(MOST) {
                    if self.left == 0 {
                        break;
                    }
                    shown.push(self.value(element, depth + 1));
                }
                Value::Array(shown)
            }
            Value::String(text) => self.text(&cut(text, LONGEST)),
            Value::Object(_) | Value::Array(_) => Value::from("[cut]"),
            // The text of a number, a boolean or `null` is only a few bytes longer than `PUNCTUATION`.
            other => match self.take(PUNCTUATION) {
                true => other.clone(),
                false => Value::from("[cut]"),
            },
        }
    }

    fn text(&mut self, text: &str) -> Value {
        match self.take(text.len() + PUNCTUATION) {
            true => Value::from(text),
            false => Value::from("[cut]"),
        }
    }
}

/// Truncates a text to `most` characters, and marks it as truncated.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{} [cut]", &text[..at]),
        None => text.to_owned(),
    }
}

/// Whether a value with this name may be a secret. This test is strict, because audit records are kept for long and no person needs the
/// value to decide.
fn may_be_secret(name: &str) -> bool {
    names_secret(name) || words(name).iter().any(|word| word == "key")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn redacted_arguments_contain_no_secrets_or_long_values() {
        let arguments = json!({
            "accessToken": "a", "api_key": "b", "card": { "PIN": 1234, "holder": "Ada" }, "monkey": "c", "keys": [1],
            "apikey": "d", "otp": "e", "passwd": "f", "tokens": ["g"],
            "text": "x".repeat(300), "numbers": (0..100).collect::<Vec<_>>(),
        });
        let shown = redacted(arguments.as_object().unwrap());
        for name in ["accessToken", "api_key", "apikey", "otp", "passwd", "tokens"] {
            assert_eq!(shown[name], "[secret]", "{name}");
        }
        assert_eq!(shown["card"], json!({ "PIN": "[secret]", "holder": "Ada" }));
        assert_eq!(shown["monkey"], "c");
        assert_eq!(shown["text"].as_str().unwrap().len(), 256 + " [cut]".len());
        assert_eq!(shown["numbers"].as_array().unwrap().len(), 64);
    }

    #[test]
    fn redacted_arguments_have_a_bounded_total_size() {
        let long = "é".repeat(100_000);
        let mut wide = json!("é".repeat(1000));
        for _ in 0..4 {
            wide = Value::Array(vec![wide; 8]);
        }
        let arguments = json!({ long.clone(): 1, "a": wide, "b": { long: [[[[[[[[[[[1]]]]]]]]]]] } });
        let text = redacted(arguments.as_object().unwrap()).to_string();
        assert!(text.len() < 2 * BUDGET, "{}", text.len());
        let many: Map<String, Value> = (0..100).map(|at| (format!("name_{at}"), json!(at))).collect();
        assert_eq!(redacted(&many)["[cut]"], 36);
    }
}
