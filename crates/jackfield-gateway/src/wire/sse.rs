//! A parser of server-sent events (`text/event-stream`).

use super::link_fault::MOST_BYTES;

/// A line or an event of the stream is longer than the limit.
#[derive(Debug, PartialEq)]
pub(super) struct TooLong;

/// Parses the chunks of a stream, and collects the data of its events.
#[derive(Default)]
pub(super) struct Events {
    /// The bytes of the current line so far.
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// Whether the last byte was `\r`, so that a following `\n` belongs to the same line break.
    after_return: bool,
}

impl Events {
    /// Adds a chunk, and returns the data of the events that it completes.
    ///
    /// # Errors
    /// Returns an error if a line or an event is too long.
    pub(super) fn add(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let (mut events, mut rest) = (Vec::new(), piece);
        while let Some(first) = rest.first() {
            if std::mem::take(&mut self.after_return) && *first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (text, after) = rest.split_at(end.unwrap_or(rest.len()));
            if self.line.len() + self.data.len() + text.len() > MOST_BYTES {
                return Err(TooLong);
            }
            self.line.extend_from_slice(text);
            rest = after;
            if let Some((end, after)) = after.split_first() {
                self.after_return = *end == b'\r';
                events.extend(self.end_line());
                rest = after;
            }
        }
        Ok(events)
    }

    /// Ends a line. An empty line ends an event.
    fn end_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return std::mem::take(&mut self.has_data).then_some(data);
        }
        let value = match line.strip_prefix(b"data".as_slice()) {
            Some([]) => Some(&b""[..]),
            Some([b':', b' ', value @ ..] | [b':', value @ ..]) => Some(value),
            _ => None,
        };
        if let Some(value) = value {
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&str]) -> Vec<String> {
        let mut events = Events::default();
        let found = pieces.iter().flat_map(|piece| events.add(piece.as_bytes()).unwrap());
        found.map(|data| String::from_utf8(data).unwrap()).collect()
    }

    #[test]
    fn event_data_does_not_depend_on_chunk_boundaries() {
        let whole = "event: message\r\nid: 1\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n: comment\n\ndata:x\n\ndata\n\nretry: 3\n\ndata: cut";
        let expected = ["{\"a\":\n1}", "x", ""];
        assert_eq!(events(&[whole]), expected);
        let bytes: Vec<String> = whole.chars().map(String::from).collect();
        assert_eq!(events(&bytes.iter().map(String::as_str).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn endless_event_is_refused() {
        let mut events = Events::default();
        let line = format!("data: {}\n", "x".repeat(1 << 20));
        let refused = (0..32).find_map(|_| events.add(line.as_bytes()).err());
        assert_eq!(refused, Some(TooLong));
    }
}
