//! A server process that a documented command starts, and requests to it.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::mem;
use std::process::{Child, ChildStderr, Command, ExitStatus};

/// A running server that has printed its URL.
pub(crate) struct Server {
    child: Child,
    lines: BufReader<ChildStderr>,
    pub(crate) log: String,
    pub(crate) url: String,
}

impl Server {
    /// Starts a server whose stderr is a pipe.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        let mut server = Self { child, lines, log: String::new(), url: String::new() };
        while server.url.is_empty() {
            let mut line = String::new();
            assert!(server.lines.read_line(&mut line).unwrap() > 0, "{command:?}\n{}", server.log);
            server.log.push_str(&line);
            if let Some(url) = line.strip_prefix("serving at ") {
                url.split([',', '\n']).next().unwrap().clone_into(&mut server.url);
            }
        }
        server
    }

    pub(crate) fn address(&self) -> &str {
        self.url.split_once("://").unwrap().1.strip_suffix("/mcp").unwrap()
    }

    /// Sends SIGTERM. Returns the exit status and the log of the server.
    pub(crate) fn stop(mut self) -> (ExitStatus, String) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.lines.read_to_string(&mut self.log).unwrap();
        (self.child.wait().unwrap(), mem::take(&mut self.log))
    }
}

impl Drop for Server {
    /// Kills the server if the test has failed before it called `stop`.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request, and reads the reply until the server closes the connection.
pub(crate) fn exchange(mut stream: impl Read + Write, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    stream.flush().unwrap();
    let mut reply = Vec::new();
    let ended = stream.read_to_end(&mut reply);
    let reply = String::from_utf8(reply).unwrap();
    assert!(ended.is_ok() || reply.starts_with("HTTP/1.1 200 "), "{ended:?}\n{reply}");
    reply
}
