//! Decompresses a reply, chunk by chunk.
//!
//! Requests have no `accept-encoding` header. In this case HTTP permits every content coding, and some services
//! always compress.

#[cfg(feature = "br")]
mod brotli;
#[cfg(feature = "zstd")]
mod zstd;

use std::io::{self, Write as _};

use flate2::write::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

/// A decoder for one `content-encoding`.
pub(crate) enum Decoder {
    Gzip(MultiGzDecoder<Vec<u8>>),
    Deflate(ZlibDecoder<Vec<u8>>),
    #[cfg(feature = "br")]
    Brotli(brotli::BrotliDecoder),
    #[cfg(feature = "zstd")]
    Zstd(Box<zstd::ZstdDecoder>),
}

/// The size at which decompressing a chunk of brotli or zstd stops. It is the maximum size of a reply, so reading ends there
/// anyway.
#[cfg(any(feature = "br", feature = "zstd"))]
const MOST: usize = 16 << 20;

/// Returns the feature of the runtime that decodes the content coding `coding`, if this connector is built without
/// the feature.
pub(crate) fn missing_feature(coding: &str) -> Option<&'static str> {
    let features = [("br", cfg!(feature = "br")), ("zstd", cfg!(feature = "zstd"))];
    features
        .into_iter()
        .find(|(name, is_built)| !is_built && coding.eq_ignore_ascii_case(name))
        .map(|(name, _)| name)
}

impl Decoder {
    /// The maximum number of compressed bytes that are decoded at once. With gzip and deflate, they decompress to about a
    /// thousand times as many bytes, so to a mebibyte at most.
    pub(crate) const PIECE: usize = 1024;

    /// Returns the decoder for a reply, and removes the headers that describe the compressed body. Returns `None`
    /// if the body is not compressed, or if its content coding is not supported.
    pub(crate) fn of(headers: &mut HeaderMap) -> Option<Self> {
        let coding = headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim().to_ascii_lowercase();
        let decoder = match coding.as_str() {
            "gzip" | "x-gzip" => Self::Gzip(MultiGzDecoder::new(Vec::new())),
            "deflate" => Self::Deflate(ZlibDecoder::new(Vec::new())),
            #[cfg(feature = "br")]
            "br" => Self::Brotli(brotli::BrotliDecoder::new()),
            #[cfg(feature = "zstd")]
            "zstd" => Self::Zstd(Box::new(zstd::ZstdDecoder::new())),
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
            #[cfg(feature = "br")]
            Self::Brotli(decoder) => return decoder.decode(piece, MOST),
            #[cfg(feature = "zstd")]
            Self::Zstd(decoder) => return decoder.decode(piece, MOST),
        };
        Ok(std::mem::take(decoded))
    }

    /// Ends the decoding. Returns an error if the compressed data is incomplete.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
            #[cfg(feature = "br")]
            Self::Brotli(decoder) => decoder.finish(),
            #[cfg(feature = "zstd")]
            Self::Zstd(decoder) => decoder.finish(),
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

    /// Checks a decoder with chunks of every size.
    fn check_chunks(coding: &str, bytes: &[u8], text: &[u8]) {
        for size in 1..=bytes.len() {
            let mut decoder = decoder(coding).unwrap();
            let decoded: Vec<u8> =
                bytes.chunks(size).flat_map(|piece| decoder.decode(piece).unwrap()).collect();
            decoder.finish().unwrap();
            assert_eq!(decoded, text, "{coding}, pieces of {size}");
        }
    }

    #[test]
    fn compressed_text_in_chunks_of_any_size_is_decoded() {
        let text = b"data: 1\n\ndata: 2\n\n".repeat(9);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).unwrap();
        for (coding, bytes) in [("GZip", gzip.finish().unwrap()), ("deflate", zlib.finish().unwrap())] {
            check_chunks(coding, &bytes, &text);
            let mut broken = decoder(coding).unwrap();
            broken.decode(&bytes[..bytes.len() / 2]).unwrap();
            assert!(broken.finish().is_err(), "{coding}");
        }
        assert!(decoder("compress").is_none() && decoder("identity").is_none());
        assert_eq!(decoder("br").is_none(), missing_feature("br").is_some());
        assert_eq!(decoder("zstd").is_none(), missing_feature("zstd").is_some());
        assert!(decoder("gzip").unwrap().decode(b"no gzip at all").is_err());
    }

    /// Checks a decoder with chunks of every size, incomplete data and noise.
    #[cfg(any(feature = "br", feature = "zstd"))]
    fn check(coding: &str, bytes: &[u8], text: &[u8]) {
        check_chunks(coding, bytes, text);
        for end in 0..bytes.len() {
            let mut broken = decoder(coding).unwrap();
            assert!(broken.decode(&bytes[..end]).is_err() || broken.finish().is_err(), "{coding} {end}");
        }
        // On arbitrary bytes, the decoder does not panic, and its output exceeds the limit by at most a block.
        for seed in 0..2000_u32 {
            let at = seed as usize % bytes.len();
            let mut noisy = bytes.to_vec();
            noisy[at] ^= (seed / 7 + 1) as u8;
            let mut decoder = decoder(coding).unwrap();
            for piece in noisy.chunks(Decoder::PIECE) {
                match decoder.decode(piece) {
                    Ok(decoded) => assert!(decoded.len() <= MOST + (1 << 20)),
                    Err(_) => break,
                }
            }
        }
    }

    #[cfg(feature = "br")]
    #[test]
    fn brotli_decoder_decodes_and_stops_at_the_output_limit() {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let text = b"data: 1\n\ndata: 2\n\n".repeat(9);
        check("br", &STANDARD.decode("G6EA+B0HbizNS2beY60AEkamYmRKhy4R4EWwYiCE3gi4Eg==").unwrap(), &text);
        // 64 MiB of zero bytes, compressed and in base64.
        let bomb = "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//B/8EQBwWAOje//H//w/+CYA4LADQvf/L//8//BMAcVgAoHv/Bw==";
        let decoded = decoder("br").unwrap().decode(&STANDARD.decode(bomb).unwrap()).unwrap();
        assert!(decoded.len() > MOST && decoded.len() <= MOST + (1 << 20), "{}", decoded.len());
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn zstd_decoder_decodes_and_stops_at_the_output_limit() {
        use ruzstd::encoding::{CompressionLevel, compress_to_vec};
        let text = b"data: 1\n\ndata: 2\n\n".repeat(9);
        let mut bytes = compress_to_vec(&*text, CompressionLevel::Fastest);
        check("zstd", &bytes, &text);
        // A skippable frame, and a second frame with data.
        bytes.splice(0..0, [0x5A, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 1, 2]);
        bytes.extend(compress_to_vec(&b"end"[..], CompressionLevel::Uncompressed));
        let mut both = decoder("zstd").unwrap();
        assert_eq!(both.decode(&bytes).unwrap(), [&*text, b"end"].concat());
        both.finish().unwrap();
        // Blocks that repeat one byte. A kibibyte of such blocks decompresses to 32 MiB.
        let block = [(128_u32 << 10) << 3 | 2; 1];
        let block = block[0].to_le_bytes();
        let mut bomb = vec![0x28, 0xB5, 0x2F, 0xFD, 0, 0x50];
        (0..256).for_each(|_| bomb.extend([block[0], block[1], block[2], 7]));
        let decoded = decoder("zstd").unwrap().decode(&bomb).unwrap();
        assert!(decoded.len() > MOST && decoded.len() <= MOST + (1 << 20), "{}", decoded.len());
        // The frame requires a window of 1 GiB.
        let window = [0x28, 0xB5, 0x2F, 0xFD, 0, 20 << 3, 0, 0, 0];
        assert!(decoder("zstd").unwrap().decode(&window).is_err());
        // The frame requires a dictionary.
        let dictionary = [0x28, 0xB5, 0x2F, 0xFD, 1, 0x50, 9, 0, 0, 0];
        assert!(decoder("zstd").unwrap().decode(&dictionary).is_err());
    }
}
