//! Reads the body of a reply, within bounds of time, size and number.

use std::borrow::Cow;

use bytes::Bytes;
use http::response::Parts;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use super::coding::Decoder;
use super::error::SendError;
use super::media::{Kind, MediaType};
use super::reply::Reply;
use super::stream::{MOST_EVENTS, Splitter};
use crate::common::budget::{BudgetExceeded, CallScope, GRACE, Late};
use crate::common::progress::Progress;
use crate::common::text::amount;

/// What a reply may hold; what one may that comes part by part; and how much of a failure is of use.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
const STREAM_LIMIT: usize = 1024 * 1024;
const FAILURE_LIMIT: usize = 256 * 1024;

/// A piece that decompresses to more gives the thread to others before the next.
const YIELD_AFTER: usize = 64 * 1024;

/// The reply of that head: a stream as far as it came, a failure as far as it is of use, anything else whole, or the
/// beginning of it where it is large.
pub(crate) async fn receive(
    mut head: Parts,
    body: Incoming,
    deadline: Instant,
    progress: &Progress,
    address: String,
    scope: &CallScope,
) -> Result<Reply, SendError> {
    let mut reading = Reading::of(&mut head, &body, scope);
    let end = reading.read(body, deadline, progress).await;
    let is_stream = reading.splitter.is_some();
    let caveat = match &end {
        // What came of it tells of the failure, whole or not.
        _ if !head.status.is_success() => None,
        End::Broken(why) if reading.events == 0 => {
            return Err(SendError::unreadable(head.status, format!("it broke off: {why}")));
        }
        End::Late if !is_stream => {
            return Err(SendError::unreadable(head.status, "it did not end in time"));
        }
        End::Full(why) if !is_stream => {
            return Err(SendError::unreadable(head.status, why.to_string()));
        }
        End::Whole => None,
        _ => is_stream.then(|| end.cut(reading.events)),
    };
    let is_whole = matches!(end, End::Whole);
    let length = reading.bytes.len();
    let body = Bytes::from(reading.bytes);
    let status = head.status;
    let decode = move || Reply::new(head.status, head.headers, body, is_whole, address);
    let reply = scope.compute(length, deadline + GRACE, decode).await;
    let reply = reply.map_err(|Late| SendError::unreadable(status, "it could not be decoded in time"))?;
    Ok(reply.with_caveat(caveat).held_in(scope.clone()))
}

struct Reading<'s> {
    /// Where the bytes are counted.
    scope: &'s CallScope,
    bytes: Vec<u8>,
    limit: usize,
    /// For what is compressed.
    decoder: Option<Decoder>,
    /// For a stream.
    splitter: Option<Splitter>,
    events: usize,
}

/// Why the reading ended.
enum End {
    Whole,
    Late,
    Large,
    Many,
    /// The calls in flight hold as much as they may.
    Full(BudgetExceeded),
    Broken(String),
}

impl<'s> Reading<'s> {
    fn of(head: &mut Parts, body: &Incoming, scope: &'s CallScope) -> Self {
        let field = head.headers.get("content-type").and_then(|value| value.to_str().ok());
        let kind = MediaType::parse(field.unwrap_or_default()).kind();
        let (splitter, limit) = match kind {
            _ if !head.status.is_success() => (None, FAILURE_LIMIT),
            Kind::Events(format) => (Some(Splitter::new(format)), STREAM_LIMIT),
            _ => (None, BODY_LIMIT),
        };
        // The answer to a HEAD names the coding of a body that does not come.
        let decoder = if body.is_end_stream() { None } else { Decoder::of(&mut head.headers) };
        Self { scope, bytes: Vec::new(), limit, decoder, splitter, events: 0 }
    }

    async fn read(&mut self, mut body: Incoming, deadline: Instant, progress: &Progress) -> End {
        loop {
            let data = match timeout_at(deadline, body.frame()).await {
                Err(_) => return End::Late,
                Ok(None) => return self.decoder.as_mut().map_or(Ok(()), Decoder::finish).into(),
                Ok(Some(Err(error))) => return End::Broken(error.to_string()),
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            };
            let size = if self.decoder.is_some() { Decoder::PIECE } else { data.len().max(1) };
            for piece in data.chunks(size) {
                let piece = match self.decoder.as_mut().map(|decoder| decoder.decode(piece)) {
                    None => Cow::Borrowed(piece),
                    Some(Ok(decoded)) => Cow::Owned(decoded),
                    Some(Err(error)) => return End::Broken(error.to_string()),
                };
                let decoded = piece.len();
                if let Some(end) = self.take(&piece, progress) {
                    return end;
                }
                if decoded > YIELD_AFTER {
                    // Few bytes may come to many, and others wait for this thread.
                    tokio::task::yield_now().await;
                    if Instant::now() >= deadline {
                        return End::Late;
                    }
                }
            }
        }
    }

    /// Takes what fits, and tells whether that is enough.
    fn take(&mut self, data: &[u8], progress: &Progress) -> Option<End> {
        let fitting = &data[..data.len().min(self.limit - self.bytes.len())];
        if let Err(why) = self.scope.hold(fitting.len()) {
            return Some(End::Full(why));
        }
        self.bytes.extend_from_slice(fitting);
        if let Some(splitter) = &mut self.splitter {
            self.events += splitter.feed(fitting).len();
            progress.tell(self.events.min(MOST_EVENTS) as u64);
            if splitter.is_done() {
                return Some(End::Whole);
            }
            if self.events > MOST_EVENTS {
                return Some(End::Many);
            }
        }
        (fitting.len() < data.len()).then_some(End::Large)
    }
}

impl From<std::io::Result<()>> for End {
    fn from(finished: std::io::Result<()>) -> Self {
        finished.map_or_else(|error| Self::Broken(error.to_string()), |()| Self::Whole)
    }
}

impl End {
    /// Of a stream whose beginning is handed over.
    fn cut(&self, events: usize) -> String {
        let why = match self {
            Self::Late => "its time was over".to_owned(),
            Self::Broken(error) => format!("it broke off: {error}"),
            Self::Full(why) => why.to_string(),
            Self::Large => format!("{} were full", amount(STREAM_LIMIT)),
            _ => "more are not read".to_owned(),
        };
        let events =
            if events == 1 { "1 event".to_owned() } else { format!("{} events", events.min(MOST_EVENTS)) };
        format!("This is the beginning of a stream: after {events} {why}.")
    }
}
