//! Replies that come one part after another: server-sent events, and JSON line by line.

use serde_json::{Map, Value, json};

use super::json::compact;

/// So many events of a stream are handed over.
pub(crate) const MOST_EVENTS: usize = 1000;

/// How the parts are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Server-sent events: fields on lines, an empty line behind each event.
    Sse,
    /// A JSON value on every line.
    Lines,
    /// JSON values, each behind a record separator.
    Sequence,
}

/// One part of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    name: String,
    id: String,
    data: String,
}

/// Takes a stream apart as it comes, wherever its pieces end.
pub(crate) struct Splitter {
    format: Format,
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// Whether the last line ended in CR, whose LF is no line of its own.
    after_cr: bool,
    event: Event,
    has_data: bool,
    done: bool,
    /// Whether any line so far is one of such a stream.
    is_one: bool,
}

impl Splitter {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            line: Vec::new(),
            after_cr: false,
            event: Event::default(),
            has_data: false,
            done: false,
            is_one: false,
        }
    }

    /// Whether the stream said that it is over.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// The events that end within these bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            let ends = match (self.format, byte) {
                (Format::Lines, byte) => *byte == b'\n',
                (Format::Sequence, byte) => *byte == 0x1E,
                (Format::Sse, b'\n') if std::mem::take(&mut self.after_cr) => continue,
                (Format::Sse, byte) => matches!(byte, b'\n' | b'\r'),
            };
            self.after_cr = *byte == b'\r';
            if ends {
                let line = std::mem::take(&mut self.line);
                events.extend(self.end_line(&line));
            } else {
                self.line.push(*byte);
            }
            if self.done {
                break;
            }
        }
        events
    }

    /// What has come of an event that nothing ended: not all services end their last one.
    pub(crate) fn finish(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        self.end_line(&line).or_else(|| self.end_event())
    }

    fn end_line(&mut self, line: &[u8]) -> Option<Event> {
        let line = String::from_utf8_lossy(line);
        if self.format != Format::Sse {
            self.is_one = true;
            let data = line.trim();
            self.has_data = !data.is_empty();
            data.clone_into(&mut self.event.data);
            return self.end_event();
        }
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        if line.is_empty() {
            return self.end_event();
        }
        // Without a colon the line is a name alone; with nothing before it, a comment.
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                self.event.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.event.name),
            "id" => value.clone_into(&mut self.event.id),
            "retry" | "" => {}
            _ => return None,
        }
        self.is_one = true;
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let event = std::mem::take(&mut self.event);
        let has_data = std::mem::take(&mut self.has_data);
        // How services whose data is JSON say that no more will come.
        self.done |= has_data && event.data.trim() == "[DONE]";
        (has_data && !self.done).then_some(event)
    }
}

/// `{"events": […]}` of a body, and the same as text, in the spelling of the service. The last may lack its end where the
/// body came whole. None where nothing in the body is of such a stream.
pub(super) fn read(format: Format, body: &[u8], is_whole: bool) -> Option<(Value, String)> {
    let mut splitter = Splitter::new(format);
    let mut events = splitter.feed(body);
    if is_whole && !splitter.is_done() {
        events.extend(splitter.finish());
    }
    if !splitter.is_one && !body.trim_ascii().is_empty() {
        return None;
    }
    events.truncate(MOST_EVENTS);
    let (values, texts): (Vec<Value>, Vec<String>) = events.into_iter().map(|it| it.read(format)).unzip();
    Some((json!({ "events": values }), format!("{{\"events\":[{}]}}", texts.join(","))))
}

impl Event {
    /// `{"event": "…", "id": "…", "data": …}`, of which only the data always is there; a line of JSON is itself.
    fn read(self, format: Format) -> (Value, String) {
        let (data, text) = match serde_json::from_str(&self.data) {
            Ok(data) => (data, compact(&self.data)),
            Err(_) => (json!(self.data), json!(self.data).to_string()),
        };
        if format != Format::Sse {
            return (data, text);
        }
        let mut event = Map::new();
        let mut spelled = String::new();
        for (key, value) in [("event", self.name), ("id", self.id)] {
            if !value.is_empty() {
                spelled += &format!("\"{key}\":{},", json!(value));
                event.insert(key.to_owned(), json!(value));
            }
        }
        event.insert("data".to_owned(), data);
        (Value::Object(event), format!("{{{spelled}\"data\":{text}}}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The events of a body that came whole or not; the text says the same.
    fn split(format: Format, body: &[u8], is_whole: bool) -> Vec<Value> {
        let (mut value, text) = read(format, body, is_whole).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        serde_json::from_value(value["events"].take()).unwrap()
    }

    const STREAM: &str = "\u{feff}: hello\r\nevent: add\r\nid: 7\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n\
        retry: 10\n\ndata\n\ndata:x\r\rdata: [DONE]\n\ndata: never\n\n";

    #[test]
    fn events_are_told_apart() {
        let events = split(Format::Sse, STREAM.as_bytes(), true);
        assert_eq!(
            json!(events),
            json!([{ "event": "add", "id": "7", "data": { "a": 1 } }, { "data": "" }, { "data": "x" }])
        );
    }

    #[test]
    fn wherever_the_pieces_end_the_events_are_the_same() {
        let whole = Splitter::new(Format::Sse).feed(STREAM.as_bytes());
        for size in 1..STREAM.len() {
            let mut splitter = Splitter::new(Format::Sse);
            let pieces: Vec<Event> =
                STREAM.as_bytes().chunks(size).flat_map(|piece| splitter.feed(piece)).collect();
            assert_eq!(pieces, whole, "pieces of {size}");
            assert!(splitter.is_done());
        }
    }

    #[test]
    fn lines_and_records() {
        let lines = b"{\"a\":1}\r\n\n[2]\nnot json\n3";
        assert_eq!(json!(split(Format::Lines, lines, true)), json!([{ "a": 1 }, [2], "not json", 3]));
        assert_eq!(json!(split(Format::Lines, lines, false)), json!([{ "a": 1 }, [2], "not json"]));
        let records = b"\x1e{\"a\":\n1}\n\x1e2\n";
        assert_eq!(json!(split(Format::Sequence, records, true)), json!([{ "a": 1 }, 2]));
        assert_eq!(split(Format::Lines, &b"1\n".repeat(MOST_EVENTS + 1), true).len(), MOST_EVENTS);
    }

    #[test]
    fn the_text_is_what_the_service_wrote() {
        let lines = b"{\"id\": 123456789012345678901234567890, \"price\": 1.10}\nplain \\ \"\n";
        let (_, text) = read(Format::Lines, lines, true).unwrap();
        assert_eq!(text, r#"{"events":[{"id":123456789012345678901234567890,"price":1.10},"plain \\ \""]}"#);
        let event = b"event: a\"b\nid: 1\ndata: {\ndata: \"x\": 1.10}\n\n";
        let (_, text) = read(Format::Sse, event, true).unwrap();
        assert_eq!(text, r#"{"events":[{"event":"a\"b","id":"1","data":{"x":1.10}}]}"#);
    }

    #[test]
    fn what_only_is_called_a_stream_is_none() {
        assert_eq!(read(Format::Sse, b"{\"message\":\"oops\"}", true), None);
        assert_eq!(read(Format::Sse, b"<h1>Login</h1>\n\n", true), None);
        for nothing in [&b""[..], b"\n\n", b": ping\n\n", b"retry: 5\n\n", b"data: [DONE]\n\n"] {
            assert_eq!(split(Format::Sse, nothing, true), [] as [Value; 0], "{nothing:?}");
        }
    }
}
