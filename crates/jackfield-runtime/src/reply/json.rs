//! JSON as a model reads it: what the service wrote, without the space around it.

/// The text without whitespace outside of its texts, and these in their plainest spelling. Numbers and duplicates stay as
/// they are: a value in memory would have neither every digit nor both of two keys.
pub(super) fn compact(json: &str) -> String {
    let mut compacted = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find(|c: char| c == '"' || c.is_ascii_whitespace()) {
        compacted.push_str(&rest[..at]);
        rest = &rest[at..];
        // A text, or one character of space.
        let (literal, after) = rest.split_at(text_length(rest).unwrap_or(1));
        if literal.contains('\\') {
            // What cannot be read stays for whoever reads the whole.
            let plain = serde_json::from_str::<String>(literal).and_then(|text| serde_json::to_string(&text));
            compacted.push_str(plain.as_deref().unwrap_or(literal));
        } else {
            compacted.push_str(literal.trim_ascii_start());
        }
        rest = after;
    }
    compacted + rest
}

/// How long the text is that begins here, its quotes included; none where none begins.
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
    fn what_the_service_wrote_is_what_is_read() {
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
