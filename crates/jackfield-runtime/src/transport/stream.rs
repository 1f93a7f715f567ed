//! Replies that come one part after another: server-sent events, and JSON line by line.

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
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: String,
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

    /// Whether any line so far belongs to such a stream.
    pub(crate) const fn is_stream(&self) -> bool {
        self.is_stream
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
        self.is_stream = true;
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
