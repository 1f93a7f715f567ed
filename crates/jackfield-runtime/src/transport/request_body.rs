//! The body of a request: bytes in memory, or a sequence of pieces, whose files are read while they are sent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::transfer_report::TransferReport;
use super::upload_clock::UploadClock;
use crate::call::outgoing_body::{OutgoingBody, Piece};
use crate::common::progress::Progress;

/// The number of bytes that are read at once.
const CHUNK: usize = 128 * 1024;

/// The body of a request. Its length is known before it is sent.
#[derive(Default)]
pub(crate) struct RequestBody(Content);

enum Content {
    Whole(Option<Bytes>),
    Pieces(Box<PieceReader>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Whole(None)
    }
}

/// Reads the pieces of a body in order.
struct PieceReader {
    pieces: Arc<[Piece]>,
    /// The index of the current piece, and the position in it.
    at: usize,
    position: u64,
    length: u64,
    left: u64,
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
    clock: UploadClock,
    report: TransferReport,
}

impl RequestBody {
    /// Creates the body. Also returns an upload clock if the body is read from disk.
    pub(super) fn of(body: OutgoingBody, progress: &Progress) -> (Self, Option<UploadClock>) {
        let length = body.length();
        match body {
            OutgoingBody::Whole(bytes) => (bytes.into(), None),
            OutgoingBody::Pieces(pieces) => {
                let clock = UploadClock::start();
                let reader = PieceReader {
                    pieces,
                    at: 0,
                    position: 0,
                    length,
                    left: length,
                    reading: None,
                    clock: clock.clone(),
                    report: TransferReport::new(progress, "sent", Some(length)),
                };
                (Self(Content::Pieces(Box::new(reader))), Some(clock))
            }
        }
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        Self(Content::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.0 {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Pieces(reader) => reader.poll_next(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Pieces(reader) => reader.left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match &self.0 {
            Content::Whole(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Content::Pieces(reader) => reader.left,
        })
    }
}

impl PieceReader {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            let chunk = match (&mut self.reading, self.pieces.get(self.at)) {
                (Some(reading), _) => {
                    let read = ready!(Pin::new(reading).poll(context));
                    self.reading = None;
                    match read.map_err(io::Error::other).and_then(|read| read) {
                        Ok(bytes) => Bytes::from(bytes),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                (None, None) => return Poll::Ready(None),
                (None, Some(piece)) if self.position == piece.length() => {
                    (self.at, self.position) = (self.at + 1, 0);
                    continue;
                }
                (None, Some(Piece::Bytes(bytes))) => bytes.clone(),
                (None, Some(Piece::File(file))) => {
                    let (file, position) = (Arc::clone(file), self.position);
                    self.reading = Some(spawn_blocking(move || file.read_at(position, CHUNK)));
                    continue;
                }
            };
            self.position += chunk.len() as u64;
            self.left = self.left.saturating_sub(chunk.len() as u64);
            self.clock.moved(self.left == 0);
            self.report.moved(self.length - self.left);
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::common::spool::Spooled;

    #[tokio::test]
    async fn pieces_of_a_body_are_sent_in_order_with_a_length_and_progress() {
        let folder = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..3 * CHUNK + 5).map(|at| (at / 7) as u8).collect();
        let file = Arc::new(Spooled::copy(&*content, content.len() as u64, folder.path(), || false).unwrap());
        let pieces = [
            Piece::Bytes(Bytes::from_static(b"before")),
            Piece::Bytes(Bytes::new()),
            Piece::File(Arc::clone(&file)),
            Piece::File(file),
            Piece::Bytes(Bytes::from_static(b"after")),
        ];
        let (progress, told) = Progress::watched();
        let (body, clock) = RequestBody::of(OutgoingBody::Pieces(pieces.into()), &progress);
        let expected = [b"before", &*content, &*content, b"after"].concat();
        assert_eq!(body.size_hint().exact(), Some(expected.len() as u64));
        assert!(!clock.as_ref().unwrap().is_complete());
        assert_eq!(body.collect().await.unwrap().to_bytes(), expected);
        assert!(clock.unwrap().is_complete());
        let report = told.borrow().clone().unwrap();
        assert_eq!((report.done, report.total), (expected.len() as f64, Some(expected.len() as f64)));
        assert!(RequestBody::from(Bytes::new()).is_end_stream() && RequestBody::default().is_end_stream());
    }
}
