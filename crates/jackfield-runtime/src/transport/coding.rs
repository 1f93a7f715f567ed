//! Decompresses a reply, piece by piece.
//!
//! Requests have no `accept-encoding` header. HTTP then permits every content coding, and some services
//! always compress.

use std::io::{self, Write as _};

use flate2::write::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

/// A decoder for one `content-encoding`.
pub(crate) enum Decoder {
    Gzip(MultiGzDecoder<Vec<u8>>),
    Deflate(ZlibDecoder<Vec<u8>>),
}

impl Decoder {
    /// The maximum number of compressed bytes that are decoded at once. They decompress to at most a thousand
    /// times as many, a mebibyte.
    pub(crate) const PIECE: usize = 1024;

    /// The decoder for a reply. It removes the headers that describe the compressed body. None if the body is not
    /// compressed, or its coding is not supported.
    pub(crate) fn of(headers: &mut HeaderMap) -> Option<Self> {
        let coding = headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim().to_ascii_lowercase();
        let decoder = match coding.as_str() {
            "gzip" | "x-gzip" => Self::Gzip(MultiGzDecoder::new(Vec::new())),
            "deflate" => Self::Deflate(ZlibDecoder::new(Vec::new())),
            _ => return None,
        };
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Some(decoder)
    }

    /// Decodes a chunk.
    pub(crate) fn decode(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        let decoded = match self {
            Self::Gzip(decoder) => {
                decoder.write_all(piece)?;
                decoder.flush()?;
                decoder.get_mut()
            }
            Self::Deflate(decoder) => {
                decoder.write_all(piece)?;
                decoder.flush()?;
                decoder.get_mut()
            }
        };
        Ok(std::mem::take(decoded))
    }

    /// Ends the decoding. Returns an error if the compressed data is incomplete.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    fn decoder(coding: &str) -> Option<Decoder> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, coding.parse().unwrap());
        let decoder = Decoder::of(&mut headers);
        assert_eq!(headers.is_empty(), decoder.is_some());
        decoder
    }

    #[test]
    fn compressed_chunks_of_any_size_decode_to_the_same_text() {
        let text = b"data: 1\n\ndata: 2\n\n".repeat(9);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).unwrap();
        for (coding, bytes) in [("GZip", gzip.finish().unwrap()), ("deflate", zlib.finish().unwrap())] {
            for size in 1..=bytes.len() {
                let mut decoder = decoder(coding).unwrap();
                let decoded: Vec<u8> =
                    bytes.chunks(size).flat_map(|piece| decoder.decode(piece).unwrap()).collect();
                decoder.finish().unwrap();
                assert_eq!(decoded, text, "{coding}, pieces of {size}");
            }
            let mut broken = decoder(coding).unwrap();
            broken.decode(&bytes[..bytes.len() / 2]).unwrap();
            assert!(broken.finish().is_err(), "{coding}");
        }
        assert!(decoder("br").is_none() && decoder("identity").is_none());
        assert!(decoder("gzip").unwrap().decode(b"no gzip at all").is_err());
    }
}
