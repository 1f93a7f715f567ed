//! Stores the body of a reply in a file while it is received. An interrupted download continues where it stopped, if the service
//! supports range requests.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::coding::Decoder;
use super::error::SendError;
use super::leak_scan::LeakScan;
use super::reply::Reply;
use super::request_body::RequestBody;
use super::send_problem::ReplyProblem;
use super::status_header::StatusHeader;
use super::time_limits::PhaseLimits;
use super::transfer_report::TransferReport;
use crate::call::downloads::{PartialFile, SaveProblem, SaveTarget};
use crate::common::http_date;
use crate::common::progress::Progress;
use crate::common::secret::Secrets;

/// The number of bytes that are written at once.
const WRITTEN: usize = 256 * 1024;

/// The maximum size to which a chunk of a compressed body may decompress.
const MOST_EXPANDED: usize = 16 << 20;

/// Stores the reply of a call, over all attempts of the call.
pub(crate) struct Saving {
    target: SaveTarget,
    /// The credentials of the current attempt.
    secrets: Secrets,
    /// The bytes that an interrupted attempt has received.
    received: Option<Received>,
    /// Whether the current request asks for the rest of the body.
    asks_rest: bool,
    /// Whether the call itself asks for a range.
    has_own_range: bool,
    /// Set if the tool starts jobs. A reply that may be the status of a job is read into memory instead of stored.
    status: Option<StatusHeader>,
}

/// The received part of a body whose download can continue.
struct Received {
    writer: Writer,
    /// The strong `etag` or the `last-modified` of the body.
    validator: HeaderValue,
    total: Option<u64>,
}

struct Writer {
    target: SaveTarget,
    file: PartialFile,
    scan: LeakScan,
}

/// A body that is being received.
struct Arriving {
    writer: Writer,
    decoder: Option<Decoder>,
    /// The length of the whole file, if the service declares it.
    total: Option<u64>,
    /// Set if the download can continue after an interruption.
    validator: Option<HeaderValue>,
    pending: Vec<u8>,
    report: TransferReport,
}

impl Saving {
    pub(crate) fn new(target: SaveTarget) -> Self {
        let secrets = Secrets::default();
        Self { target, secrets, received: None, asks_rest: false, has_own_range: false, status: None }
    }

    /// Sets how a reply that may be the status of a job is recognised.
    pub(crate) fn of_job(self, status: Option<StatusHeader>) -> Self {
        Self { status, ..self }
    }

    /// Adds credentials that the stored file must not contain. The credentials of earlier attempts are kept.
    pub(crate) fn guard(&mut self, secrets: &Secrets) {
        self.secrets.extend(secrets);
    }

    /// Adds the headers that request the rest of an interrupted body. Ranges count encoded bytes, so the body has to be uncompressed.
    /// Ranges are defined only for GET.
    pub(super) fn ask(&mut self, request: &mut Request<RequestBody>) {
        let is_get = request.method() == Method::GET;
        let headers = request.headers_mut();
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
        self.has_own_range = headers.contains_key(RANGE);
        self.asks_rest = false;
        let Some(received) = self.received.as_ref().filter(|_| is_get && !self.has_own_range) else { return };
        if let Ok(range) = HeaderValue::try_from(format!("bytes={}-", received.writer.file.length())) {
            headers.insert(RANGE, range);
            headers.insert(IF_RANGE, received.validator.clone());
            self.asks_rest = true;
        }
    }

    /// Whether a reply is stored in the file. Other replies are read into memory, such as a 202 response, which says that the
    /// service has not finished.
    pub(super) fn stores(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let is_other =
            matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT);
        let is_about_job = || self.status.as_ref().is_some_and(|status| status.may_be_in(headers));
        status.is_success() && !is_other && !is_about_job() || self.is_unsatisfied(status)
    }

    /// Whether a 416 response says that the body is now shorter than the part that was received.
    fn is_unsatisfied(&self, status: StatusCode) -> bool {
        self.asks_rest && status == StatusCode::RANGE_NOT_SATISFIABLE
    }

    /// Stores the body of a reply in the file.
    pub(super) async fn receive(
        &mut self,
        mut head: Parts,
        body: Incoming,
        (deadline, limits): (Instant, &PhaseLimits),
        progress: &Progress,
        address: String,
    ) -> Result<Reply, SendError> {
        let status = head.status;
        let unreadable = |problem| SendError::unreadable(status, problem);
        let arriving = self.begin(&mut head, &body, progress).map_err(unreadable)?;
        let (arriving, end) = arriving.read(body, deadline, limits).await;
        let Err(problem) = end else {
            let Arriving { writer, .. } = arriving;
            let finish = move || writer.file.finish(&writer.target);
            let saved = on_disk(finish).await.map_err(|problem| unreadable(problem.into()))?;
            return Ok(Reply::new(head.status, head.headers, Bytes::new(), true, address).with_saved(saved));
        };
        if let ReplyProblem::Interrupted(_) | ReplyProblem::Stalled { .. } = problem {
            let Arriving { writer, total, validator, .. } = arriving;
            self.received = validator.map(|validator| Received { writer, validator, total });
        }
        Err(unreadable(problem))
    }

    /// Stores a body that is already in memory. If this fails, returns the reply unchanged, with the problem.
    pub(crate) async fn store(target: SaveTarget, mut reply: Reply) -> (Reply, Option<SaveProblem>) {
        let body = reply.body.clone();
        let write = move || {
            let mut file = PartialFile::create(&target)?;
            file.write(&target, &body)?;
            file.finish(&target)
        };
        match on_disk(write).await {
            Ok(saved) => {
                reply.body = Bytes::new();
                (reply.with_saved(saved), None)
            }
            Err(problem) => (reply, Some(problem)),
        }
    }

    /// Begins a new file, or continues the file of an interrupted attempt.
    fn begin(
        &mut self,
        head: &mut Parts,
        body: &Incoming,
        progress: &Progress,
    ) -> Result<Arriving, ReplyProblem> {
        let received = self.received.take();
        if self.is_unsatisfied(head.status) {
            return Err(ReplyProblem::OtherRange);
        }
        let is_compressed = head.headers.contains_key(CONTENT_ENCODING);
        let length = length(&head.headers).filter(|_| !is_compressed);
        if head.status == StatusCode::PARTIAL_CONTENT && !self.has_own_range {
            let received = received.filter(|_| self.asks_rest).ok_or(ReplyProblem::OtherRange)?;
            return self.resume(received, &head.headers, progress);
        }
        drop(received);
        if let Some(length) = length {
            self.target.admit(length)?;
        }
        let validator = validator(&head.headers).filter(|_| !is_compressed && !self.has_own_range);
        // The reply to a HEAD request declares the coding of a body that it does not contain.
        let decoder = if body.is_end_stream() { None } else { Decoder::of(&mut head.headers) };
        let (target, scan) = (self.target.clone(), LeakScan::of(&self.secrets));
        let writer = Writer { file: PartialFile::create(&target)?, target, scan };
        let report = TransferReport::new(progress, "received", length);
        Ok(Arriving { writer, decoder, total: length, validator, pending: Vec::new(), report })
    }

    /// Continues the file of an interrupted attempt. The reply has to contain exactly the rest of the body.
    fn resume(
        &self,
        received: Received,
        headers: &HeaderMap,
        progress: &Progress,
    ) -> Result<Arriving, ReplyProblem> {
        let Received { mut writer, validator, total } = received;
        let range = headers.get(CONTENT_RANGE).and_then(|range| ContentRange::parse(range.to_str().ok()?));
        // If the total length is unknown, a truncated rest of the body could look complete.
        let known = range.and_then(|range| range.total.or(total));
        let fits = range.is_some_and(|range| {
            let is_same_total = total.is_none() || known == total;
            range.first == writer.file.length() && is_same_total && known == Some(range.last + 1)
        });
        let is_same = !headers.contains_key(CONTENT_ENCODING) && is_same_version(headers, &validator);
        let Some(total) = known.filter(|_| fits && is_same) else { return Err(ReplyProblem::OtherRange) };
        self.target.admit(total)?;
        writer.scan.add(&self.secrets);
        let total = Some(total);
        let report = TransferReport::new(progress, "received", total);
        let validator = Some(validator);
        Ok(Arriving { writer, decoder: None, total, validator, pending: Vec::new(), report })
    }
}

impl Arriving {
    /// Reads the body until its end or an error.
    async fn read(
        mut self,
        mut body: Incoming,
        deadline: Instant,
        limits: &PhaseLimits,
    ) -> (Self, Result<(), ReplyProblem>) {
        loop {
            let until = limits.next_bytes_until(deadline);
            let data = match timeout_at(until, body.frame()).await {
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Ok(None) => {
                    let decoded = self.decoder.as_mut().map_or(Ok(()), Decoder::finish);
                    let end = decoded.map_err(|error| ReplyProblem::Interrupted(error.to_string()));
                    return self.end(end).await;
                }
                Ok(Some(Err(error))) => {
                    return self.end(Err(ReplyProblem::Interrupted(error.to_string()))).await;
                }
                Err(_) if until < deadline => {
                    let seconds = limits.between_bytes.unwrap_or_default().as_secs();
                    return self.end(Err(ReplyProblem::Stalled { seconds })).await;
                }
                Err(_) => return (self, Err(ReplyProblem::Late)),
            };
            let size = if self.decoder.is_some() { Decoder::PIECE } else { data.len().max(1) };
            for piece in data.chunks(size) {
                let piece = match self.decoder.as_mut().map(|decoder| decoder.decode(piece)) {
                    None => Cow::Borrowed(piece),
                    Some(Ok(decoded)) if decoded.len() >= MOST_EXPANDED => {
                        let why =
                            format!("{} bytes decompress to more than {MOST_EXPANDED} bytes", piece.len());
                        return (self, Err(ReplyProblem::Undecodable(why)));
                    }
                    Some(Ok(decoded)) => Cow::Owned(decoded),
                    Some(Err(error)) => return (self, Err(ReplyProblem::Undecodable(error.to_string()))),
                };
                self.pending.extend_from_slice(&piece);
                if self.pending.len() >= WRITTEN {
                    let written;
                    (self, written) = self.flush().await;
                    if let Err(problem) = written {
                        return (self, Err(problem.into()));
                    }
                    if Instant::now() >= deadline {
                        return (self, Err(ReplyProblem::Late));
                    }
                }
            }
        }
    }

    /// Writes the last bytes, and compares the length of a complete body with the declared length.
    async fn end(self, end: Result<(), ReplyProblem>) -> (Self, Result<(), ReplyProblem>) {
        let (arriving, written) = self.flush().await;
        let length = arriving.writer.file.length();
        let end = match (written, end, arriving.total) {
            (Err(problem), ..) => Err(problem.into()),
            (_, Ok(()), Some(total)) if total != length => {
                Err(ReplyProblem::Interrupted(format!("received {length} of {total} bytes")))
            }
            (_, end, _) => end,
        };
        (arriving, end)
    }

    /// Writes the received bytes. If the call is cancelled meanwhile, the file is removed afterwards.
    async fn flush(mut self) -> (Self, Result<(), SaveProblem>) {
        if self.pending.is_empty() {
            return (self, Ok(()));
        }
        on_disk(move || {
            let written = self.writer.write(&self.pending);
            self.pending.clear();
            self.report.moved(self.writer.file.length());
            (self, written)
        })
        .await
    }
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) -> Result<(), SaveProblem> {
        if self.scan.finds(bytes) {
            return Err(SaveProblem::RepeatsCredential);
        }
        self.file.write(&self.target, bytes)
    }
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        // Blocking work is cancelled only if the async runtime shuts down, and then this task ends too.
        Err(_) => std::future::pending().await,
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// Returns the header value that identifies this version of the body, if the service supports ranges: a strong `etag`,
/// or else a `Last-Modified` that differs between any two versions (RFC 9110, section 13.1.5).
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let text = |name| headers.get(name)?.to_str().ok();
    let sends_ranges = text(ACCEPT_RANGES)?.trim().eq_ignore_ascii_case("bytes");
    let validator = match headers.get(ETAG) {
        Some(etag) => is_strong(etag).then_some(etag),
        None => headers.get(LAST_MODIFIED).filter(|_| {
            let dates = text(DATE).zip(text(LAST_MODIFIED));
            dates.is_some_and(|(date, changed)| http_date::tells_changes_apart(date, changed))
        }),
    };
    validator.filter(|_| sends_ranges).cloned()
}

/// Whether a validator is a strong `etag`. Different bodies may have the same weak `etag`.
fn is_strong(etag: &HeaderValue) -> bool {
    etag.as_bytes().starts_with(b"\"")
}

/// Whether a 206 response belongs to the version of the body that `validator` identifies. The response repeats the
/// `etag`, but not always `last-modified`.
fn is_same_version(headers: &HeaderMap, validator: &HeaderValue) -> bool {
    match is_strong(validator) {
        true => headers.get(ETAG) == Some(validator),
        false => headers.get(LAST_MODIFIED).is_none_or(|date| date == validator),
    }
}

/// The range in `content-range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    first: u64,
    last: u64,
    total: Option<u64>,
}

impl ContentRange {
    /// Parses `bytes 100-199/200` or `bytes 100-199/*`.
    fn parse(field: &str) -> Option<Self> {
        let (unit, rest) = field.trim().split_once(' ')?;
        let (range, total) = rest.trim().split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let total = if total == "*" { None } else { Some(total.parse().ok()?) };
        let (first, last) = (first.parse().ok()?, last.parse::<u64>().ok()?);
        let is_valid = unit.eq_ignore_ascii_case("bytes")
            && first <= last
            && last < u64::MAX
            && total.is_none_or(|total| last < total);
        is_valid.then_some(Self { first, last, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_range_is_parsed() {
        let range = |first, last, total| Some(ContentRange { first, last, total });
        for (field, expected) in [
            ("bytes 100-199/200", range(100, 199, Some(200))),
            ("Bytes 0-0/*", range(0, 0, None)),
            ("bytes */200", None),
            ("bytes 5-4/200", None),
            ("bytes 5-200/200", None),
            ("bytes 0-18446744073709551615/*", None),
            ("items 0-1/2", None),
            ("bytes 0-1", None),
            ("bytes -1-1/2", None),
            ("", None),
        ] {
            assert_eq!(ContentRange::parse(field), expected, "{field}");
        }
    }

    #[test]
    fn download_continues_only_with_a_strong_etag_or_an_old_last_modified() {
        let validator = |headers: &[(&'static str, &'static str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
            validator(&headers.collect()).map(|value| value.to_str().unwrap().to_owned())
        };
        let (early, late) = ("Sun, 29 Nov 2026 08:30:08 GMT", "Sun, 29 Nov 2026 08:30:09 GMT");
        assert_eq!(validator(&[("accept-ranges", "bytes"), ("etag", "\"a\"")]).as_deref(), Some("\"a\""));
        let dated = [("accept-ranges", "bytes"), ("last-modified", early), ("date", late)];
        assert_eq!(validator(&dated).as_deref(), Some(early));
        let both = [dated[0], dated[1], dated[2], ("etag", "W/\"a\"")];
        assert_eq!(validator(&both), None);
        assert_eq!(validator(&dated[..2]), None);
        assert_eq!(validator(&[("accept-ranges", "bytes"), ("etag", "W/\"a\"")]), None);
        assert_eq!(validator(&[("accept-ranges", "none"), ("etag", "\"a\"")]), None);
        assert_eq!(validator(&[("etag", "\"a\"")]), None);
    }
}
