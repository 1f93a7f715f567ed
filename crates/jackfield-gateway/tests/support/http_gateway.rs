//! A gateway over HTTP, and requests to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A gateway over HTTP.
pub(crate) struct HttpGateway {
    address: SocketAddr,
    process: Child,
}

impl HttpGateway {
    /// Starts a gateway that prints its address.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("the gateway has ended").unwrap();
            let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()?.parse().ok());
            if let Some(address) = address {
                break address;
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { address, process }
    }

    /// Sends a request with a token: the status, and the answer.
    pub(crate) fn request(&self, token: &str, method: &str, params: &Value) -> (u16, Value) {
        self.request_with(token, "", method, params)
    }

    /// Sends a request with further headers, each with its line break.
    pub(crate) fn request_with(
        &self,
        token: &str,
        headers: &str,
        method: &str,
        params: &Value,
    ) -> (u16, Value) {
        self.send(token, method, params, &format!("mcp-protocol-version: 2025-11-25\r\n{headers}"))
    }

    /// Sends a request of revision 2026-07-28.
    pub(crate) fn modern(&self, token: &str, method: &str, params: &Value) -> (u16, Value) {
        let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap_or_default();
        let headers =
            format!("mcp-protocol-version: 2026-07-28\r\nmcp-method: {method}\r\nmcp-name: {name}\r\n");
        self.send(token, method, params, &headers)
    }

    fn send(&self, token: &str, method: &str, params: &Value, headers: &str) -> (u16, Value) {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n\
             {headers}authorization: Bearer {token}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        // The answer is JSON, or the data of an event, in one or several pieces.
        let start = body.find("{\"jsonrpc\"").map(|at| &body[at..]);
        let value = start.and_then(|text| serde_json::Deserializer::from_str(text).into_iter().next()?.ok());
        (status, value.unwrap_or_default())
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

impl Drop for HttpGateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
