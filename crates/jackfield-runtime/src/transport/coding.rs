//! Undoes the compression of a reply, piece by piece.
//!
//! No request names a coding, which permits the service any, and some compress whatever they are asked for.

use std::io::{self, Write as _};

use flate2::write::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

/// What undoes it.
pub(crate) enum Decoder {
    Gzip(MultiGzDecoder<Vec<u8>>),
    Deflate(ZlibDecoder<Vec<u8>>),
}

impl Decoder {
    /// So many bytes are taken at a time: they come to a thousand times as many at most, a mebibyte.
    pub(crate) const PIECE: usize = 1024;

    /// That of a reply, whose headers are from here on those of what it decodes. None where nothing is compressed, or in
    /// a coding that is not known here.
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

    /// What a piece comes to.
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

    /// Whether what came was all of it.
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
    fn wherever_the_pieces_end_the_text_is_the_same() {
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
