//! An MCP server over HTTP that answers as a test wants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What the server does with a request.
pub(crate) enum Reply {
    /// Answers with this result.
    Result(Value),
    /// Answers with this whole message.
    Message(Value),
    /// Never answers, and keeps the connection.
    Hang,
    /// Closes the connection.
    Die,
    /// Answers with a result of so many bytes.
    Flood(usize),
}

type Answer = dyn Fn(&str, &Value) -> Reply + Send + Sync;

/// A server. Its threads end with the test's process.
pub(crate) struct FakeServer {
    pub(crate) url: String,
    requests: Mutex<Receiver<Value>>,
}

impl FakeServer {
    /// Starts a server with one tool, which `answer` can do otherwise.
    pub(crate) fn start(answer: impl Fn(&str, &Value) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        let answer: Arc<Answer> =
            Arc::new(move |method, message| answer(method, message).unwrap_or_else(|| usual(method)));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, sender) = (Arc::clone(&answer), sender.clone());
                std::thread::spawn(move || serve(stream, &*answer, &sender));
            }
        });
        Self { url, requests: Mutex::new(requests) }
    }

    /// The requests since the last call of this function, with their headers as the member `headers`.
    pub(crate) fn taken(&self) -> Vec<Value> {
        self.requests.lock().unwrap().try_iter().collect()
    }

    /// The methods of the requests since the last call.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.taken().iter().map(|it| it["method"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

fn usual(method: &str) -> Reply {
    Reply::Result(match method {
        "initialize" => json!({
            "protocolVersion": "2025-06-18",
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "fake", "version": "1" },
        }),
        "tools/list" => json!({ "tools": [tool("greet", "Greets.")] }),
        "tools/call" => json!({ "content": [{ "type": "text", "text": "hello" }] }),
        _ => json!({}),
    })
}

/// A tool without arguments.
pub(crate) fn tool(name: &str, description: &str) -> Value {
    json!({ "name": name, "description": description, "inputSchema": { "type": "object" } })
}

fn serve(stream: TcpStream, answer: &Answer, sender: &Sender<Value>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(mut message) = read(&mut reader) {
        let (id, method) = (message["id"].clone(), message["method"].as_str().unwrap_or_default().to_owned());
        let _ = sender.send(message.clone());
        let Value::Object(fields) = &mut message else { return };
        fields.remove("headers");
        if id.is_null() {
            let _ = writer.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
            continue;
        }
        let body = match answer(&method, &message) {
            Reply::Result(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string(),
            Reply::Message(message) => message.to_string(),
            Reply::Hang => {
                // The other side closes the connection in the end.
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
            Reply::Die => return,
            Reply::Flood(bytes) => flood(&id, bytes),
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}

fn flood(id: &Value, bytes: usize) -> String {
    let text = "x".repeat(bytes);
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}]}}}}"
    )
}

/// Reads a request: its message, with its headers as a member.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut headers = serde_json::Map::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                headers.insert(name.to_ascii_lowercase(), value.trim().into());
            }
        }
    }
    let length = headers.get("content-length").and_then(|it| it.as_str()?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut message: Value = serde_json::from_slice(&body).unwrap_or_else(|_| json!({}));
    message.as_object_mut()?.insert("headers".to_owned(), headers.into());
    Some(message)
}
