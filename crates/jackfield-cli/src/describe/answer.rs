//! Reads the answer of the command: one JSON object, with or without text around it.

use serde_json::{Map, Value};

/// The maximum number of positions at which the parser looks for a JSON object.
const MOST_STARTS: usize = 100;
/// The number of characters of an answer that an error shows.
const SHOWN: usize = 200;

/// Parses an answer. Returns the texts by their names.
///
/// # Errors
/// Returns an error if the answer does not contain exactly one object with the key `texts`.
pub(super) fn texts(answer: &[u8]) -> Result<Map<String, Value>, String> {
    let Ok(answer) = std::str::from_utf8(answer) else {
        return Err("the answer is not UTF-8".to_owned());
    };
    let mut found = Vec::new();
    let mut rest = answer;
    for _ in 0..MOST_STARTS {
        let Some(start) = rest.find('{') else { break };
        rest = &rest[start..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(mut object))) => {
                if let Some(Value::Object(texts)) = object.remove("texts") {
                    found.push(texts);
                }
                rest = &rest[values.byte_offset()..];
            }
            _ => rest = &rest[1..],
        }
    }
    if found.len() > 1 {
        return Err(format!(
            "the answer has {} objects with `texts`, but exactly one is expected",
            found.len()
        ));
    }
    found.pop().ok_or_else(|| match answer.trim() {
        "" => "the answer is empty".to_owned(),
        answer => {
            let shown: String = answer.chars().take(SHOWN).collect();
            format!(
                "the answer has no JSON object {{\"texts\": {{ID: TEXT}}}}; the answer begins with `{shown}`"
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_object_in_an_answer_is_found_within_other_text() {
        for answer in [
            r#"{"texts": {"a": "b"}}"#,
            "```json\n{\"texts\": {\"a\": \"b\"}}\n```\n",
            "Here {you} are:\n{\"texts\": {\"a\": \"b\"}} Done {}.",
            r#"{"format": "x", "texts": {"a": "b"}, "more": [1]}"#,
        ] {
            let found = texts(answer.as_bytes()).unwrap();
            assert_eq!(Value::Object(found).to_string(), r#"{"a":"b"}"#, "{answer}");
        }
    }

    #[test]
    fn answer_without_exactly_one_json_object_of_texts_is_refused() {
        let deep = format!("{{\"texts\": {}", "{\"a\":".repeat(100_000));
        let starts = "{".repeat(1 << 20);
        for (answer, why) in [
            ("", "the answer is empty"),
            ("I cannot do that.", "it begins with `I cannot do that.`"),
            (r#"{"texts": ["a"]}"#, "no JSON object"),
            (r#"{"texts": {"a": "b"}"#, "no JSON object"),
            (r#"{"texts": {}} {"texts": {}}"#, "2 objects with `texts`"),
            (deep.as_str(), "no JSON object"),
            (starts.as_str(), "no JSON object"),
        ] {
            let refused = texts(answer.as_bytes()).unwrap_err();
            assert!(refused.contains(why), "{why}: {refused}");
        }
        assert_eq!(texts(b"\xFF").unwrap_err(), "the answer is not UTF-8");
    }
}
