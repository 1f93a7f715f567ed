//! Clients that call one tool repeatedly, with a given number of concurrent calls.

use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;

use crate::failure::Failure;

/// Creates a tool call. The result has to contain the title of the book.
fn call(id: usize) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
        "name": "get_book", "arguments": { "bookId": "bk_0117" } } })
}

fn check(answer: &str) -> Result<(), Failure> {
    match answer.contains("Tailor of Gloucester") && !answer.contains("\"isError\":true") {
        true => Ok(()),
        false => Err(Failure::new(format!("a call was not answered with the book: {answer}"))),
    }
}

/// A client of a server over stdio.
pub(in crate::bench) struct Piped {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Piped {
    /// Starts the server, and sends the handshake of revision 2025-06-18.
    pub(in crate::bench) async fn start(mut command: Command) -> Result<Self, Failure> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(Failure::while_("starting a server"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::new("a server process has no pipes for its streams"));
        };
        let mut piped = Self { child, input, lines: BufReader::with_capacity(1 << 16, output).lines() };
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "bench", "version": "0" } } });
        piped.send(&hello).await?;
        piped.line().await?;
        piped.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
        Ok(piped)
    }

    pub(in crate::bench) async fn send(&mut self, message: &Value) -> Result<(), Failure> {
        let line = format!("{message}\n");
        self.input.write_all(line.as_bytes()).await.map_err(Failure::while_("writing to a server"))
    }

    pub(in crate::bench) async fn line(&mut self) -> Result<String, Failure> {
        let line = self.lines.next_line().await.map_err(Failure::while_("reading from a server"))?;
        line.ok_or_else(|| Failure::new("a server has ended"))
    }

    /// Makes `count` calls, with `at_once` calls in flight, and returns the time per call.
    pub(in crate::bench) async fn calls(
        &mut self,
        count: usize,
        at_once: usize,
    ) -> Result<Duration, Failure> {
        let started = Instant::now();
        for id in 0..at_once {
            self.send(&call(id + 1)).await?;
        }
        for answered in 0..count {
            let line = self.line().await?;
            check(&line)?;
            if answered + at_once < count {
                self.send(&call(answered + at_once + 1)).await?;
            }
        }
        Ok(started.elapsed() / u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Closes the input, and waits for the end of the process.
    pub(in crate::bench) async fn end(self) -> Result<(), Failure> {
        let Self { mut child, input, mut lines } = self;
        drop(input);
        while let Ok(Some(_)) = lines.next_line().await {}
        child.wait().await.map(drop).map_err(Failure::while_("waiting for a server"))
    }

    /// Returns the process id of the server.
    pub(in crate::bench) fn id(&self) -> Option<u32> {
        self.child.id()
    }
}

/// A client of a server over HTTP.
#[derive(Clone)]
pub(in crate::bench) struct Posted {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    bearer: Option<String>,
}

impl Posted {
    pub(in crate::bench) fn new(url: &str) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), url: url.to_owned(), bearer: None }
    }

    pub(in crate::bench) fn url(&self) -> &str {
        &self.url
    }

    /// Returns a client that sends this token with each request.
    pub(in crate::bench) fn with_bearer(self, token: Option<String>) -> Self {
        Self { bearer: token, ..self }
    }

    /// Waits until the server accepts connections.
    pub(in crate::bench) async fn ready(&self) -> Result<(), Failure> {
        for _ in 0..200 {
            if self.call(0).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.call(0).await
    }

    async fn call(&self, id: usize) -> Result<(), Failure> {
        check(&self.send(&call(id)).await?)
    }

    /// Sends a message, and returns the answer.
    pub(in crate::bench) async fn send(&self, message: &Value) -> Result<String, Failure> {
        let mut request = hyper::Request::post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(token) = &self.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request =
            request.body(Full::from(message.to_string())).map_err(Failure::while_("making a request"))?;
        let answer = self.client.request(request).await.map_err(Failure::while_("calling over HTTP"))?;
        let body = answer.into_body().collect().await.map_err(Failure::while_("calling over HTTP"))?;
        Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
    }

    /// Makes `count` calls, with `at_once` calls in flight, and returns the time per call.
    pub(in crate::bench) async fn calls(&self, count: usize, at_once: usize) -> Result<Duration, Failure> {
        let own = self.clone();
        together(count, at_once, move |id| {
            let own = own.clone();
            async move { own.call(id).await }
        })
        .await
    }
}

/// Runs `count` jobs, with `at_once` jobs in flight, and returns the time per job.
pub(super) async fn together<F>(
    count: usize,
    at_once: usize,
    job: impl Fn(usize) -> F + Clone + Send + 'static,
) -> Result<Duration, Failure>
where
    F: Future<Output = Result<(), Failure>> + Send,
{
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for worker in 0..at_once {
        let job = job.clone();
        workers.spawn(async move {
            for at in 0..count / at_once {
                job(worker * count + at).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.map_err(Failure::while_("waiting for calls"))??;
    }
    Ok(started.elapsed() / u32::try_from(count / at_once * at_once).unwrap_or(u32::MAX))
}
