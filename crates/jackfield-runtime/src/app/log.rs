//! The log of a connector: one line on stderr for each event, since stdout carries the protocol.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_recipe::{nearest, visible_line};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The values of the connector's `_LOG` variable.
const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// Writes the events up to a level.
///
/// Spans are left out: the runtime has none, and those of the SDK repeat whole requests.
struct Log {
    level: LevelFilter,
    has_colours: bool,
    /// Whether each line is a JSON object.
    is_json: bool,
    write: fn(&str),
}

/// Starts the log at the level that the user chose. If the process has several connectors, they share the log
/// that was started first.
///
/// # Errors
/// Returns an error if the level is unknown. The log is then started at `warn`.
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
    // The connector works without its log, so a closed stderr is ignored.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn level(text: &str) -> Result<LevelFilter, UnknownLevel> {
    let wanted = text.trim().to_ascii_lowercase();
    if let Some((_, level)) = LEVELS.iter().find(|(name, _)| *name == wanted) {
        return Ok(*level);
    }
    Err(UnknownLevel { text: text.to_owned() })
}

/// An unknown log level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownLevel {
    text: String,
}

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a level of the log: ", visible_line(&self.text))?;
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
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut line = stamp(now.as_secs(), now.subsec_micros());
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

/// The name of a level, and its colour on a terminal.
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

/// A time in RFC 3339 format, in UTC.
fn stamp(seconds: u64, micros: u32) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let (days, rest) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Converts a number of days since 1970-01-01 to a date. Years begin in March here, so that the leap day is
/// the last day of its year.
const fn date(days: u64) -> (u64, u64, u64) {
    // Days since 0000-03-01, in cycles of 400 years.
    let days = days + 719_468;
    let (cycle, day_of_cycle) = (days / 146_097, days % 146_097);
    let year_of_cycle =
        (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = cycle * 400 + year_of_cycle + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn log_level_ignores_case_and_typo_gets_suggestion() {
        assert_eq!(level("DEBUG"), Ok(LevelFilter::DEBUG));
        assert_eq!(
            level("wran").unwrap_err().to_string(),
            "`wran` is not a level of the log: did you mean `warn`?"
        );
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
            assert_eq!(stamp(seconds, 0), text);
        }
        assert_eq!(stamp(1, 42), "1970-01-01T00:00:01.000042Z");
    }

    thread_local! {
        static WRITTEN: RefCell<String> = const { RefCell::new(String::new()) };
    }

    fn keep(line: &str) {
        WRITTEN.with_borrow_mut(|written| written.push_str(line));
    }

    #[test]
    fn event_of_a_json_log_is_one_object() {
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
