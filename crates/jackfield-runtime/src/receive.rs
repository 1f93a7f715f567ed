//! Reads the body of a reply, within bounds of time, size and number.

use bytes::Bytes;
use http::StatusCode;
use http::response::Parts;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use crate::client::SendError;
use crate::progress::Progress;
use crate::reply::{Kind, MOST_EVENTS, MediaType, Reply, Splitter};
use crate::result::amount;

/// What a reply may hold; what one may that comes part by part; and how much of a failure is of use.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
const STREAM_LIMIT: usize = 1024 * 1024;
const FAILURE_LIMIT: usize = 256 * 1024;

/// The reply of that head: a stream as far as it came, a failure as far as it is of use, anything else whole.
pub(crate) async fn receive(
    head: Parts,
    body: Incoming,
    deadline: Instant,
    progress: &Progress,
    address: &str,
) -> Result<Reply, SendError> {
    let mut reading = Reading::of(&head);
    let (bytes, end) = reading.read(body, deadline, progress).await;
    let caveat = match end {
        End::Whole => None,
        // What came of it tells of the failure, whole or not.
        _ if !head.status.is_success() => None,
        End::Broken(_) if reading.events == 0 => return Err(end.problem(head.status, reading.limit)),
        _ if reading.splitter.is_some() => Some(end.cut(reading.events, reading.limit)),
        _ => return Err(end.problem(head.status, reading.limit)),
    };
    Ok(Reply::new(head.status, head.headers, Bytes::from(bytes), address).with_caveat(caveat))
}

struct Reading {
    /// For a stream.
    splitter: Option<Splitter>,
    events: usize,
    limit: usize,
}

/// Why the reading ended.
enum End {
    Whole,
    Late,
    Large,
    Many,
    Broken(String),
}

impl Reading {
    fn of(head: &Parts) -> Self {
        let field = head.headers.get("content-type").and_then(|value| value.to_str().ok());
        let kind = MediaType::parse(field.unwrap_or_default()).kind();
        let (splitter, limit) = match kind {
            _ if !head.status.is_success() => (None, FAILURE_LIMIT),
            Kind::Events(format) => (Some(Splitter::new(format)), STREAM_LIMIT),
            _ => (None, BODY_LIMIT),
        };
        Self { splitter, events: 0, limit }
    }

    async fn read(&mut self, mut body: Incoming, deadline: Instant, progress: &Progress) -> (Vec<u8>, End) {
        let mut bytes = Vec::new();
        loop {
            let data = match timeout_at(deadline, body.frame()).await {
                Err(_) => return (bytes, End::Late),
                Ok(None) => return (bytes, End::Whole),
                Ok(Some(Err(error))) => return (bytes, End::Broken(error.to_string())),
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            };
            let fitting = &data[..data.len().min(self.limit - bytes.len())];
            bytes.extend_from_slice(fitting);
            if let Some(splitter) = &mut self.splitter {
                self.events += splitter.feed(fitting).len();
                progress.tell(self.events as u64);
                if splitter.is_done() {
                    return (bytes, End::Whole);
                }
                if self.events >= MOST_EVENTS {
                    return (bytes, End::Many);
                }
            }
            if fitting.len() < data.len() {
                return (bytes, End::Large);
            }
        }
    }
}

impl End {
    /// Of a reply that is of no use unless it is whole.
    fn problem(&self, status: StatusCode, limit: usize) -> SendError {
        SendError::unanswered(match self {
            Self::Late => format!("the reply, {status}, did not end in time"),
            Self::Broken(error) => format!("the reply, {status}, broke off: {error}"),
            _ => format!("the reply, {status}, is larger than {}", amount(limit)),
        })
    }

    /// Of a stream whose beginning is handed over.
    fn cut(&self, events: usize, limit: usize) -> String {
        let why = match self {
            Self::Late => "its time was over".to_owned(),
            Self::Broken(error) => format!("it broke off: {error}"),
            Self::Large => format!("{} were full", amount(limit)),
            _ => "more are not read".to_owned(),
        };
        let events =
            if events == 1 { "1 event".to_owned() } else { format!("{} events", events.min(MOST_EVENTS)) };
        format!("This is the beginning of a stream: after {events} {why}.")
    }
}
