//! Lines of a stream, with a limit of their length.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// A line, or a mark in place of one that was longer than the limit.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// Reads the next line without its line break. `None` at the end of the stream. The rest of a line beyond the limit is not kept.
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
    async fn line_beyond_the_limit_is_skipped_and_the_next_one_read() {
        let text = b"abc\nabcdefgh\nxy\ncut";
        let mut input = tokio::io::BufReader::with_capacity(2, &text[..]);
        assert_eq!(next(&mut input, 5).await.unwrap(), Some(Line::Whole(b"abc".to_vec())));
        assert_eq!(next(&mut input, 5).await.unwrap(), Some(Line::TooLong));
        assert_eq!(next(&mut input, 5).await.unwrap(), Some(Line::Whole(b"xy".to_vec())));
        assert_eq!(next(&mut input, 5).await.unwrap(), None);
    }
}
