//! DEFLATE streams that can be concatenated. So a program is compressed once, and all packages that contain the program share the result.

use std::sync::OnceLock;
use std::thread;

use flate2::{Compress, Compression, Crc, FlushCompress};

/// The number of bytes in a piece. Each piece is compressed on its own, so the result does not depend on the number of processors.
const PIECE: usize = 1 << 20;
/// The compression level. For a program of 77 MB, the default level 6 takes twice as long and saves two percent, and
/// level 9 takes four times as long.
const LEVEL: u32 = 5;
/// An empty block that ends a stream.
const END: [u8; 2] = [3, 0];

/// Compressed data without the end of its stream.
#[derive(Debug)]
pub(crate) struct Deflated {
    bytes: Vec<u8>,
    crc: Crc,
}

impl Deflated {
    /// Compresses data.
    pub(crate) fn of(data: &[u8]) -> Self {
        let pieces: Vec<&[u8]> = data.chunks(PIECE).collect();
        let workers = thread::available_parallelism().map_or(1, usize::from).min(pieces.len());
        if workers < 2 {
            return Self::joined(pieces.iter().map(|piece| Self::piece(piece)));
        }
        let slots: Vec<OnceLock<Self>> = pieces.iter().map(|_| OnceLock::new()).collect();
        thread::scope(|scope| {
            for worker in 0..workers {
                let (pieces, slots) = (&pieces, &slots);
                scope.spawn(move || {
                    for (piece, slot) in pieces.iter().zip(slots).skip(worker).step_by(workers) {
                        let _ = slot.set(Self::piece(piece));
                    }
                });
            }
        });
        Self::joined(slots.into_iter().filter_map(OnceLock::into_inner))
    }

    /// Compresses a piece. The result ends at a byte boundary, so that another piece can follow.
    fn piece(data: &[u8]) -> Self {
        let mut compress = Compress::new(Compression::new(LEVEL), false);
        let mut bytes = Vec::with_capacity(data.len() / 2 + 64);
        loop {
            let consumed = usize::try_from(compress.total_in()).unwrap_or(data.len()).min(data.len());
            bytes.reserve(32 * 1024);
            let status = compress.compress_vec(&data[consumed..], &mut bytes, FlushCompress::Sync);
            debug_assert!(status.is_ok(), "compression fails only if memory runs out");
            let is_consumed = compress.total_in() >= data.len() as u64;
            // If the buffer has free space, everything was flushed.
            if status.is_err() || is_consumed && bytes.len() < bytes.capacity() {
                break;
            }
        }
        let mut crc = Crc::new();
        crc.update(data);
        Self { bytes, crc }
    }

    fn joined(pieces: impl Iterator<Item = Self>) -> Self {
        let mut whole = Self { bytes: Vec::new(), crc: Crc::new() };
        pieces.for_each(|piece| whole.push(&piece));
        whole
    }

    /// Appends more compressed data.
    pub(crate) fn push(&mut self, more: &Self) {
        self.bytes.extend_from_slice(&more.bytes);
        self.crc.combine(&more.crc);
    }

    /// Returns the CRC-32 of the data.
    pub(crate) fn crc(&self) -> u32 {
        self.crc.sum()
    }

    /// Returns the length of the stream, including its end.
    pub(crate) fn stream_length(&self) -> usize {
        self.bytes.len() + END.len()
    }

    /// Writes the stream, including its end.
    pub(crate) fn write_stream(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
        out.extend_from_slice(&END);
    }

    /// Returns the data in the gzip format, without a file name and a modification time.
    pub(crate) fn gzip(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + 20);
        out.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
        self.write_stream(&mut out);
        out.extend_from_slice(&self.crc.sum().to_le_bytes());
        out.extend_from_slice(&self.crc.amount().to_le_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn unpacked(gzip: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(gzip).read_to_end(&mut out).expect("the data is valid");
        out
    }

    #[test]
    fn joined_deflate_pieces_are_one_valid_gzip_stream() {
        // The inputs are compressible text, incompressible noise, no data, and sizes around the end of a piece.
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .take(PIECE + 1)
        .collect();
        let text = b"hello ".repeat(PIECE);
        let mut whole = Deflated::of(b"");
        let mut expected = Vec::new();
        for part in [&text[..], &noise, b"", &noise[..PIECE], b"x", &text[..PIECE - 1]] {
            assert_eq!(unpacked(&Deflated::of(part).gzip()), part);
            whole.push(&Deflated::of(part));
            expected.extend_from_slice(part);
        }
        assert_eq!(unpacked(&whole.gzip()), expected);
        assert!(Deflated::of(&text).gzip().len() < text.len() / 50);
        assert!(Deflated::of(&noise).gzip().len() < noise.len() + noise.len() / 100);
    }

    #[test]
    fn number_of_processors_does_not_change_the_compressed_bytes() {
        let data = b"a line that repeats\n".repeat(PIECE / 4);
        let alone = Deflated::joined(data.chunks(PIECE).map(Deflated::piece));
        assert_eq!(Deflated::of(&data).gzip(), alone.gzip());
    }
}
