//! A small HTTP server and client for tests of logins.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// A request or a response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// The request line or the status line.
    pub(crate) first: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Message {
    /// Returns an empty response with this status.
    pub(crate) fn status(status: u16) -> Self {
        Self { first: status.to_string(), ..Self::default() }
    }

    /// Returns a JSON response.
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { body: body.to_string(), ..Self::status(status) }.with("content-type", "application/json")
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the path of a request.
    pub(crate) fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// Returns the query of a request.
    pub(crate) fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }

    fn target(&self) -> &str {
        self.first.split(' ').nth(1).unwrap_or_default()
    }

    /// Returns the status of a response.
    pub(crate) fn code(&self) -> u16 {
        self.first.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

/// Returns the decoded value of a field in a query or a form.
pub(crate) fn field(form: &str, name: &str) -> Option<String> {
    let pair = form.split('&').find_map(|pair| pair.split_once('=').filter(|(known, _)| *known == name))?;
    let bytes = jackfield_recipe::percent_decode(&pair.1.replace('+', " "))?;
    String::from_utf8(bytes).ok()
}

/// Percent-encodes a text as a value in a query or a form.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

/// Serves requests until the test ends. Returns the origin.
pub(crate) fn serve(answer: impl Fn(&Message) -> Message + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(request) = read(&mut reader) {
                    let Message { first, headers, body } = answer(&request);
                    let mut head = format!("HTTP/1.1 {first} Said\r\ncontent-length: {}\r\n", body.len());
                    for (name, value) in headers {
                        head += &format!("{name}: {value}\r\n");
                    }
                    if (&stream).write_all(format!("{head}\r\n{body}").as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    origin
}

/// Sends a request to a URL `http://HOST:PORT/…`, and returns the response.
pub(crate) fn ask(method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Message {
    let rest = address.strip_prefix("http://").unwrap_or_else(|| panic!("{address}"));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut stream = TcpStream::connect(host).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if headers.iter().all(|(name, _)| *name != "host") {
        head += &format!("host: {host}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    read(&mut BufReader::new(stream)).unwrap_or_else(|| panic!("{method} {address} gets no answer"))
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Message> {
    let mut message = Message::default();
    reader.read_line(&mut message.first).ok().filter(|read| *read > 0)?;
    message.first.truncate(message.first.trim_end().len());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        message.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = message.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    message.body = String::from_utf8_lossy(&body).into_owned();
    Some(message)
}
