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

/// Sends log messages to a client.
pub(crate) trait ClientLog: Send + Sync {
    /// Sends a message, if the client asked for messages of that level.
    fn write(&self, level: LogLevel, message: Value) -> Pending<'_, ()>;
}
