//! An HTTP server of files at loopback.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server of files. A file whose content begins with `http://` is a redirect to it.
pub(crate) struct FileServer {
    pub(crate) origin: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl FileServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let files = Arc::<Mutex<BTreeMap<String, Vec<u8>>>>::default();
        let served = Arc::clone(&files);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                std::thread::spawn(move || answer(&stream, &served));
            }
        });
        Self { origin, files }
    }

    /// Adds a file, and returns its URL.
    pub(crate) fn add(&self, path: &str, content: impl Into<Vec<u8>>) -> String {
        self.files.lock().unwrap().insert(path.to_owned(), content.into());
        format!("{}{path}", self.origin)
    }
}

fn answer(stream: &TcpStream, files: &Mutex<BTreeMap<String, Vec<u8>>>) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = first.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().replace("%2f", "/").replace("%2F", "/");
    let found = files.lock().unwrap().get(&path).cloned();
    let (status, more, body) = match found {
        None => ("404 Not Found", String::new(), Vec::new()),
        Some(to) if to.starts_with(b"http://") => {
            ("302 Found", format!("location: {}\r\n", String::from_utf8(to).unwrap()), Vec::new())
        }
        Some(body) => ("200 OK", String::new(), body),
    };
    let kind = if body.starts_with(b"<") { "text/html" } else { "application/json" };
    let head = format!(
        "HTTP/1.1 {status}\r\n{more}content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = stream;
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}
