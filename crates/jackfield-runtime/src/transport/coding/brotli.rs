//! Decompresses brotli, chunk by chunk.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;

/// The size of the buffer between the decoder and its output.
const BUFFER: usize = 16 << 10;

/// A brotli decoder. Its output is limited, because a few bytes can decompress to gigabytes.
pub(crate) struct BrotliDecoder(Box<DecompressorWriter<Output>>);

#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    most: usize,
}

impl BrotliDecoder {
    pub(super) fn new() -> Self {
        Self(Box::new(DecompressorWriter::new(Output::default(), BUFFER)))
    }

    /// Decodes a chunk. Stops when the output exceeds `most` bytes.
    pub(super) fn decode(&mut self, piece: &[u8], most: usize) -> io::Result<Vec<u8>> {
        self.0.get_mut().most = most;
        let written = self.0.write_all(piece).and_then(|()| self.0.flush());
        let output = self.0.get_mut();
        let is_full = output.bytes.len() > most;
        let bytes = std::mem::take(&mut output.bytes);
        if is_full { Ok(bytes) } else { written.map(|()| bytes) }
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.0.close()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() > self.most {
            return Err(io::Error::other("the output exceeds the maximum size of a reply"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
