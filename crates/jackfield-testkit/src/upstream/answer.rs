use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::Recorded;

/// An answer of the upstream, which may be faulty on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, in order. `content-length` is added if it is missing.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    delay: Duration,
    delivery: Delivery,
}

/// The way in which the answer is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Delivery {
    Whole,
    Chunks(Vec<Vec<u8>>),
    Cut(usize),
    Repeated { times: usize, pause: Duration },
    Raw,
    HangUp,
    Hang,
    Reset(usize),
    Drip(Duration),
    Filled(u64),
}

/// The state of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Reuse,
    Close,
    Reset,
}

impl Answer {
    /// Creates an answer with a JSON body.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::of(status, value.to_string().into_bytes()).header("content-type", "application/json")
    }

    /// Creates an answer with a plain-text body.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self::of(status, text.into().into_bytes()).header("content-type", "text/plain; charset=utf-8")
    }

    /// Creates an answer with a body of bytes and the given media type.
    pub fn bytes(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::of(status, body.into()).header("content-type", media_type)
    }

    /// Creates an answer without a body.
    pub const fn empty(status: u16) -> Self {
        Self::of(status, Vec::new())
    }

    /// Creates an answer that closes the connection without sending anything.
    pub fn hang_up() -> Self {
        Self { delivery: Delivery::HangUp, ..Self::empty(0) }
    }

    /// Creates an answer that is never sent. The connection stays open.
    pub fn hang() -> Self {
        Self { delivery: Delivery::Hang, ..Self::empty(0) }
    }

    /// Creates a malformed answer: the bytes are sent unchanged, and the connection is closed.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { delivery: Delivery::Raw, ..Self::of(0, bytes.into()) }
    }

    const fn of(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body, delay: Duration::ZERO, delivery: Delivery::Whole }
    }

    /// Adds a header. Existing headers are kept, so a header can occur twice.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Delays the answer.
    #[must_use]
    pub const fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends the body in the given chunks, with a separate write for each chunk.
    #[must_use]
    pub fn chunked(mut self, chunks: Vec<Vec<u8>>) -> Self {
        self.body = chunks.concat();
        self.delivery = Delivery::Chunks(chunks);
        self
    }

    /// Repeats the body `times` times, as separate chunks with a pause in between. A large number makes an endless stream.
    #[must_use]
    pub fn repeated(mut self, times: usize, pause: Duration) -> Self {
        self.delivery = Delivery::Repeated { times, pause };
        self
    }

    /// Closes the connection after the given number of bytes of the body, although `content-length` announces the full length.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.delivery = Delivery::Cut(bytes);
        self
    }

    /// Resets the connection after the given number of bytes of the body.
    #[must_use]
    pub fn reset_after(mut self, bytes: usize) -> Self {
        self.delivery = Delivery::Reset(bytes);
        self
    }

    /// Sends the body byte by byte, with a pause before each byte.
    #[must_use]
    pub fn dripped(mut self, pause: Duration) -> Self {
        self.delivery = Delivery::Drip(pause);
        self
    }

    /// Repeats the body until it has the given length, which `content-length` announces.
    #[must_use]
    pub fn filled_to(mut self, length: u64) -> Self {
        self.delivery = Delivery::Filled(length);
        self
    }

    /// Sends the answer, and returns what happens to the connection.
    pub(super) async fn write<W>(&self, request: &Recorded, to: &mut W) -> io::Result<After>
    where
        W: AsyncWrite + Unpin,
    {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        match &self.delivery {
            Delivery::HangUp => return Ok(After::Close),
            Delivery::Hang => {
                // This is much longer than any call waits. The answer still ends, because connections of clients that have gone must not
                // stay open forever.
                tokio::time::sleep(Duration::from_secs(600)).await;
                return Ok(After::Close);
            }
            Delivery::Raw => to.write_all(&self.body).await?,
            _ => {
                let mut bytes = self.head();
                let bodiless = request.method == "HEAD" || self.never_has_a_body();
                match &self.delivery {
                    _ if bodiless => {}
                    Delivery::Cut(length) | Delivery::Reset(length) => {
                        bytes.extend_from_slice(&self.body[..self.body.len().min(*length)]);
                    }
                    Delivery::Drip(pause) => {
                        to.write_all(&bytes).await?;
                        bytes.clear();
                        for byte in &self.body {
                            to.flush().await?;
                            tokio::time::sleep(*pause).await;
                            to.write_all(&[*byte]).await?;
                        }
                    }
                    Delivery::Filled(length) => {
                        to.write_all(&bytes).await?;
                        bytes.clear();
                        let mut rest = *length;
                        while rest > 0 && !self.body.is_empty() {
                            let part = usize::try_from(rest).unwrap_or(usize::MAX).min(self.body.len());
                            to.write_all(&self.body[..part]).await?;
                            rest -= part as u64;
                        }
                    }
                    Delivery::Chunks(chunks) => {
                        to.write_all(&bytes).await?;
                        bytes.clear();
                        for chunk in chunks {
                            write_chunk(chunk, to).await?;
                        }
                        bytes.extend_from_slice(b"0\r\n\r\n");
                    }
                    Delivery::Repeated { times, pause } => {
                        to.write_all(&bytes).await?;
                        bytes.clear();
                        for _ in 0..*times {
                            write_chunk(&self.body, to).await?;
                            if !pause.is_zero() {
                                tokio::time::sleep(*pause).await;
                            }
                        }
                        bytes.extend_from_slice(b"0\r\n\r\n");
                    }
                    _ => bytes.extend_from_slice(&self.body),
                }
                to.write_all(&bytes).await?;
            }
        }
        to.flush().await?;
        Ok(match self.delivery {
            Delivery::Reset(_) => After::Reset,
            Delivery::Raw | Delivery::Cut(_) => After::Close,
            _ if self.closes() => After::Close,
            _ => After::Reuse,
        })
    }

    /// Sends the answer to bytes that are not a valid request.
    pub(super) async fn write_last<W>(self, to: &mut W) -> io::Result<()>
    where
        W: AsyncWrite + Unpin,
    {
        let answer = self.header("connection", "close");
        to.write_all(&[answer.head(), answer.body].concat()).await
    }

    fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let framed = self.has_header("content-length") || self.has_header("transfer-encoding");
        if !framed && !self.never_has_a_body() {
            match &self.delivery {
                Delivery::Chunks(_) | Delivery::Repeated { .. } => {
                    head.push_str("transfer-encoding: chunked\r\n");
                }
                Delivery::Filled(length) => head.push_str(&format!("content-length: {length}\r\n")),
                _ => head.push_str(&format!("content-length: {}\r\n", self.body.len())),
            }
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }

    fn closes(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("connection") && value.trim().eq_ignore_ascii_case("close")
        })
    }

    const fn never_has_a_body(&self) -> bool {
        matches!(self.status, 100..=199 | 204 | 304)
    }
}

async fn write_chunk<W: AsyncWrite + Unpin>(chunk: &[u8], to: &mut W) -> io::Result<()> {
    // A chunk of length zero would end the body.
    if chunk.is_empty() {
        return Ok(());
    }
    to.write_all(&[format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()).await?;
    to.flush().await
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        // Clients ignore the reason phrase.
        _ => "",
    }
}
