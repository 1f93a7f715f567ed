//! A gateway over HTTP, and requests to it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::{Lines, PATIENCE};

/// A gateway over HTTP.
pub(crate) struct HttpGateway {
    address: SocketAddr,
    process: Child,
}

impl HttpGateway {
    /// Starts a gateway, and reads its URL from its output.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let (lines, end) = (Lines::of(process.stderr.take().unwrap()), Instant::now() + PATIENCE);
        let address = loop {
            let line = lines.next(end, "the address of the gateway");
            let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()?.parse().ok());
            if let Some(address) = address {
                break address;
            }
        };
        Self { address, process }
    }

    /// Returns the host and port, as in a `Host` header.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Sends a request with a token. Returns the status and the response message.
    pub(crate) fn request(&self, token: &str, method: &str, params: &Value) -> (u16, Value) {
        self.request_with(token, &[], method, params)
    }

    /// Sends a request with further headers.
    pub(crate) fn request_with(
        &self,
        token: &str,
        headers: &[(&str, &str)],
        method: &str,
        params: &Value,
    ) -> (u16, Value) {
        let token = format!("Bearer {token}");
        let own = [("mcp-protocol-version", "2025-11-25"), ("authorization", token.as_str())];
        self.post(&[&own, headers].concat(), method, params)
    }

    /// Sends a request of revision 2026-07-28.
    pub(crate) fn modern(&self, token: &str, method: &str, params: &Value) -> (u16, Value) {
        let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap_or_default();
        let token = format!("Bearer {token}");
        let own = [
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", method),
            ("mcp-name", name),
            ("authorization", token.as_str()),
        ];
        self.post(&own, method, params)
    }

    fn post(&self, headers: &[(&str, &str)], method: &str, params: &Value) -> (u16, Value) {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (status, _, answer) = self.send("/mcp", headers, &body);
        (status, answer)
    }

    /// Sends a message with these headers. Returns the status, the head and the message of the response. A `host` header replaces the
    /// default one.
    pub(crate) fn send(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, String, Value) {
        let (body, host) = (body.to_string(), self.host());
        let mut head = format!("POST {path} HTTP/1.1\r\n");
        let own = [
            ("host", host.as_str()),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        let own = own.iter().filter(|(name, _)| headers.iter().all(|(other, _)| other != name));
        for (name, value) in own.chain(headers) {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let text = read_to_end(&mut stream, path);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        // The body is JSON or an event stream, in one or several chunks.
        let start = body.find("{\"jsonrpc\"").map(|at| &body[at..]);
        let value = start.and_then(|text| serde_json::Deserializer::from_str(text).into_iter().next()?.ok());
        (status, head.to_owned(), value.unwrap_or_default())
    }

    pub(crate) fn tools(&self, token: &str) -> Vec<String> {
        let (_, list) = self.request(token, "tools/list", &json!({}));
        let tools = list["result"]["tools"].as_array().unwrap_or_else(|| panic!("{list}"));
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn call(&self, token: &str, tool: &str) -> Value {
        self.request(token, "tools/call", &json!({ "name": tool, "arguments": {} })).1
    }
}

/// Reads a response to its end.
fn read_to_end(stream: &mut TcpStream, path: &str) -> String {
    let (end, mut bytes, mut piece) = (Instant::now() + PATIENCE, Vec::new(), [0; 4096]);
    loop {
        // An event stream may never end, so each read gets only the remaining time.
        let left = end.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "waited {PATIENCE:?} in vain for the end of the answer of {path}");
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut piece) {
            Ok(0) => return String::from_utf8(bytes).unwrap(),
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => panic!("the answer of {path} does not come: {error}"),
        }
    }
}

impl Drop for HttpGateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
