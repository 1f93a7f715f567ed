//! A server that answers from a script and records the requests.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Leaks a value so that static tables can hold it.
pub(super) fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A request as the server received it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The method and the target.
    pub(super) line: String,
    pub(super) head: String,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn is(&self, path: &str) -> bool {
        self.line.split(' ').nth(1).is_some_and(|target| target.split('?').next() == Some(path))
    }

    /// Whether the form contains `pair`, as in `name=value`.
    pub(super) fn has(&self, pair: &str) -> bool {
        self.body.split('&').any(|said| said == pair)
    }

    /// Returns the value of a name in the form or the query.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        pair(&self.body, name)
    }
}

/// Returns the value of `name` in a form or a query.
pub(super) fn pair<'a>(pairs: &'a str, name: &str) -> Option<&'a str> {
    pairs.split(['&', '?']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// A scripted server on this machine.
pub(super) struct Script {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Script {
    /// Starts a server that answers each request with the result of `answer`. If the result is empty, the server
    /// sends no response.
    pub(super) async fn start(answer: impl Fn(&Asked, usize) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                tokio::spawn(async move {
                    let Some(request) = read(&mut stream).await else { return };
                    let number = {
                        let mut log = log.lock().unwrap();
                        log.push(request.clone());
                        log.len()
                    };
                    let reply = answer(&request, number);
                    if reply.is_empty() {
                        // Waits until the client closes the connection.
                        let _ = stream.read(&mut [0]).await;
                    }
                    let _ = stream.write_all(reply.as_bytes()).await;
                });
            }
        });
        Self { url, asked }
    }

    pub(super) fn at(&self, path: &str) -> &'static str {
        leak(format!("{}{path}", self.url))
    }

    /// Returns all requests that were received so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits for the first request.
    pub(super) async fn is_asked(&self) {
        while self.asked().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    pub(super) fn last(&self) -> Asked {
        self.asked().pop().unwrap()
    }
}

/// Returns a URL where no server listens any more.
pub(super) async fn nowhere(path: &str) -> &'static str {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    leak(format!("http://{}{path}", listener.local_addr().unwrap()))
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .and_then(|length| length.parse().ok())
            });
            if body.len() >= length.unwrap_or(0) {
                let line = head.lines().next().unwrap_or_default().to_owned();
                return Some(Asked { line, head: head.to_owned(), body: body.to_owned() });
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&more[..read]),
        }
    }
}

/// Builds a reply with a status, media type and body.
pub(super) fn reply(status: u16, media_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Builds a reply with status 200 and a JSON body.
pub(super) fn gives(body: &Value) -> String {
    reply(200, "application/json", &body.to_string())
}

/// Builds the reply of a server that refuses a request with the OAuth error `code`.
pub(super) fn refuses(code: &str) -> String {
    reply(400, "application/json;charset=utf-8", &serde_json::json!({ "error": code }).to_string())
}
