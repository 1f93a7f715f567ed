//! Media types of request bodies: which type is sent, and how the body is encoded.

/// The encodings of request bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Form,
    Multipart,
    Xml,
    /// JSON Lines.
    Lines,
    Text,
    Bytes,
}

impl Kind {
    /// All encodings in the order of preference.
    const ALL: [Self; 7] =
        [Self::Json, Self::Form, Self::Multipart, Self::Xml, Self::Lines, Self::Text, Self::Bytes];

    pub(crate) fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" | "*/*" | "application/*" => Self::Json,
            other if other.ends_with("+json") => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            other if other.starts_with("multipart/") => Self::Multipart,
            "application/xml" | "text/xml" => Self::Xml,
            other if other.ends_with("+xml") && !other.starts_with("image/") => Self::Xml,
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/json-lines" => Self::Lines,
            "application/yaml"
            | "application/x-yaml"
            | "application/graphql"
            | "application/sql"
            | "application/javascript" => Self::Text,
            other if other.starts_with("text/") => Self::Text,
            other if other.ends_with("+yaml") || other.ends_with("+xml") => Self::Text,
            _ => Self::Bytes,
        }
    }

    /// Returns the default media type of the encoding.
    pub(crate) const fn implied(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("application/json"),
            Self::Form => Some("application/x-www-form-urlencoded"),
            Self::Multipart => Some("multipart/form-data"),
            Self::Xml => Some("application/xml"),
            Self::Lines => Some("application/x-ndjson"),
            Self::Text | Self::Bytes => None,
        }
    }
}

/// Chooses the media type to send: plain JSON, other JSON types, forms, multipart, XML, JSON Lines, text,
/// bytes. If several types have one encoding, the first in the document is chosen.
///
/// The media type that the user chose takes precedence.
pub(crate) fn choose<'m>(types: &[&'m str], preferred: Option<&str>) -> Option<(&'m str, Kind)> {
    let is_preferred = |media_type: &&&str| preferred == Some(**media_type);
    if let Some(media_type) = types.iter().find(is_preferred) {
        return Some((media_type, Kind::of(media_type)));
    }
    let exact = |media_type: &str| {
        media_type.split(';').next().is_some_and(|essence| essence.trim() == "application/json")
    };
    if let Some(media_type) = types.iter().find(|media_type| exact(media_type)) {
        return Some((media_type, Kind::Json));
    }
    Kind::ALL.into_iter().find_map(|kind| {
        types.iter().find(|media_type| Kind::of(media_type) == kind).map(|media_type| (*media_type, kind))
    })
}

/// Returns the value of `content-type`. For bytes, it lists all media types that the bytes may have.
pub(crate) fn header(media_type: &str, kind: Kind, types: &[&str]) -> String {
    match kind {
        Kind::Bytes => byte_types(media_type, types),
        kind => wire_type(media_type, kind),
    }
}

fn wire_type(media_type: &str, kind: Kind) -> String {
    let plain = media_type.trim();
    let vague = !is_sendable(plain) || plain.contains('*');
    match kind.implied() {
        Some(implied) if vague || plain.eq_ignore_ascii_case(implied) => implied.to_owned(),
        // The `boundary` parameter in the document is removed, because the request uses another boundary.
        Some(_) if kind == Kind::Multipart => {
            plain.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
        }
        None if vague && kind == Kind::Text => "text/plain".to_owned(),
        None if vague => "application/octet-stream".to_owned(),
        _ => in_utf8(plain),
    }
}

/// Returns the media type with its charset changed to UTF-8, the only charset that requests use.
pub(crate) fn in_utf8(media_type: &str) -> String {
    let parameter = |part: &str| match part.split_once('=') {
        Some((name, value))
            if name.trim().eq_ignore_ascii_case("charset")
                && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") =>
        {
            " charset=utf-8".to_owned()
        }
        _ => part.to_owned(),
    };
    media_type.split(';').map(parameter).collect::<Vec<_>>().join(";")
}

/// Returns the media types that bytes may have, in the order of the document. The runtime chooses one of them by
/// looking at the bytes.
fn byte_types(chosen: &str, types: &[&str]) -> String {
    let others = types.iter().filter(|other| **other != chosen && Kind::of(other) == Kind::Bytes);
    let all: Vec<&str> =
        std::iter::once(&chosen).chain(others).map(|it| it.trim()).filter(|it| is_sendable(it)).collect();
    if all.is_empty() { "application/octet-stream".to_owned() } else { all.join(", ") }
}

/// Whether the text is one media type, without wildcards, that can be sent.
pub(crate) fn is_concrete(media_type: &str) -> bool {
    is_sendable(media_type) && !media_type.contains('*')
}

/// Whether a media type range, or a list of ranges, includes that media type.
pub(crate) fn has(range: &str, media_type: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let media_type = essence(media_type);
    range.split(',').map(essence).any(|range| match range.strip_suffix('*') {
        Some("*/") => true,
        Some(kind) => media_type.starts_with(kind),
        None => false,
    })
}

fn is_sendable(media_type: &str) -> bool {
    media_type.bytes().all(|b| (0x20..0x7F).contains(&b) && b != b',') && media_type.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_media_type_is_preferred_over_text_and_binary() {
        for (types, chosen) in [
            (&["text/plain", "application/json"][..], "application/json"),
            (
                &["application/merge-patch+json", "application/json; charset=utf-8"],
                "application/json; charset=utf-8",
            ),
            (
                &["multipart/form-data", "application/x-www-form-urlencoded"],
                "application/x-www-form-urlencoded",
            ),
            (&["image/png", "text/csv"], "text/csv"),
            (&["application/vnd.api+json", "application/xml"], "application/vnd.api+json"),
            (&["text/plain", "application/x-ndjson", "text/xml"], "text/xml"),
        ] {
            assert_eq!(choose(types, None).map(|(media_type, _)| media_type), Some(chosen), "{types:?}");
        }
    }

    #[test]
    fn configured_media_type_is_chosen_if_the_operation_offers_it() {
        let types = ["application/json", "text/csv"];
        assert_eq!(choose(&types, Some("text/csv")), Some(("text/csv", Kind::Text)));
        assert_eq!(choose(&types, Some("image/png")), Some(("application/json", Kind::Json)));
    }

    #[test]
    fn media_type_range_is_replaced_by_a_concrete_type() {
        assert_eq!(wire_type("*/*", Kind::Json), "application/json");
        assert_eq!(wire_type("image/*", Kind::Bytes), "application/octet-stream");
        assert_eq!(wire_type("text/csv\r\nx: y", Kind::Text), "text/plain");
        assert_eq!(wire_type("text/*", Kind::Text), "text/plain");
        assert_eq!(byte_types("image/png", &["text/csv", "image/png", "image/*"]), "image/png, image/*");
        assert_eq!(byte_types("image\n", &["image\n"]), "application/octet-stream");
        assert_eq!(wire_type("text/plain; charset=ISO-8859-1", Kind::Text), "text/plain; charset=utf-8");
        assert_eq!(wire_type("text/xml;charset=\"UTF-8\"", Kind::Xml), "text/xml;charset=\"UTF-8\"");
        assert_eq!(wire_type("multipart/*", Kind::Multipart), "multipart/form-data");
        assert_eq!(wire_type("multipart/Mixed; boundary=x", Kind::Multipart), "multipart/mixed");
    }
}
