//! Reads the lines of a stream up to a maximum length.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// A line without its line break, or `TooLong` if it exceeded the limit.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// Reads the next line. Returns `None` at the end of the stream. A line of more than `most` bytes is read to its end and discarded.
pub(super) async fn next(input: &mut (impl AsyncBufRead + Unpin), most: usize) -> io::Result<Option<Line>> {
    let (mut line, mut is_too_long) = (Vec::new(), false);
    loop {
        let available = input.fill_buf().await?;
        if available.is_empty() {
            return Ok(None);
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let length = end.unwrap_or(available.len());
        if !is_too_long && line.len() + length > most {
            is_too_long = true;
            line = Vec::new();
        }
        if !is_too_long {
            line.extend_from_slice(&available[..length]);
        }
        input.consume(end.map_or(length, |end| end + 1));
        if end.is_some() {
            return Ok(Some(if is_too_long { Line::TooLong } else { Line::Whole(line) }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn line_beyond_limit_is_skipped_and_next_line_is_read() {
        let text = b"abc\nabcdefgh\nxy\ncut";
        let mut input = tokio::io::BufReader::with_capacity(2, &text[..]);
        assert_eq!(next(&mut input, 5).await.unwrap(), Some(Line::Whole(b"abc".to_vec())));
        assert_eq!(next(&mut input, 5).await.unwrap(), Some(Line::TooLong));
        assert_eq!(next(&mut input, 5).await.unwrap(), Some(Line::Whole(b"xy".to_vec())));
        assert_eq!(next(&mut input, 5).await.unwrap(), None);
    }
}
