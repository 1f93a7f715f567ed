//! Multipart bodies, such as `multipart/form-data`.

use bytes::Bytes;
use jackfield_recipe::{Payload, hex_encode};
use sha2::{Digest as _, Sha256};

use super::Content;
use crate::call::argument_bytes::ContentBytes;
use crate::call::outgoing_body::{OutgoingBody, Piece};

/// One part of a multipart body.
pub(crate) struct Part {
    name: String,
    /// Whether the part is sent with a file name.
    file: bool,
    content: Content,
    /// The additional headers of the part.
    headers: Vec<(String, String)>,
}

impl Part {
    pub(crate) fn new(name: &str, payload: Payload, content: Content) -> Self {
        Self { name: name.to_owned(), file: payload == Payload::Bytes, content, headers: Vec::new() }
    }
}

/// Adds a header to all parts with that name, and returns the number of these parts.
pub(super) fn head(parts: &mut [Part], name: &str, header: &str, text: &str) -> usize {
    let named = parts.iter_mut().filter(|part| part.name == name);
    named.map(|part| part.headers.push((header.to_owned(), text.to_owned()))).count()
}

/// The media type of multipart forms.
pub(super) const FORM: &str = "multipart/form-data";

/// Fixed boundaries, so that requests are reproducible. If the parts contain both boundaries, another boundary is computed. Another
/// boundary is also computed if a part is a file on disk, because such a file is not searched for boundaries.
const USUAL_BOUNDARIES: [&str; 2] = ["jackfield-boundary", "jackfield-boundary-0"];

/// Returns a boundary that occurs in none of the parts. Equal parts get equal boundaries.
///
/// If the parts contain both fixed boundaries, or a file that is not in memory, the boundary ends with a digest of all contents. A
/// content cannot contain its own digest, so it need not be searched for this boundary.
fn boundary_of(parts: &[Part]) -> String {
    for usual in USUAL_BOUNDARIES {
        let is_in = |bytes: &[u8]| bytes.windows(usual.len()).any(|window| window == usual.as_bytes());
        let may_contain = |part: &Part| match &part.content.bytes {
            ContentBytes::Memory(bytes) => is_in(bytes),
            ContentBytes::Spooled(_) => true,
        };
        if !parts.iter().any(may_contain) {
            return usual.to_owned();
        }
    }
    let mut digest = Sha256::new();
    for part in parts {
        match &part.content.bytes {
            ContentBytes::Memory(bytes) => digest.update(bytes),
            ContentBytes::Spooled(file) => digest.update(file.sha256()),
        }
    }
    let digest = digest.finalize();
    format!("jackfield-boundary-{}", hex_encode(&digest[..16]))
}

/// Joins the parts with a boundary that occurs in none of them. Equal parts give equal bytes.
pub(super) fn join(parts: Vec<Part>, media_type: &str) -> (String, OutgoingBody) {
    let boundary = boundary_of(&parts);
    let (mut out, mut pieces) = (Vec::new(), Vec::new());
    for part in parts {
        let name = quoted(&part.name);
        // Only `multipart/form-data` has field names. In other multipart types, the file name of an attachment identifies the
        // part.
        let role = if media_type == FORM { "form-data" } else { "attachment" };
        out.extend_from_slice(
            format!("--{boundary}\r\ncontent-disposition: {role}; name=\"{name}\"").as_bytes(),
        );
        if part.file {
            let file_name = quoted(part.content.file_name.as_deref().unwrap_or(&part.name));
            out.extend_from_slice(format!("; filename=\"{file_name}\"").as_bytes());
        }
        if !part.content.media_type.is_empty() {
            out.extend_from_slice(format!("\r\ncontent-type: {}", part.content.media_type).as_bytes());
        }
        for (name, text) in &part.headers {
            out.extend_from_slice(format!("\r\n{}: {text}", name.to_ascii_lowercase()).as_bytes());
        }
        out.extend_from_slice(b"\r\n\r\n");
        match part.content.bytes {
            ContentBytes::Memory(bytes) => out.extend_from_slice(&bytes),
            ContentBytes::Spooled(file) => {
                pieces.extend([Piece::Bytes(std::mem::take(&mut out).into()), Piece::File(file)]);
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let last = Bytes::from(out);
    let body = if pieces.is_empty() {
        OutgoingBody::Whole(last)
    } else {
        pieces.push(Piece::Bytes(last));
        OutgoingBody::Pieces(pieces.into())
    };
    (format!("{media_type}; boundary={boundary}"), body)
}

/// Quotes a name and escapes it as browsers do, so that it can end neither the quoted string nor the line.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A").replace('\0', "%00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::args::Input;
    use crate::call::files::Files;
    use serde_json::json;

    fn content(value: &str, payload: Payload) -> Content {
        Content::of(&json!(value), payload, "", &Files::none(), &Input::text("file")).unwrap()
    }

    #[test]
    fn part_name_and_content_cannot_break_the_multipart_body() {
        let part = Part::new("a\"\r\nb", Payload::Text, content("--jackfield-boundary--", Payload::Text));
        let (media_type, body) = join(vec![part], FORM);
        assert_eq!(media_type, "multipart/form-data; boundary=jackfield-boundary-0");
        let text = body.to_string();
        assert!(
            text.starts_with(
                "--jackfield-boundary-0\r\ncontent-disposition: form-data; name=\"a%22%0D%0Ab\"\r\n\r\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn boundary_differs_from_every_boundary_in_the_content() {
        // The content contains every boundary that a counter would produce.
        let numbered: String = (0..40_000).map(|n| format!("jackfield-boundary-{n}\n")).collect();
        let parts = |text: &str| [Part::new("a", Payload::Text, content(text, Payload::Text))];
        let boundary = boundary_of(&parts(&numbered));
        assert!(!numbered.contains(&boundary) && boundary.len() == "jackfield-boundary-".len() + 32);
        assert_eq!(boundary_of(&parts(&numbered)), boundary);
        let with_it = format!("{numbered}{boundary}");
        assert!(!with_it.contains(&boundary_of(&parts(&with_it))));
        assert_eq!(boundary_of(&parts("jackfield-boundar")), "jackfield-boundary");
    }

    #[test]
    fn file_name_cannot_end_the_content_disposition_header() {
        let uri = "data:text/plain;name=a%22%0D%0Ab.txt,hello";
        let (_, body) = join(vec![Part::new("file", Payload::Bytes, content(uri, Payload::Bytes))], FORM);
        let text = body.to_string();
        assert!(
            text.contains("name=\"file\"; filename=\"a%22%0D%0Ab.txt\"\r\ncontent-type: text/plain\r\n"),
            "{text}"
        );
    }

    #[test]
    fn multipart_related_part_is_an_attachment() {
        let parts = vec![Part::new("a", Payload::Text, content("x", Payload::Text))];
        let (media_type, body) = join(parts, "multipart/related");
        assert_eq!(media_type, "multipart/related; boundary=jackfield-boundary");
        let text = body.to_string();
        assert!(
            text.starts_with("--jackfield-boundary\r\ncontent-disposition: attachment; name=\"a\""),
            "{text}"
        );
    }

    #[test]
    fn large_file_is_a_separate_piece_of_the_multipart_body() {
        use crate::common::spool::Spooled;
        use std::sync::Arc;
        let folder = tempfile::tempdir().unwrap();
        let file = Spooled::copy(&b"--jackfield-boundary--"[..], 99, folder.path(), || false).unwrap();
        let file = Content {
            media_type: String::new(),
            bytes: ContentBytes::Spooled(Arc::new(file)),
            file_name: None,
        };
        let parts = vec![
            Part::new("a", Payload::Text, content("x", Payload::Text)),
            Part::new("file", Payload::Bytes, file),
        ];
        let (media_type, body) = join(parts, FORM);
        let boundary = media_type.split_once("boundary=").unwrap().1;
        assert_eq!(boundary.len(), "jackfield-boundary-".len() + 32, "{boundary}");
        let text = body.to_string();
        let expected = "filename=\"file\"\r\n\r\n[22 bytes with SHA-256 ";
        assert!(text.contains(expected) && text.ends_with(&format!("]\r\n--{boundary}--\r\n")), "{text}");
        let shown = "[22 bytes with SHA-256 ]".len() + 64;
        assert_eq!(body.length() as usize, text.len() - shown + 22);
    }
}
