//! Encodes one value as bytes, for a whole body or for one part.

use jackfield_recipe::Payload;
use serde_json::Value;

use super::decode::{choose_media_type, decode};
use crate::call::args::{ArgError, Input};
use crate::call::argument_bytes::ContentBytes;
use crate::call::argument_problem::ArgumentProblem;
use crate::call::encode;
use crate::call::files::Files;

/// Bytes with their media type and file name.
pub(crate) struct Content {
    pub(super) media_type: String,
    pub(super) bytes: ContentBytes,
    /// The file name, if the argument has a file name.
    pub(super) file_name: Option<String>,
}

impl Content {
    /// Creates content from a string, without a media type.
    pub(super) fn text(text: String) -> Self {
        Self { media_type: String::new(), bytes: text.into_bytes().into(), file_name: None }
    }

    /// Encodes the argument. `declared` is the media type in the document. For binary data it may list several media types
    /// or ranges.
    pub(crate) fn of(
        value: &Value,
        payload: Payload,
        declared: &str,
        files: &Files,
        input: &Input<'_>,
    ) -> Result<Self, ArgError> {
        let plain = |implied: &str, text: String| {
            let media_type = if declared.is_empty() { implied } else { declared };
            Self { media_type: media_type.to_owned(), bytes: text.into_bytes().into(), file_name: None }
        };
        match (payload, value) {
            (Payload::Bytes, Value::String(text)) => {
                let given = decode(text, files).map_err(|error| input.error(error))?;
                let media_type =
                    choose_media_type(declared, &given.media_type).map_err(|error| input.error(error))?;
                Ok(Self { media_type, bytes: given.bytes, file_name: given.file_name })
            }
            (Payload::Bytes, _) => Err(input.error(ArgumentProblem::NoBytes)),
            (Payload::Json, value) | (Payload::Text, value @ (Value::Object(_) | Value::Array(_))) => {
                Ok(plain("application/json", value.to_string()))
            }
            (Payload::Text, value) => Ok(plain("", encode::text(value))),
        }
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
    fn bytes_argument_is_decoded_from_base64_or_a_data_uri() {
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
    fn data_uri_sets_file_name_and_media_type() {
        let content = bytes(json!("data:text/csv;name=all%20books.csv;charset=utf-8,a%2Cb"), "").unwrap();
        assert_eq!(content.file_name.as_deref(), Some("all books.csv"));
        assert_eq!(content.media_type, "text/csv; charset=utf-8");
        assert_eq!(content.bytes, b"a,b");
    }
}
