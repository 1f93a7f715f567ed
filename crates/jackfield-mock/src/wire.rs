//! Parses requests: the pairs of a query, a form or a cookie header, and the parts of a multipart body.

use jackfield_recipe::percent_decode_lenient;

/// A request to the mock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path and the query, encoded.
    pub target: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Decodes percent escapes. Invalid escapes are kept.
pub(crate) fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode_lenient(text)).into_owned()
}

/// A pair. Its name is decoded, but its value is not, because separators within the value may be escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) raw: String,
}

impl Pair {
    /// Returns the decoded value.
    pub(crate) fn text(&self) -> String {
        decoded(&self.raw)
    }
}

/// Parses the pairs of a query or a form. A plus sign is a space.
pub(crate) fn pairs(text: &str) -> Vec<Pair> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Pair { name: decoded(&name.replace('+', " ")), raw: value.replace('+', " ") }
    };
    text.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// Parses and decodes the pairs of a query or a form.
pub fn decoded_pairs(text: &str) -> Vec<(String, String)> {
    let decoded = |pair: Pair| {
        let value = pair.text();
        (pair.name, value)
    };
    pairs(text).into_iter().map(decoded).collect()
}

/// Parses the pairs of a `Cookie` header, without decoding them.
pub(crate) fn cookies(header: &str) -> Vec<(String, String)> {
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Returns the media type in a `Content-Type` header, in lower case and without parameters.
pub(crate) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a media type is JSON, or a range that includes JSON.
pub fn is_json(media_type: &str) -> bool {
    let kind = essence(media_type);
    kind.ends_with("/json") || kind.ends_with("+json") || kind.contains('*')
}

/// A part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Part {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// Parses the parts of a multipart body. `None` if the body is not multipart.
pub(crate) fn parts(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let boundary = parameter(content_type, "boundary")?;
    let first = format!("--{boundary}").into_bytes();
    let next = format!("\r\n--{boundary}").into_bytes();
    let mut rest = body.strip_prefix(first.as_slice())?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, &next)?;
        parts.push(part(&rest[..end])?);
        rest = &rest[end + next.len()..];
    }
}

fn part(bytes: &[u8]) -> Option<Part> {
    let (head, body) = match bytes.strip_prefix(b"\r\n") {
        Some(body) => (&[][..], body),
        None => {
            let end = find(bytes, b"\r\n\r\n")?;
            (&bytes[..end], &bytes[end + 4..])
        }
    };
    let head = String::from_utf8_lossy(head);
    let headers: Vec<(String, String)> = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let mut part = Part { name: String::new(), headers, body: body.to_vec() };
    // A quoted name escapes only the characters that would end the name.
    let unquoted = |name: String| name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
    part.name = part.header("content-disposition").and_then(|it| parameter(it, "name")).map(unquoted)?;
    Some(part)
}

/// Returns a parameter of a header value, without its quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (key, after) = after.split_once('=')?;
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(text.trim().to_owned());
        }
        rest = after;
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipart_body_is_split_at_its_boundary() {
        let body = b"--b\r\ncontent-disposition: form-data; name=\"a%22;x\"; filename=\"f\"\r\n\r\nx--b-\r\n\r\n--b\r\nContent-Disposition: form-data; name=c\r\nX-Y: 1\r\n\r\n\r\n--b--\r\n";
        let found = parts("multipart/form-data; boundary=b", body).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].body.as_slice()), ("a\";x", b"x--b-\r\n".as_slice()));
        assert_eq!((found[1].name.as_str(), found[1].header("x-y")), ("c", Some("1")));
        assert!(found[1].body.is_empty() && found.len() == 2);
        assert_eq!(parts("multipart/form-data; boundary=\"b\"", b"--b--").unwrap(), []);
        for (kind, body) in
            [("multipart/form-data", "--b--"), ("multipart/form-data; boundary=b", "--b\r\nx")]
        {
            assert_eq!(parts(kind, body.as_bytes()), None, "{kind} {body}");
        }
    }

    #[test]
    fn names_of_query_pairs_are_decoded_and_raw_values_keep_percent_escapes() {
        let found = pairs("a%5B%5D=1%2C2&b+c=d+e&&f");
        let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.raw.as_str(), it.text())).collect();
        assert_eq!(
            found,
            [("a[]", "1%2C2", "1,2".to_owned()), ("b c", "d e", "d e".to_owned()), ("f", "", String::new())]
        );
    }
}
