//! Media types, and the kind of body that each type stands for.

use jackfield_recipe::percent_decode;

use super::stream::Format;

/// A parsed `content-type` header.
pub(crate) struct MediaType {
    /// The media type in lower case, without parameters. Empty if the header is missing.
    pub(crate) essence: String,
    pub(crate) charset: Option<String>,
}

/// The kind of a body, which decides how the body is given to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Json,
    Text,
    /// A stream of events.
    Events(Format),
    /// Binary data.
    File,
    /// An unknown type. The content decides whether it is text.
    Other,
    /// No type was declared. The content decides whether it is text.
    Unnamed,
}

impl MediaType {
    pub(crate) fn parse(field: &str) -> Self {
        let Some((essence, _)) = field.split_once(';') else {
            return Self { essence: field.trim().to_ascii_lowercase(), charset: None };
        };
        Self {
            essence: essence.trim().to_ascii_lowercase(),
            charset: parameter(field, "charset").map(|label| label.to_ascii_lowercase()),
        }
    }

    pub(crate) fn kind(&self) -> BodyKind {
        // A shortcut for the most frequent media type.
        if self.essence == "application/json" {
            return BodyKind::Json;
        }
        let (family, name) = self.essence.split_once('/').unwrap_or((&self.essence, ""));
        let suffix = name.rsplit('+').next().unwrap_or_default();
        match (family, name, suffix) {
            ("", ..) => BodyKind::Unnamed,
            ("text", "event-stream", _) => BodyKind::Events(Format::Sse),
            (
                _,
                "x-ndjson" | "ndjson" | "jsonl" | "x-jsonl" | "jsonlines" | "x-jsonlines" | "json-lines",
                _,
            )
            | (_, "stream+json", _) => BodyKind::Events(Format::Lines),
            (.., "json-seq") => BodyKind::Events(Format::Sequence),
            (.., "json") => BodyKind::Json,
            ("text", ..) | (.., "xml" | "yaml" | "x-yaml" | "javascript") => BodyKind::Text,
            ("image" | "audio" | "video" | "font", ..) => BodyKind::File,
            _ => BodyKind::Other,
        }
    }
}

/// Returns the value of a header parameter, unquoted and unescaped.
pub(crate) fn parameter(field: &str, name: &str) -> Option<String> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let pairs = field.split(|c| {
        is_quoted ^= c == '"' && !is_escaped;
        is_escaped = is_quoted && c == '\\' && !is_escaped;
        c == ';' && !is_quoted
    });
    pairs.skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = value.trim();
        let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let value = inner.map_or_else(|| value.to_owned(), |inner| inner.replace("\\\"", "\""));
        key.trim().eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Returns the file name in `content-disposition`. By RFC 6266, `filename*` takes precedence over `filename`.
pub(crate) fn file_name(disposition: &str) -> Option<String> {
    let extended = parameter(disposition, "filename*").and_then(|value| {
        let (charset, rest) = value.split_once('\'')?;
        let (_, escaped) = rest.split_once('\'')?;
        charset
            .eq_ignore_ascii_case("utf-8")
            .then(|| percent_decode(escaped))
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok())
    });
    extended.or_else(|| parameter(disposition, "filename"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_kind_is_derived_from_the_media_type() {
        for (field, kind) in [
            ("application/json; charset=utf-8", BodyKind::Json),
            ("application/problem+JSON", BodyKind::Json),
            ("application/vnd.api+json", BodyKind::Json),
            ("text/csv", BodyKind::Text),
            ("application/xml", BodyKind::Text),
            ("image/svg+xml", BodyKind::Text),
            ("image/png", BodyKind::File),
            ("application/pdf", BodyKind::Other),
            ("text/event-stream;charset=utf-8", BodyKind::Events(Format::Sse)),
            ("application/x-ndjson", BodyKind::Events(Format::Lines)),
            ("application/geo+json-seq", BodyKind::Events(Format::Sequence)),
            ("", BodyKind::Unnamed),
            ("nonsense", BodyKind::Other),
        ] {
            assert_eq!(MediaType::parse(field).kind(), kind, "{field}");
        }
    }

    #[test]
    fn header_parameter_is_parsed() {
        assert_eq!(parameter("text/plain; Charset=\"Latin1\"", "charset").as_deref(), Some("Latin1"));
        assert_eq!(parameter("charset=x", "charset"), None);
    }

    #[test]
    fn file_name_in_content_disposition_is_parsed() {
        for (field, name) in [
            ("attachment; filename=moss.zip", "moss.zip"),
            ("attachment; filename=\"a;b.zip\"; size=3", "a;b.zip"),
            ("attachment; filename=\"a\\\";b\"", "a\";b"),
            ("attachment; filename=x; filename*=UTF-8''na%C3%AFve%20a.zip", "naïve a.zip"),
            ("attachment; filename=x; filename*=UTF-8''%C3%", "x"),
            ("attachment; filename=x; filename*=koi8-r''%C3", "x"),
        ] {
            assert_eq!(file_name(field).as_deref(), Some(name), "{field}");
        }
        assert_eq!(file_name("attachment"), None);
    }
}
