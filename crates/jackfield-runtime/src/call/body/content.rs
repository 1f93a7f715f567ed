//! One value as bytes: a whole body, or a part.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use jackfield_recipe::{Payload, percent_decode};
use serde_json::Value;

use crate::call::args::{ArgError, Input};
use crate::call::argument_bytes::ArgumentBytes;
use crate::call::encode;
use crate::call::files::Files;

/// Base64 as models write it: with padding or without.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// What bytes are where nothing says it.
const ANYTHING: &str = "application/octet-stream";

/// Types that say nothing of what the bytes are.
const GENERIC: [&str; 2] = [ANYTHING, "text/plain"];

/// Bytes and what they are.
pub(crate) struct Content {
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
    /// What the file is called, where the argument says so.
    pub(super) file_name: Option<String>,
}

impl Content {
    /// A text that nothing is said of.
    pub(super) fn text(text: String) -> Self {
        Self { media_type: String::new(), bytes: text.into_bytes(), file_name: None }
    }

    /// The argument as bytes. `declared` is what the document names; of bytes it may be several types, or ranges.
    pub(crate) fn of(
        value: &Value,
        payload: Payload,
        declared: &str,
        files: &Files,
        input: &Input<'_>,
    ) -> Result<Self, ArgError> {
        let plain = |implied: &str, text: String| {
            let media_type = if declared.is_empty() { implied } else { declared };
            Self { media_type: media_type.to_owned(), bytes: text.into_bytes(), file_name: None }
        };
        match (payload, value) {
            (Payload::Bytes, Value::String(text)) => {
                let given = given(text, files).map_err(|problem| input.error(problem))?;
                let media_type =
                    settle(declared, &given.media_type).map_err(|problem| input.error(problem))?;
                Ok(Self { media_type, bytes: given.bytes, file_name: given.file_name })
            }
            (Payload::Bytes, _) => Err(input.error("has to be a text: bytes in base64, or a data URI")),
            (Payload::Json, value) | (Payload::Text, value @ (Value::Object(_) | Value::Array(_))) => {
                Ok(plain("application/json", value.to_string()))
            }
            (Payload::Text, value) => Ok(plain("", encode::text(value))),
        }
    }
}

/// Bytes from base64, a data URI or a file.
fn given(text: &str, files: &Files) -> Result<ArgumentBytes, String> {
    if let Some(path) = text.strip_prefix("file:") {
        return files.read(path);
    }
    if let Some(rest) = text.strip_prefix("data:") {
        return data_uri(rest);
    }
    match base64(text) {
        Ok(bytes) => Ok(ArgumentBytes { bytes, ..ArgumentBytes::default() }),
        // A text that a model gives as it is: a table, a few words.
        Err(_) if !is_broken_base64(text) => {
            Ok(ArgumentBytes { bytes: text.as_bytes().to_vec(), ..ArgumentBytes::default() })
        }
        Err(error) => {
            let error = error.to_string();
            let error = error.trim_end_matches('.');
            Err(format!(
                "is no base64 ({error}): give bytes in base64, or a text as `data:text/plain,` with % escapes"
            ))
        }
    }
}

/// Whether a text that cannot be decoded was meant to be: long, and nothing in it but what base64 is written with. Sent as
/// it is, it would be a broken file.
fn is_broken_base64(text: &str) -> bool {
    let meant = |b: u8| b.is_ascii_alphanumeric() || b"+/-_=".contains(&b) || b.is_ascii_whitespace();
    text.len() > 64 && !text.contains(' ') && text.bytes().all(meant)
}

/// `image/png;name=cover.png;base64,iVBORw…` or `text/plain,a%20text`
fn data_uri(rest: &str) -> Result<ArgumentBytes, String> {
    let Some((head, data)) = rest.split_once(',') else {
        return Err("is a data URI without a comma before its data".to_owned());
    };
    let (head, is_base64) =
        head.strip_suffix(";base64").map_or((head, false), |media_type| (media_type, true));
    let bytes = if is_base64 {
        base64(data).map_err(|error| format!("is a data URI whose data is no base64: {error}"))?
    } else {
        percent_decode(data).ok_or("is a data URI whose data has a `%` without two digits behind it")?
    };
    let mut words = head.split(';');
    let essence = words.next().unwrap_or_default().trim();
    let mut media_type = essence.to_owned();
    let mut file_name = None;
    for word in words {
        match word.trim().split_once('=') {
            Some(("name" | "filename", name)) => {
                file_name = percent_decode(name).and_then(|name| String::from_utf8(name).ok());
            }
            Some((key, value)) if is_token(key) && is_token(value) => {
                media_type.push_str(&format!("; {key}={value}"));
            }
            _ => return Err("is a data URI whose media type cannot be sent".to_owned()),
        }
    }
    if !essence.is_empty()
        && !essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
    {
        return Err("is a data URI whose media type cannot be sent".to_owned());
    }
    Ok(ArgumentBytes { bytes, media_type, file_name })
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
}

fn base64(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    let data: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(&data).or_else(|error| URL_SAFE.decode(&data).map_err(|_| error))
}

/// Whether two names mean one type: that of JPEG has a misspelling that many documents use.
fn same_type(one: &str, other: &str) -> bool {
    let usual = |name: &str| name.to_ascii_lowercase().replace("image/jpg", "image/jpeg");
    usual(one) == usual(other)
}

/// The media type to send: what the bytes are, where the document allows it, else what the document names first.
fn settle(declared: &str, own: &str) -> Result<String, String> {
    let essence = own.split(';').next().unwrap_or_default().trim();
    let choices: Vec<&str> = declared.split(',').map(str::trim).filter(|choice| !choice.is_empty()).collect();
    let fits = |choice: &&&str| {
        let choice = choice.split(';').next().unwrap_or_default().trim();
        match choice.strip_suffix('*') {
            Some("*/") => true,
            Some(range) => essence.len() > range.len() && essence[..range.len()].eq_ignore_ascii_case(range),
            None => same_type(choice, essence),
        }
    };
    let concrete = || choices.iter().find(|choice| !choice.contains('*'));
    // RFC 2046, 4.1.3: what is a text of no known type.
    let untold =
        if choices.iter().all(|choice| choice.starts_with("text/")) { "text/plain" } else { ANYTHING };
    match (essence, choices.as_slice()) {
        ("", []) => Ok(ANYTHING.to_owned()),
        (_, []) => Ok(own.to_owned()),
        (_, _) if !essence.is_empty() && choices.iter().any(|choice| fits(&choice)) => Ok(own.to_owned()),
        // Bytes of any kind: RFC 2046, 4.5.1.
        _ if choices.contains(&ANYTHING) => Ok(ANYTHING.to_owned()),
        _ if essence.is_empty() || GENERIC.contains(&essence) => {
            Ok(concrete().map_or(untold, |choice| *choice).to_owned())
        }
        _ => Err(format!("is {essence}, and the service takes {}", choices.join(" or "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bytes(value: Value, declared: &str) -> Result<Content, String> {
        Content::of(&value, Payload::Bytes, declared, &Files::none(), &Input::text("file"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_come_in_base64_or_as_a_data_uri() {
        for text in ["/+8=", "/+8", "_-8", "data:image/png;base64,/+8=", "data:,%ff%EF"] {
            assert_eq!(bytes(json!(text), "").unwrap().bytes, [0xFF, 0xEF], "{text}");
        }
        for text in ["title,price\nmoss,4", "not base64!", "Zx0Unn2Ej"] {
            assert_eq!(bytes(json!(text), "").unwrap().bytes, text.as_bytes(), "{text}");
        }
        let broken = "iVBORw0KGgo".repeat(8) + "=";
        for text in [
            broken.as_str(),
            "data:image/png;base64\r\nx: y,AA==",
            "data:image/png\r\nx: y;base64,AA==",
            "data:image;base64,AA==",
            "data:image/png;x=\"a\";base64,AA==",
            "data:image/png;base64",
            "data:,%4",
            "data:image/png;base64,!",
        ] {
            assert!(bytes(json!(text), "").is_err(), "{text}");
        }
        assert!(bytes(json!(1), "").is_err());
    }

    #[test]
    fn what_bytes_are_decides_where_the_document_leaves_a_choice() {
        for (declared, own, sent) in [
            ("", "", "application/octet-stream"),
            ("", "image/png", "image/png"),
            ("image/png", "", "image/png"),
            ("image/png, image/jpeg", "image/jpeg", "image/jpeg"),
            ("image/*", "image/webp", "image/webp"),
            ("image/*", "", "application/octet-stream"),
            ("text/*", "", "text/plain"),
            ("text/*", "text/csv", "text/csv"),
            ("*/*", "text/csv; charset=utf-8", "text/csv; charset=utf-8"),
            ("image/png", "application/octet-stream", "image/png"),
            ("application/octet-stream", "image/png", "application/octet-stream"),
            ("image/jpg", "image/jpeg", "image/jpeg"),
        ] {
            assert_eq!(settle(declared, own).as_deref(), Ok(sent), "{declared} {own}");
        }
        assert_eq!(
            settle("image/png, image/gif", "image/jpeg"),
            Err("is image/jpeg, and the service takes image/png or image/gif".to_owned())
        );
    }

    #[test]
    fn a_data_uri_names_its_file() {
        let content = bytes(json!("data:text/csv;name=all%20books.csv;charset=utf-8,a%2Cb"), "").unwrap();
        assert_eq!(content.file_name.as_deref(), Some("all books.csv"));
        assert_eq!(content.media_type, "text/csv; charset=utf-8");
        assert_eq!(content.bytes, b"a,b");
    }
}
