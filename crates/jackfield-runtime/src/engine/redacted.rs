//! Arguments as an audit may keep them.

use jackfield_recipe::verbs::words;
use serde_json::{Map, Value};

/// The most characters of a text, the most elements of a list and the most levels.
const LONGEST: usize = 256;
const MOST: usize = 64;
const DEEPEST: usize = 8;

/// The arguments without values whose names sound like secrets. Long texts and lists are cut.
pub(super) fn redacted(arguments: &Map<String, Value>) -> Value {
    object(arguments, 0)
}

fn object(members: &Map<String, Value>, depth: usize) -> Value {
    let shown = members.iter().take(MOST).map(|(name, member)| {
        let member = if is_secret(name) { Value::from("[secret]") } else { value(member, depth + 1) };
        (name.clone(), member)
    });
    shown.collect()
}

fn value(shown: &Value, depth: usize) -> Value {
    match shown {
        _ if depth > DEEPEST => Value::from("[nested]"),
        Value::Object(members) => object(members, depth),
        Value::Array(elements) => {
            elements.iter().take(MOST).map(|element| value(element, depth + 1)).collect()
        }
        Value::String(text) if text.chars().nth(LONGEST).is_some() => {
            let start: String = text.chars().take(LONGEST).collect();
            Value::from(format!("{start} [cut]"))
        }
        other => other.clone(),
    }
}

/// Whether a value of that name is probably a secret: one of its words is one that names secrets.
fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 10] = [
        "authorization",
        "credential",
        "credentials",
        "key",
        "passphrase",
        "password",
        "pin",
        "secret",
        "signature",
        "token",
    ];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_struck_and_long_values_cut() {
        let arguments = json!({
            "accessToken": "a", "api_key": "b", "card": { "PIN": 1234, "holder": "Ada" }, "monkey": "c", "keys": [1],
            "text": "x".repeat(300), "numbers": (0..100).collect::<Vec<_>>(),
        });
        let shown = redacted(arguments.as_object().unwrap());
        assert_eq!(shown["accessToken"], "[secret]");
        assert_eq!(shown["api_key"], "[secret]");
        assert_eq!(shown["card"], json!({ "PIN": "[secret]", "holder": "Ada" }));
        assert_eq!(shown["monkey"], "c");
        assert_eq!(shown["text"].as_str().unwrap().len(), 256 + " [cut]".len());
        assert_eq!(shown["numbers"].as_array().unwrap().len(), 64);
    }
}
