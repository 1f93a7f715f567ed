//! A server over HTTP as a process, and requests to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::place::{Place, hang_up};

/// A server over HTTP. Dropping it ends the process.
pub(crate) struct Http {
    child: Child,
    address: String,
    pub(crate) told: Arc<Told>,
}

/// The lines on stderr after the line with the URL.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) text: Mutex<String>,
    more: Condvar,
}

impl Http {
    pub(crate) fn start(place: &Place, more: &[&str]) -> Self {
        let mut command = place.command();
        command.args(["serve", "desk", "--http", "127.0.0.1:0", "--http-auth", "none", "--ask", "writes"]);
        command.args(more);
        command.env("DESK_TOKEN", "secret").stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines
            .find_map(|line| Some(line.strip_prefix("serving at http://")?.strip_suffix("/mcp")?.to_owned()));
        let told = Arc::<Told>::default();
        let kept = Arc::clone(&told);
        std::thread::spawn(move || {
            lines.for_each(|line| {
                *kept.text.lock().unwrap() += &format!("{line}\n");
                kept.more.notify_all();
            });
        });
        Self { child, address: address.unwrap(), told }
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Sends a request of revision 2026-07-28.
    pub(crate) fn send(&self, method: &str, name: Option<&str>, mut params: Value) -> TcpStream {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let name = name.map(|name| format!("mcp-name: {name}\r\n")).unwrap_or_default();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\nmcp-method: {method}\r\n\
             {name}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    pub(crate) fn ask(&self, method: &str, name: Option<&str>, params: Value) -> Value {
        let mut answer = String::new();
        self.send(method, name, params).read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    pub(crate) fn call(&self, name: &str) -> Value {
        self.ask("tools/call", Some(name), json!({ "name": name, "arguments": {} }))["result"].clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let list = self.ask("tools/list", None, json!({}));
        let tools = list["result"]["tools"].as_array().unwrap();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Sends a plain GET request, and returns the status and the body.
    pub(crate) fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    }

    /// Makes a call that has to fail, and returns the text of the error.
    pub(crate) fn refused(&self, name: &str, arguments: &Value) -> String {
        let answer = self.ask("tools/call", Some(name), json!({ "name": name, "arguments": arguments }));
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        answer["result"]["content"][0]["text"].as_str().unwrap().to_owned()
    }

    pub(crate) fn reload(&self) {
        let count = |told: &String| told.matches("serving the changed files").count();
        let told = self.told.text.lock().unwrap();
        let before = count(&told);
        hang_up(&self.pid());
        let waits = |told: &mut String| count(told) == before;
        let (told, waited) = self.told.more.wait_timeout_while(told, Duration::from_secs(60), waits).unwrap();
        assert!(!waited.timed_out(), "{told}");
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
