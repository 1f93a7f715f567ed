//! Reads the body of a reply, with limits on the time, the size and the number of events.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::response::Parts;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use super::coding::Decoder;
use super::error::SendError;
use super::media::{BodyKind, MediaType};
use super::reply::Reply;
use super::send_problem::ReplyProblem;
use super::stream::{MOST_EVENTS, Splitter};
use super::time_limits::PhaseLimits;
use crate::common::budget::{BudgetExceeded, CallScope, GRACE, Late};
use crate::common::progress::Progress;
use crate::common::text::amount;

/// The size limits of the body of a success reply, of a stream, and of an error reply.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
const STREAM_LIMIT: usize = 1024 * 1024;
const FAILURE_LIMIT: usize = 256 * 1024;

/// The decompressed size of a chunk after which the task yields to other tasks.
const YIELD_AFTER: usize = 64 * 1024;

/// Reads the body of a response within its size limit. A stream that is still open at the deadline is truncated. Any other body has to be
/// complete at the deadline.
pub(crate) async fn receive(
    mut head: Parts,
    body: Incoming,
    (deadline, limits): (Instant, &PhaseLimits),
    progress: &Progress,
    address: String,
    scope: &CallScope,
) -> Result<Reply, SendError> {
    let mut reading = Reading::of(&mut head, &body, scope);
    let end = reading.read(body, deadline, limits, progress).await;
    let is_stream = reading.splitter.is_some();
    let caveat = match &end {
        // A truncated error reply is still useful.
        _ if !head.status.is_success() => None,
        End::Broken(why) if reading.events == 0 => {
            return Err(SendError::unreadable(head.status, ReplyProblem::Interrupted(why.clone())));
        }
        End::Late if !is_stream => {
            return Err(SendError::unreadable(head.status, ReplyProblem::Late));
        }
        End::Stalled(seconds) if !is_stream => {
            return Err(SendError::unreadable(head.status, ReplyProblem::Stalled { seconds: *seconds }));
        }
        End::Full(why) if !is_stream => {
            return Err(SendError::unreadable(head.status, ReplyProblem::TooMuch(why.clone())));
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
    let reply = reply.map_err(|Late| SendError::unreadable(status, ReplyProblem::LateDecoding))?;
    Ok(reply.with_caveat(caveat).held_in(scope.clone()))
}

struct Reading<'s> {
    /// The call whose budget the bytes count against.
    scope: &'s CallScope,
    bytes: Vec<u8>,
    limit: usize,
    /// Set if the body is compressed.
    decoder: Option<Decoder>,
    /// Set if the body is a stream.
    splitter: Option<Splitter>,
    events: usize,
}

enum End {
    Whole,
    Late,
    /// The body stalled for this many seconds.
    Stalled(u64),
    Large,
    Many,
    /// All calls together have reached the byte limit.
    Full(BudgetExceeded),
    Broken(String),
}

impl<'s> Reading<'s> {
    fn of(head: &mut Parts, body: &Incoming, scope: &'s CallScope) -> Self {
        let field = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = MediaType::parse(field.unwrap_or_default()).kind();
        let (splitter, limit) = match kind {
            _ if !head.status.is_success() => (None, FAILURE_LIMIT),
            BodyKind::Events(format) => (Some(Splitter::new(format)), STREAM_LIMIT),
            _ => (None, BODY_LIMIT),
        };
        // The reply to a HEAD request declares the coding of a body that it does not contain.
        let decoder = if body.is_end_stream() { None } else { Decoder::of(&mut head.headers) };
        Self { scope, bytes: Vec::new(), limit, decoder, splitter, events: 0 }
    }

    async fn read(
        &mut self,
        mut body: Incoming,
        deadline: Instant,
        limits: &PhaseLimits,
        progress: &Progress,
    ) -> End {
        loop {
            let until = limits.next_bytes_until(deadline);
            let data = match timeout_at(until, body.frame()).await {
                Err(_) if until < deadline => {
                    return End::Stalled(limits.between_bytes.unwrap_or_default().as_secs());
                }
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
                    // A few compressed bytes may decompress to very many, so the task yields to other tasks
                    // of this thread.
                    tokio::task::yield_now().await;
                    if Instant::now() >= deadline {
                        return End::Late;
                    }
                }
            }
        }
    }

    /// Adds the bytes that fit into the limits. Returns the reason if reading has to stop.
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
    /// Returns the caveat of a stream that was truncated after `events` events.
    fn cut(&self, events: usize) -> String {
        let why = match self {
            Self::Late => "the stream timed out".to_owned(),
            Self::Stalled(seconds) => format!("no more data came for {seconds} seconds"),
            Self::Broken(error) => format!("the stream was interrupted: {error}"),
            Self::Full(why) => why.to_string(),
            Self::Large => format!("the limit of {} was reached", amount(STREAM_LIMIT)),
            _ => "no more events are read".to_owned(),
        };
        let events =
            if events == 1 { "1 event".to_owned() } else { format!("{} events", events.min(MOST_EVENTS)) };
        format!("This is only the beginning of a stream: after {events}, {why}.")
    }
}
