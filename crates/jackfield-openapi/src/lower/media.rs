//! Media types: which one is sent, and how it is written.

/// How a media type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Form,
    Multipart,
    Text,
    Bytes,
}

impl Kind {
    /// In the order of preference.
    const ALL: [Self; 5] = [Self::Json, Self::Form, Self::Multipart, Self::Text, Self::Bytes];

    pub(crate) fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" | "*/*" | "application/*" => Self::Json,
            other if other.ends_with("+json") => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            other if other.starts_with("multipart/") => Self::Multipart,
            "application/xml" | "application/yaml" | "application/x-yaml" | "application/graphql" => {
                Self::Text
            }
            "application/x-ndjson" | "application/jsonl" | "application/sql" | "application/javascript" => {
                Self::Text
            }
            other if other.starts_with("text/") || other.ends_with("+xml") || other.ends_with("+yaml") => {
                Self::Text
            }
            _ => Self::Bytes,
        }
    }

    /// The media type that the request names by itself.
    pub(crate) const fn implied(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("application/json"),
            Self::Form => Some("application/x-www-form-urlencoded"),
            Self::Multipart => Some("multipart/form-data"),
            Self::Text | Self::Bytes => None,
        }
    }
}

/// The media type to send: plain JSON, then its kin, forms, parts, text, bytes; in the order of the document.
pub(crate) fn choose<'m>(types: &[&'m str]) -> Option<(&'m str, Kind)> {
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

/// What is written into `content-type`.
pub(crate) fn wire_type(media_type: &str, kind: Kind) -> String {
    let plain = media_type.trim();
    let printable = plain.bytes().all(|b| (0x20..0x7F).contains(&b)) && plain.contains('/');
    let vague = !printable || plain.contains('*');
    match kind.implied() {
        Some(implied) if vague || plain.eq_ignore_ascii_case(implied) || kind == Kind::Multipart => {
            implied.to_owned()
        }
        None if vague => "application/octet-stream".to_owned(),
        _ => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_comes_before_its_kin_and_bytes_come_last() {
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
        ] {
            assert_eq!(choose(types).map(|(media_type, _)| media_type), Some(chosen), "{types:?}");
        }
    }

    #[test]
    fn what_is_vague_is_not_sent() {
        assert_eq!(wire_type("*/*", Kind::Json), "application/json");
        assert_eq!(wire_type("image/*", Kind::Bytes), "application/octet-stream");
        assert_eq!(wire_type("text/csv\r\nx: y", Kind::Text), "application/octet-stream");
        assert_eq!(wire_type("multipart/mixed", Kind::Multipart), "multipart/form-data");
    }
}
