//! Streamed replies: server-sent events and JSON lines.

/// The maximum number of events that are returned of a stream.
pub(crate) const MOST_EVENTS: usize = 1000;

/// The format that delimits the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Server-sent events: lines of fields, and an empty line after each event.
    Sse,
    /// A JSON value on every line.
    Lines,
    /// JSON values, each after a record separator (RFC 7464).
    Sequence,
}

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: String,
}

/// Splits a stream into events. The received chunks may end anywhere.
pub(crate) struct Splitter {
    format: Format,
    /// The incomplete last line.
    line: Vec<u8>,
    /// Whether the last line ended with CR. A following LF does not end another line.
    after_cr: bool,
    event: Event,
    has_data: bool,
    done: bool,
    /// Whether any line so far is valid in this format.
    is_stream: bool,
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
            is_stream: false,
        }
    }

    /// Whether any line so far is valid in this format.
    pub(crate) const fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// Whether the stream has announced its end.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// Returns the events that end within these bytes.
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

    /// Returns the last event even if its terminator is missing, because some services omit the last terminator.
    pub(crate) fn finish(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        self.end_line(&line).or_else(|| self.end_event())
    }

    fn end_line(&mut self, line: &[u8]) -> Option<Event> {
        let line = String::from_utf8_lossy(line);
        if self.format != Format::Sse {
            self.is_stream = true;
            let data = line.trim();
            self.has_data = !data.is_empty();
            data.clone_into(&mut self.event.data);
            return self.end_event();
        }
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        if line.is_empty() {
            return self.end_event();
        }
        // A line without a colon is only a field name. A line that begins with a colon is a comment.
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
        self.is_stream = true;
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let event = std::mem::take(&mut self.event);
        let has_data = std::mem::take(&mut self.has_data);
        // Services whose events contain JSON end their stream with `[DONE]`.
        self.done |= has_data && event.data.trim() == "[DONE]";
        (has_data && !self.done).then_some(event)
    }
}
