//! Compacts JSON for a model without changing its values.

/// Removes whitespace between tokens, and unnecessary escapes in strings. Numbers and duplicate keys are kept; a parser
/// would lose digits, and one of two equal keys.
pub(super) fn compact(json: &str) -> String {
    if is_compact(json) {
        return json.to_owned();
    }
    let mut compacted = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find(|c: char| c == '"' || c.is_ascii_whitespace()) {
        compacted.push_str(&rest[..at]);
        rest = &rest[at..];
        // The token is a string, or a single other character.
        let (literal, after) = rest.split_at(text_length(rest).unwrap_or(1));
        if literal.contains('\\') {
            // An invalid string is kept. Parsing the whole JSON text reports it.
            let plain = serde_json::from_str::<String>(literal).and_then(|text| serde_json::to_string(&text));
            compacted.push_str(plain.as_deref().unwrap_or(literal));
        } else {
            compacted.push_str(literal.trim_ascii_start());
        }
        rest = after;
    }
    compacted + rest
}

/// Whether the text has neither escapes nor whitespace between tokens, as in most replies.
pub(super) fn is_compact(json: &str) -> bool {
    let mut is_in_string = false;
    json.bytes().all(|byte| {
        is_in_string ^= byte == b'"';
        byte != b'\\' && (is_in_string || !byte.is_ascii_whitespace())
    })
}

/// Returns the length of the string at the beginning, including its quotes. `None` if the text does not begin with a string.
fn text_length(json: &str) -> Option<usize> {
    let mut is_escaped = false;
    let inner = json.strip_prefix('"')?;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    Some(end.map_or(json.len(), |end| end + 2))
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn compacted_json_keeps_digits_and_duplicate_keys() {
        for (json, text) in [
            (
                "{ \"id\" : 123456789012345678901234567890,\r\n\t\"price\": 1.10 }",
                r#"{"id":123456789012345678901234567890,"price":1.10}"#,
            ),
            (r#"{"a": 1, "a": 2, "b": [1E5, -0.0]}"#, r#"{"a":1,"a":2,"b":[1E5,-0.0]}"#),
            (r#"{"a b": "x  \" : y\\", "c": " "}"#, r#"{"a b":"x  \" : y\\","c":" "}"#),
            (r#"["https:\/\/x\/\u00e9\ud83d\ude00\n\u0000"]"#, "[\"https://x/é😀\\n\\u0000\"]"),
            (r#"["\ud83d", "open"#, r#"["\ud83d","open"#),
            ("null", "null"),
            (" ", ""),
        ] {
            assert_eq!(compact(json), text);
        }
    }
}
