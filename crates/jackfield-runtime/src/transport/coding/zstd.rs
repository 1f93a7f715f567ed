//! Decompresses zstd (RFC 8878), chunk by chunk.
//!
//! The decoder of the library needs a source that contains a whole block. So this module parses the sizes of frames and blocks, and
//! passes a block to the decoder when all of it has been received.

use std::io;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The maximum window size, as RFC 9659 defines for HTTP.
const MOST_WINDOW: u64 = 8 << 20;
/// The maximum size of a block.
const MOST_BLOCK: usize = 128 << 10;

const MAGIC: u32 = 0xFD2F_B528;
/// The first of the sixteen magic numbers of skippable frames.
const SKIPPED_MAGIC: u32 = 0x184D_2A50;

pub(crate) struct ZstdDecoder {
    frames: FrameDecoder,
    /// The bytes that were received and are not yet decoded: at most one block and one chunk.
    buffered: Vec<u8>,
    next: Next,
    /// Whether a frame has begun. A reply without a frame is incomplete.
    has_frame: bool,
}

/// The part of the compressed data that is expected next.
#[derive(Clone, Copy)]
enum Next {
    Frame,
    Block {
        has_checksum: bool,
    },
    /// A skippable frame, with the number of bytes that are left.
    Skipped(usize),
}

impl ZstdDecoder {
    pub(super) fn new() -> Self {
        let mut frames = FrameDecoder::new();
        frames.set_max_window_size(MOST_WINDOW);
        Self { frames, buffered: Vec::new(), next: Next::Frame, has_frame: false }
    }

    /// Decodes a chunk. Stops when the output exceeds `most` bytes.
    pub(super) fn decode(&mut self, piece: &[u8], most: usize) -> io::Result<Vec<u8>> {
        let mut buffered = std::mem::take(&mut self.buffered);
        buffered.extend_from_slice(piece);
        let (mut decoded, mut at) = (Vec::new(), 0);
        while decoded.len() <= most {
            let rest = buffered.get(at..).unwrap_or_default();
            let Some(taken) = self.part(rest, &mut decoded)? else { break };
            at += taken;
        }
        buffered.drain(..at);
        self.buffered = buffered;
        Ok(decoded)
    }

    /// Decodes the next part at the start of `rest`, and returns the part's length. Returns `None` if the part is
    /// not yet received completely.
    fn part(&mut self, rest: &[u8], decoded: &mut Vec<u8>) -> io::Result<Option<usize>> {
        match self.next {
            Next::Skipped(left) => {
                let taken = left.min(rest.len());
                self.next = if taken == left { Next::Frame } else { Next::Skipped(left - taken) };
                Ok((taken > 0 || left == 0).then_some(taken))
            }
            Next::Frame => {
                let Some(magic) = number(rest, 0, 4) else { return Ok(None) };
                if magic & !0xF == SKIPPED_MAGIC {
                    let Some(size) = number(rest, 4, 4) else { return Ok(None) };
                    self.next = Next::Skipped(size as usize);
                    return Ok(Some(8));
                }
                if magic != MAGIC {
                    return Err(io::Error::other("expected the start of a zstd frame"));
                }
                let Some(descriptor) = rest.get(4).copied() else { return Ok(None) };
                let length = header_length(descriptor);
                let Some(header) = rest.get(..length) else { return Ok(None) };
                self.frames.reset(header).map_err(io::Error::other)?;
                self.has_frame = true;
                self.next = Next::Block { has_checksum: descriptor & 4 != 0 };
                Ok(Some(length))
            }
            Next::Block { has_checksum } => {
                let Some(header) = number(rest, 0, 3) else { return Ok(None) };
                let (is_last, kind, size) = (header & 1 != 0, (header >> 1) & 3, (header >> 3) as usize);
                if size > MOST_BLOCK {
                    return Err(io::Error::other("the zstd block is too large"));
                }
                // A block contains one byte that is repeated, or its content.
                let content = if kind == 1 { 1 } else { size };
                let length = 3 + content + if is_last && has_checksum { 4 } else { 0 };
                let Some(block) = rest.get(..length) else { return Ok(None) };
                self.frames
                    .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
                decoded.extend(self.frames.collect().unwrap_or_default());
                if is_last {
                    self.next = Next::Frame;
                }
                Ok(Some(length))
            }
        }
    }

    pub(super) fn finish(&self) -> io::Result<()> {
        if self.has_frame && self.buffered.is_empty() && matches!(self.next, Next::Frame) {
            return Ok(());
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Returns the little-endian number in `length` bytes at the position `at`.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// Returns the length of a frame header, including its magic number.
fn header_length(descriptor: u8) -> usize {
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content_size = match descriptor >> 6 {
        0 => usize::from(is_single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    5 + usize::from(!is_single) + dictionary + content_size
}
