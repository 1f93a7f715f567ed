//! An MCP server over HTTP whose replies are chosen by the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// The reaction of the server to a request.
pub(crate) enum Reply {
    /// Answers with this result.
    Result(Value),
    /// Answers with this result, and begins a session.
    Session(Value),
    /// Answers with this status and no message.
    Status(u16),
    /// Answers with this whole message.
    Message(Value),
    /// Never answers, and keeps the connection open.
    Hang,
    /// Closes the connection.
    Die,
    /// Answers with a result of this many bytes.
    Flood(usize),
    /// Answers with a stream of messages.
    Talk(Box<dyn FnOnce(&mut Talk) + Send>),
}

/// The event stream of a reply, on which the server sends requests, notifications and the result.
pub(crate) struct Talk {
    writer: TcpStream,
    id: Value,
    answers: Arc<Answers>,
}

/// The answers of the client to questions of the server.
type Answers = (Mutex<Vec<Value>>, Condvar);

impl Talk {
    /// Sends a message. Returns false if the client has closed the stream.
    pub(crate) fn say(&mut self, message: &Value) -> bool {
        let event = format!("event: message\ndata: {message}\n\n");
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        self.writer.write_all(chunk.as_bytes()).is_ok()
    }

    /// Sends the result of the request.
    pub(crate) fn finish(&mut self, result: &Value) {
        let id = self.id.clone();
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// Sends a request to the client, and returns the client's response.
    pub(crate) fn ask(&mut self, id: &str, method: &str, params: &Value) -> Value {
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.answer_to(id)
    }

    /// Waits for the client's response to the request with this id.
    pub(crate) fn answer_to(&self, id: &str) -> Value {
        let (answers, told) = &*self.answers;
        let mut answers = answers.lock().unwrap();
        loop {
            if let Some(at) = answers.iter().position(|answer| answer["id"] == id) {
                return answers.remove(at);
            }
            let (next, waited) = told.wait_timeout(answers, Duration::from_secs(60)).unwrap();
            assert!(!waited.timed_out(), "nobody has answered {id}");
            answers = next;
        }
    }
}

type Answer = dyn Fn(&str, &Value) -> Reply + Send + Sync;

/// A server. Its threads end with the test's process.
pub(crate) struct FakeServer {
    pub(crate) url: String,
    requests: Mutex<Receiver<Value>>,
    /// The number of open connections that never get a response.
    pub(crate) held: Arc<AtomicUsize>,
}

impl FakeServer {
    /// Starts a server with one tool. If `answer` returns `None` for a request, the default reply is sent.
    pub(crate) fn start(answer: impl Fn(&str, &Value) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        let answer: Arc<Answer> =
            Arc::new(move |method, message| answer(method, message).unwrap_or_else(|| usual(method)));
        let held = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&held);
        let answers = Arc::<Answers>::default();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, sender, held) = (Arc::clone(&answer), sender.clone(), Arc::clone(&counted));
                let answers = Arc::clone(&answers);
                std::thread::spawn(move || serve(stream, &*answer, &sender, &held, &answers));
            }
        });
        Self { url, requests: Mutex::new(requests), held }
    }

    /// Returns and removes the recorded requests. Each has its HTTP headers as the member `headers`.
    pub(crate) fn taken(&self) -> Vec<Value> {
        self.requests.lock().unwrap().try_iter().collect()
    }

    /// Returns the methods of the recorded requests, and removes the requests.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.taken().iter().map(|it| it["method"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Returns the result of `initialize`.
pub(crate) fn hello() -> Value {
    json!({
        "protocolVersion": "2025-06-18",
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "fake", "version": "1" },
    })
}

fn usual(method: &str) -> Reply {
    Reply::Result(match method {
        "initialize" => hello(),
        "tools/list" => json!({ "tools": [tool("greet", "Greets.")] }),
        "tools/call" => json!({ "content": [{ "type": "text", "text": "hello" }] }),
        _ => json!({}),
    })
}

/// Returns the definition of a tool without arguments.
pub(crate) fn tool(name: &str, description: &str) -> Value {
    json!({ "name": name, "description": description, "inputSchema": { "type": "object" } })
}

fn serve(
    stream: TcpStream,
    answer: &Answer,
    sender: &Sender<Value>,
    held: &AtomicUsize,
    answers: &Arc<Answers>,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(mut message) = read(&mut reader) {
        if message["headers"].get("delete /mcp http/1.1").is_some() {
            message["method"] = "DELETE".into();
        }
        if message["headers"].get("get /mcp http/1.1").is_some() {
            message["method"] = "GET".into();
        }
        if message.get("method").is_none() && message.get("id").is_some() {
            let _ = sender.send(message.clone());
            answers.0.lock().unwrap().push(message);
            answers.1.notify_all();
            let _ = writer.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
            continue;
        }
        let (id, method) = (message["id"].clone(), message["method"].as_str().unwrap_or_default().to_owned());
        let _ = sender.send(message.clone());
        let Value::Object(fields) = &mut message else { return };
        fields.remove("headers");
        let reply = answer(&method, &message);
        if id.is_null() && !matches!(reply, Reply::Hang | Reply::Talk(_)) {
            let _ = writer.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
            continue;
        }
        let (mut session, mut status) = ("", 200);
        let body = match reply {
            Reply::Session(result) => {
                session = "mcp-session-id: 1\r\n";
                json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
            }
            Reply::Status(code) => {
                status = code;
                String::new()
            }
            Reply::Result(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string(),
            Reply::Message(message) => message.to_string(),
            Reply::Hang => {
                // The read ends when the client closes the connection.
                held.fetch_add(1, Ordering::SeqCst);
                let _ = reader.read_to_end(&mut Vec::new());
                held.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            Reply::Die => return,
            Reply::Talk(talk) => {
                let head = b"HTTP/1.1 200 Said\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                let _ = writer.write_all(head);
                let (stream, answers) = (writer.try_clone().unwrap(), Arc::clone(answers));
                let mut said = Talk { writer: stream, id, answers };
                talk(&mut said);
                let _ = writer.write_all(b"0\r\n\r\n");
                continue;
            }
            Reply::Flood(bytes) => flood(&id, bytes),
        };
        let head = format!(
            "HTTP/1.1 {status} Said\r\n{session}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
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

/// Reads a request. Returns its JSON message with the HTTP headers as a member.
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
