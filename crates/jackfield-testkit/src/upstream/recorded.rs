use std::fmt;

/// A request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The method, in the spelling of the wire.
    pub method: String,
    /// The request target, exactly as it came: nothing is decoded or normalised.
    pub target: String,
    /// `HTTP/1.1`
    pub version: String,
    /// The fields in the order and the spelling of the wire.
    pub headers: Vec<(String, String)>,
    /// The payload, without the framing of chunks.
    pub body: Vec<u8>,
    /// The head as bytes, for what the texts above cannot hold: a byte that is no UTF-8 stands in them as `\xNN`.
    pub head: Vec<u8>,
    /// The certificate that the client showed, in DER.
    pub certificate: Option<Vec<u8>>,
}

impl Recorded {
    /// The value of the first field of that name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The values of all fields of that name, in whatever case.
    pub fn headers_named(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The target up to `?`, as it came.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The target behind `?`, as it came.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// The body as text; a byte that is no UTF-8 stands as `\xNN`.
    pub fn text(&self) -> String {
        readable(&self.body)
    }

    /// The body as JSON, where it is.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The request as HTTP/1.1 text for snapshots: as on the wire, save that lines end in `\n` and that the value of
    /// `host`, which holds the port of the day, reads `{host}`.
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

    /// Whether the client means to send another request over the connection.
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

/// The bytes as text, with every byte that is no UTF-8 spelled `\xNN`: faithful where it can be, visible where not.
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
