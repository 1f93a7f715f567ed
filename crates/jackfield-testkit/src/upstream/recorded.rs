use std::fmt;

/// A request as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The method as received.
    pub method: String,
    /// The request target as received, neither decoded nor normalised.
    pub target: String,
    /// `HTTP/1.1`
    pub version: String,
    /// The headers, with their order and case as received.
    pub headers: Vec<(String, String)>,
    /// The body, without chunk framing.
    pub body: Vec<u8>,
    /// The head as bytes. In the strings above, a byte that is not UTF-8 is written as `\xNN`.
    pub head: Vec<u8>,
    /// The client certificate, in DER.
    pub certificate: Option<Vec<u8>>,
}

impl Recorded {
    /// Returns the first value of a header. The name is case-insensitive.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns all values of a header. The name is case-insensitive.
    pub fn headers_named(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the target up to `?`, as received.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// Returns the target after `?`, as received.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// Returns the body as text. A byte that is not UTF-8 is written as `\xNN`.
    pub fn text(&self) -> String {
        readable(&self.body)
    }

    /// Returns the body as JSON. `None` if it is not JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns the request as HTTP/1.1 text for snapshots: as received, but with `\n` as line breaks, and with `{host}` as the value of
    /// `host`, because the port differs in each run.
    pub fn to_text(&self) -> String {
        let mut text = format!("{} {} {}\n", self.method, self.target, self.version);
        for (name, value) in &self.headers {
            let value = if name.eq_ignore_ascii_case("host") { "{host}" } else { value };
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push('\n');
        text.push_str(&self.text());
        text
    }

    /// Whether the client keeps the connection open.
    pub(super) fn keeps_alive(&self) -> bool {
        let connection = self.header("connection").unwrap_or_default();
        self.version == "HTTP/1.1" && !connection.split(',').any(|it| it.trim().eq_ignore_ascii_case("close"))
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// Returns the bytes as text, with each byte that is not UTF-8 written as `\xNN`.
pub(super) fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}
