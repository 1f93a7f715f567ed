//! What a media type tells of a body.

use super::events::Format;

/// What the field `content-type` says.
pub(crate) struct MediaType {
    /// In lower case, without parameters; empty where nothing was said.
    pub(crate) essence: String,
    pub(crate) charset: Option<String>,
}

/// How a body is handed to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Text,
    /// One part after another.
    Events(Format),
    /// What nobody reads as text.
    File,
    /// A type that is not known here; the bytes tell whether it is text.
    Other,
    /// Nothing was said; the bytes tell.
    Unnamed,
}

impl MediaType {
    pub(crate) fn parse(field: &str) -> Self {
        let essence = field.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self { essence, charset: parameter(field, "charset").map(|label| label.to_ascii_lowercase()) }
    }

    pub(crate) fn kind(&self) -> Kind {
        let (family, name) = self.essence.split_once('/').unwrap_or((&self.essence, ""));
        let suffix = name.rsplit('+').next().unwrap_or_default();
        match (family, name, suffix) {
            ("", ..) => Kind::Unnamed,
            ("text", "event-stream", _) => Kind::Events(Format::Sse),
            (
                _,
                "x-ndjson" | "ndjson" | "jsonl" | "x-jsonl" | "jsonlines" | "x-jsonlines" | "json-lines",
                _,
            )
            | (_, "stream+json", _) => Kind::Events(Format::Lines),
            (.., "json-seq") => Kind::Events(Format::Sequence),
            (.., "json") => Kind::Json,
            ("text", ..) | (.., "xml" | "yaml" | "x-yaml" | "javascript") => Kind::Text,
            ("image" | "audio" | "video" | "font", ..) => Kind::File,
            _ => Kind::Other,
        }
    }
}

/// A parameter of a field, without its quotes.
pub(crate) fn parameter<'a>(field: &'a str, name: &str) -> Option<&'a str> {
    field.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_kinds() {
        for (field, kind) in [
            ("application/json; charset=utf-8", Kind::Json),
            ("application/problem+JSON", Kind::Json),
            ("application/vnd.api+json", Kind::Json),
            ("text/csv", Kind::Text),
            ("application/xml", Kind::Text),
            ("image/svg+xml", Kind::Text),
            ("image/png", Kind::File),
            ("application/pdf", Kind::Other),
            ("text/event-stream;charset=utf-8", Kind::Events(Format::Sse)),
            ("application/x-ndjson", Kind::Events(Format::Lines)),
            ("application/geo+json-seq", Kind::Events(Format::Sequence)),
            ("", Kind::Unnamed),
            ("nonsense", Kind::Other),
        ] {
            assert_eq!(MediaType::parse(field).kind(), kind, "{field}");
        }
    }

    #[test]
    fn parameters_are_found() {
        assert_eq!(parameter("text/plain; Charset=\"Latin1\"", "charset"), Some("Latin1"));
        assert_eq!(parameter("charset=x", "charset"), None);
    }
}
