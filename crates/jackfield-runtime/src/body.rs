//! The payload of a request under construction.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use jackfield_recipe::Payload;
use serde_json::{Map, Value};

use crate::args::{ArgError, Input};
use crate::encode;

/// Base64 as models write it: with padding or without.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// What is sent along.
#[derive(Default)]
pub(crate) enum Body {
    #[default]
    None,
    Json(Value),
    /// Encoded pairs.
    Form(Vec<(String, String)>),
    Multipart(Vec<Part>),
    Raw(Content),
}

/// One part of a body made of parts.
pub(crate) struct Part {
    name: String,
    /// Whether services are to see a file.
    file: bool,
    content: Content,
}

/// Bytes and what they are.
pub(crate) struct Content {
    media_type: String,
    bytes: Vec<u8>,
}

impl Body {
    /// The fields of a JSON object; whatever else the body was is forgotten.
    pub(crate) fn fields(&mut self) -> &mut Map<String, Value> {
        if !matches!(self, Self::Json(Value::Object(_))) {
            *self = Self::Json(Value::Object(Map::new()));
        }
        match self {
            Self::Json(Value::Object(fields)) => fields,
            _ => unreachable!("the body was made an object above"),
        }
    }

    /// The pairs of a form; whatever else the body was is forgotten.
    pub(crate) fn pairs(&mut self) -> &mut Vec<(String, String)> {
        if !matches!(self, Self::Form(_)) {
            *self = Self::Form(Vec::new());
        }
        match self {
            Self::Form(pairs) => pairs,
            _ => unreachable!("the body was made a form above"),
        }
    }

    /// The parts of a body made of parts; whatever else the body was is forgotten.
    pub(crate) fn parts(&mut self) -> &mut Vec<Part> {
        if !matches!(self, Self::Multipart(_)) {
            *self = Self::Multipart(Vec::new());
        }
        match self {
            Self::Multipart(parts) => parts,
            _ => unreachable!("the body was made of parts above"),
        }
    }

    /// The media type and the bytes, as they go on the wire.
    pub(crate) fn finish(self) -> Option<(String, Bytes)> {
        match self {
            Self::None => None,
            Self::Json(value) => Some(("application/json".to_owned(), Bytes::from(value.to_string()))),
            Self::Form(pairs) => {
                let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
                Some(("application/x-www-form-urlencoded".to_owned(), Bytes::from(text.join("&"))))
            }
            Self::Multipart(parts) => Some(join(&parts)),
            Self::Raw(content) => Some((content.media_type, Bytes::from(content.bytes))),
        }
    }
}

impl Part {
    pub(crate) fn new(name: &str, payload: Payload, content: Content) -> Self {
        Self { name: name.to_owned(), file: payload == Payload::Bytes, content }
    }
}

impl Content {
    /// The argument as bytes. `media_type` is the document's, which a data URI overrules where it names its own.
    pub(crate) fn of(
        value: &Value,
        payload: Payload,
        media_type: &str,
        input: Input<'_>,
    ) -> Result<Self, ArgError> {
        let (implied, bytes) = match (payload, value) {
            (Payload::Bytes, Value::String(text)) => decode(text).map_err(|problem| input.error(problem))?,
            (Payload::Bytes, _) => {
                return Err(input.error("has to be a text: bytes in base64, or a data URI"));
            }
            (Payload::Json, value) => ("application/json".to_owned(), value.to_string().into_bytes()),
            (Payload::Text, value) => (String::new(), encode::text(value).into_bytes()),
        };
        // Bytes know best what they are; of text and JSON the document knows.
        let media_type = match payload {
            Payload::Bytes if !implied.is_empty() => implied,
            _ if !media_type.is_empty() => media_type.to_owned(),
            Payload::Bytes => "application/octet-stream".to_owned(),
            Payload::Json => implied,
            Payload::Text => String::new(),
        };
        Ok(Self { media_type, bytes })
    }
}

/// Bytes from base64 or from a data URI, and the media type that the latter names.
fn decode(text: &str) -> Result<(String, Vec<u8>), String> {
    let (media_type, data) = match text.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
        Some((head, data)) => match head.strip_suffix(";base64") {
            Some(media_type) => (media_type, data),
            None => return Err("is a data URI without `;base64`".to_owned()),
        },
        None => ("", text),
    };
    if !media_type.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        return Err("is a data URI whose media type cannot be sent".to_owned());
    }
    let data: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(&data).or_else(|_| URL_SAFE.decode(&data));
    let bytes = bytes.map_err(|error| format!("is no base64: {error}"))?;
    Ok((media_type.to_owned(), bytes))
}

/// The parts with a boundary between them that occurs in none. The same parts make the same bytes.
fn join(parts: &[Part]) -> (String, Bytes) {
    let mut boundary = "jackfield-boundary".to_owned();
    let occurs = |boundary: &str| {
        parts.iter().any(|part| {
            part.content.bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes())
        })
    };
    for n in 0_u64.. {
        if !occurs(&boundary) {
            break;
        }
        boundary = format!("jackfield-boundary-{n}");
    }
    let mut out = Vec::new();
    for part in parts {
        let name = quoted(&part.name);
        out.extend_from_slice(
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if part.file {
            out.extend_from_slice(format!("; filename=\"{name}\"").as_bytes());
        }
        if !part.content.media_type.is_empty() {
            out.extend_from_slice(format!("\r\ncontent-type: {}", part.content.media_type).as_bytes());
        }
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(&part.content.bytes);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), Bytes::from(out))
}

/// A name between quotes, as browsers write it: it can end neither the quotes nor the line.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use serde_json::json;

    fn content(value: &Value, payload: Payload, media_type: &str) -> Result<Content, ArgError> {
        let args = Args::default();
        Content::of(value, payload, media_type, args.optional("file"))
    }

    #[test]
    fn bytes_come_in_base64_or_as_a_data_uri() {
        for text in ["/+8=", "/+8", "_-8", "data:image/png;base64,/+8="] {
            let content = content(&json!(text), Payload::Bytes, "").unwrap();
            assert_eq!(content.bytes, [0xFF, 0xEF], "{text}");
        }
        assert!(content(&json!("not base64!"), Payload::Bytes, "").is_err());
        assert!(content(&json!("data:image/png;base64\r\nx: y,AA=="), Payload::Bytes, "").is_err());
        assert!(content(&json!(1), Payload::Bytes, "").is_err());
    }

    #[test]
    fn a_part_can_end_neither_its_name_nor_the_body() {
        let mut body = Body::default();
        let value = json!("--jackfield-boundary--");
        let text = content(&value, Payload::Text, "").unwrap();
        body.parts().push(Part::new("a\"\r\nb", Payload::Text, text));
        let (media_type, bytes) = body.finish().unwrap();
        assert_eq!(media_type, "multipart/form-data; boundary=jackfield-boundary-0");
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(
            text.starts_with(
                "--jackfield-boundary-0\r\ncontent-disposition: form-data; name=\"a%22%0D%0Ab\"\r\n\r\n"
            ),
            "{text}"
        );
    }
}
