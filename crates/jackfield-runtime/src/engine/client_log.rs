//! Log messages for the client of a call.

use serde_json::Value;

use super::pending::Pending;

/// The severity of a log message, as in RFC 5424.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Detailed information for debugging.
    Debug,
    /// General information.
    Info,
    /// Normal but significant events.
    Notice,
    /// Warnings.
    Warning,
    /// Errors.
    Error,
    /// Critical conditions.
    Critical,
    /// Action must be taken at once.
    Alert,
    /// The system is unusable.
    Emergency,
}

impl LogLevel {
    /// Returns the name of the level in the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }

    /// Parses the name of a level. Returns `None` if no level has that name.
    pub fn parse(name: &str) -> Option<Self> {
        const ALL: [LogLevel; 8] = [
            LogLevel::Debug,
            LogLevel::Info,
            LogLevel::Notice,
            LogLevel::Warning,
            LogLevel::Error,
            LogLevel::Critical,
            LogLevel::Alert,
            LogLevel::Emergency,
        ];
        ALL.into_iter().find(|level| level.as_str() == name)
    }
}

/// A log message.
#[derive(Clone, Debug, PartialEq)]
pub struct LogMessage {
    /// The severity.
    pub level: LogLevel,
    /// The component of the server that wrote the message, if the server names one.
    pub logger: Option<String>,
    /// The message.
    pub data: Value,
}

/// Sends log messages to a client.
pub(crate) trait ClientLog: Send + Sync {
    /// Sends a message, if the client asked for messages of its level.
    fn write(&self, message: LogMessage) -> Pending<'_, ()>;

    /// Returns the lowest level that the client asked for.
    fn least(&self) -> LogLevel;
}
