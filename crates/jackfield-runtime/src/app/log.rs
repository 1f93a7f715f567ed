//! The log of a connector: one line on stderr for each event, because stdout carries the protocol.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::time::SystemTime;

use jackfield_recipe::{nearest, visible_line};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::common::timestamp::Timestamp;

/// The values of the connector's `_LOG` variable.
const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// Writes the events up to a maximum level.
///
/// Spans are omitted. The runtime has no spans, and the spans of the SDK repeat whole requests.
struct Log {
    level: LevelFilter,
    has_colours: bool,
    /// Whether each line is a JSON object.
    is_json: bool,
    write: fn(&str),
}

/// Starts the log at the level that the user chose. If a process has several connectors, they share the log that
/// was started first.
///
/// # Errors
/// Returns an error if the level is unknown. In this case the log starts at `warn`.
pub(super) fn start(chosen: Option<&str>, has_colours: bool) -> Result<(), UnknownLevel> {
    let (chosen, is_json) = match chosen.map(|text| (text, text.trim().strip_suffix(",json"))) {
        Some((_, Some(level))) => (Some(level), true),
        Some((text, None)) => (Some(text), false),
        None => (None, false),
    };
    let level = chosen.map_or(Ok(LevelFilter::WARN), level);
    let least = *level.as_ref().unwrap_or(&LevelFilter::WARN);
    let log = Log { level: least, has_colours, is_json, write: to_stderr };
    let _ = tracing::subscriber::set_global_default(log);
    level.map(drop)
}

fn to_stderr(line: &str) {
    // A connector works without a log, so a closed stderr is ignored.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn level(text: &str) -> Result<LevelFilter, UnknownLevel> {
    let wanted = text.trim().to_ascii_lowercase();
    if let Some((_, level)) = LEVELS.iter().find(|(name, _)| *name == wanted) {
        return Ok(*level);
    }
    Err(UnknownLevel { text: text.to_owned() })
}

/// The error for an unknown log level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownLevel {
    text: String,
}

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a log level: ", visible_line(&self.text))?;
        let names = LEVELS.map(|(name, _)| name);
        match nearest(&self.text.trim().to_ascii_lowercase(), names) {
            Some(near) => write!(f, "did you mean `{near}`?"),
            None => write!(f, "one of {}", names.join(", ")),
        }
    }
}

impl std::error::Error for UnknownLevel {}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = format!("{:.6}", Timestamp::of(SystemTime::now()));
        let (name, colour) = shown(*event.metadata().level());
        if self.is_json {
            let mut fields = JsonFields(Map::new());
            fields.0.insert("time".to_owned(), line.into());
            fields.0.insert("level".to_owned(), name.to_ascii_lowercase().into());
            event.record(&mut fields);
            let mut line = Value::Object(fields.0).to_string();
            line.push('\n');
            return (self.write)(&line);
        }
        if self.has_colours {
            let _ = write!(line, " \x1b[{colour}m{name:>5}\x1b[0m");
        } else {
            let _ = write!(line, " {name:>5}");
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        for part in [fields.message, fields.others] {
            if !part.is_empty() {
                // Fields may contain text that a service sent, so line breaks and terminal escape sequences
                // are escaped.
                let _ = write!(line, " {}", visible_line(part.trim_start()));
            }
        }
        line.push('\n');
        (self.write)(&line);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

/// Returns the name of a level, and its colour on a terminal.
fn shown(level: Level) -> (&'static str, u8) {
    match level {
        Level::ERROR => ("ERROR", 31),
        Level::WARN => ("WARN", 33),
        Level::INFO => ("INFO", 32),
        Level::DEBUG => ("DEBUG", 34),
        Level::TRACE => ("TRACE", 35),
    }
}

/// The fields of an event, as members of an object.
struct JsonFields(Map<String, Value>);

impl Visit for JsonFields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }
}

/// The fields of an event, as text.
#[derive(Default)]
struct Fields {
    message: String,
    others: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.others, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn log_level_is_parsed_in_any_case_and_a_typo_gets_a_suggestion() {
        assert_eq!(level("DEBUG"), Ok(LevelFilter::DEBUG));
        assert_eq!(level("wran").unwrap_err().to_string(), "`wran` is not a log level: did you mean `warn`?");
        assert!(level("9").unwrap_err().to_string().contains("one of off, error, warn, info, debug, trace"));
    }

    #[test]
    fn log_timestamp_handles_leap_days_and_year_ends() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, "2000-02-28T23:59:59.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
        ] {
            let time = Timestamp::of(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(format!("{time:.6}"), text);
        }
        let time = Timestamp::of(UNIX_EPOCH + Duration::from_micros(1_000_042));
        assert_eq!(format!("{time:.6}"), "1970-01-01T00:00:01.000042Z");
    }

    thread_local! {
        static WRITTEN: RefCell<String> = const { RefCell::new(String::new()) };
    }

    fn keep(line: &str) {
        WRITTEN.with_borrow_mut(|written| written.push_str(line));
    }

    #[test]
    fn json_log_event_is_one_json_object() {
        let log = Log { level: LevelFilter::WARN, has_colours: false, is_json: true, write: keep };
        tracing::subscriber::with_default(log, || {
            let trace: Option<&str> = None;
            tracing::warn!(why = "a\n\"b\"", status = 502, trace, "failed");
        });
        let written = WRITTEN.take();
        let event: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(written.matches('\n').count(), 1, "{written:?}");
        assert_eq!((&event["level"], &event["message"]), (&"warn".into(), &"failed".into()));
        assert_eq!((&event["why"], &event["status"]), (&"a\n\"b\"".into(), &502.into()));
        assert!(event.get("trace").is_none() && event["time"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn event_with_line_breaks_stays_on_one_line() {
        let log = Log { level: LevelFilter::WARN, has_colours: false, is_json: false, write: keep };
        tracing::subscriber::with_default(log, || {
            let text = "a\r\nb\u{1b}[2J";
            tracing::warn!(why = text, status = 502, "{text}");
            tracing::info!("beyond the level");
            let _span = tracing::error_span!("left out").entered();
        });
        let written = WRITTEN.take();
        let (stamp, event) = written.split_once(' ').unwrap();
        assert!(stamp.ends_with('Z'), "{written:?}");
        assert!(event.starts_with(" WARN a") && event.ends_with("status=502\n"), "{written:?}");
        assert_eq!(event.matches('\n').count(), 1, "{written:?}");
        assert!(!event.contains(['\r', '\u{1b}']), "{written:?}");
    }
}
