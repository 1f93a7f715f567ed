//! Converts a stream of events to a value that a model reads.

use serde_json::{Map, Value, json};

use super::json::compact;
use crate::transport::stream::{Event, Format, MOST_EVENTS, Splitter};

/// Replaces the data of an event that is not JSON, because nothing in it could be redacted.
const WITHHELD: &str = "[withheld]";

/// Converts a body to `{"events": […]}`, as JSON text in the service's spelling. If the body is complete, its last event may be
/// unterminated. Data that is not JSON is withheld unless `shows_text` is set. `None` if the body contains no line of such a stream.
pub(super) fn read(format: Format, body: &[u8], is_whole: bool, shows_text: bool) -> Option<(Value, String)> {
    let mut splitter = Splitter::new(format);
    let mut events = splitter.feed(body);
    if is_whole && !splitter.is_done() {
        events.extend(splitter.finish());
    }
    if !splitter.is_stream() && !body.trim_ascii().is_empty() {
        return None;
    }
    events.truncate(MOST_EVENTS);
    let (values, texts): (Vec<Value>, Vec<String>) =
        events.into_iter().map(|it| it.read(format, shows_text)).unzip();
    Some((json!({ "events": values }), format!("{{\"events\":[{}]}}", texts.join(","))))
}

impl Event {
    /// Converts the event to `{"event": "…", "id": "…", "data": …}`, of which only `data` is always present. An event of JSON
    /// lines is converted to its JSON value.
    fn read(self, format: Format, shows_text: bool) -> (Value, String) {
        let (data, text) = match serde_json::from_str(&self.data) {
            Ok(data) => (data, compact(&self.data)),
            Err(_) if !shows_text => (json!(WITHHELD), json!(WITHHELD).to_string()),
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

    /// Returns the events of a body, and checks that the JSON text has the same value.
    fn split(format: Format, body: &[u8], is_whole: bool) -> Vec<Value> {
        let (mut value, text) = read(format, body, is_whole, true).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        serde_json::from_value(value["events"].take()).unwrap()
    }

    const STREAM: &str = "\u{feff}: hello\r\nevent: add\r\nid: 7\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n\
        retry: 10\n\ndata\n\ndata:x\r\rdata: [DONE]\n\ndata: never\n\n";

    #[test]
    fn stream_is_split_into_events() {
        let events = split(Format::Sse, STREAM.as_bytes(), true);
        assert_eq!(
            json!(events),
            json!([{ "event": "add", "id": "7", "data": { "a": 1 } }, { "data": "" }, { "data": "x" }])
        );
    }

    #[test]
    fn chunks_of_any_size_give_the_same_events() {
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
    fn json_lines_and_sequences_are_split_into_events() {
        let lines = b"{\"a\":1}\r\n\n[2]\nnot json\n3";
        assert_eq!(json!(split(Format::Lines, lines, true)), json!([{ "a": 1 }, [2], "not json", 3]));
        assert_eq!(json!(split(Format::Lines, lines, false)), json!([{ "a": 1 }, [2], "not json"]));
        let records = b"\x1e{\"a\":\n1}\n\x1e2\n";
        assert_eq!(json!(split(Format::Sequence, records, true)), json!([{ "a": 1 }, 2]));
        assert_eq!(split(Format::Lines, &b"1\n".repeat(MOST_EVENTS + 1), true).len(), MOST_EVENTS);
    }

    #[test]
    fn event_data_keeps_its_original_json_text() {
        let lines = b"{\"id\": 123456789012345678901234567890, \"price\": 1.10}\nplain \\ \"\n";
        let (_, text) = read(Format::Lines, lines, true, true).unwrap();
        assert_eq!(text, r#"{"events":[{"id":123456789012345678901234567890,"price":1.10},"plain \\ \""]}"#);
        let event = b"event: a\"b\nid: 1\ndata: {\ndata: \"x\": 1.10}\n\n";
        let (_, text) = read(Format::Sse, event, true, true).unwrap();
        assert_eq!(text, r#"{"events":[{"event":"a\"b","id":"1","data":{"x":1.10}}]}"#);
    }

    #[test]
    fn body_that_is_not_a_stream_is_not_split_into_events() {
        assert_eq!(read(Format::Sse, b"{\"message\":\"oops\"}", true, true), None);
        assert_eq!(read(Format::Sse, b"<h1>Login</h1>\n\n", true, true), None);
        for nothing in [&b""[..], b"\n\n", b": ping\n\n", b"retry: 5\n\n", b"data: [DONE]\n\n"] {
            assert_eq!(split(Format::Sse, nothing, true), [] as [Value; 0], "{nothing:?}");
        }
    }
}
