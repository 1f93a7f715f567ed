//! Sends log messages to a client as notifications.
#![allow(deprecated, reason = "the SDK marks logging as deprecated, and clients of older revisions use it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rmcp::model::{
    LoggingLevel, LoggingMessageNotification, LoggingMessageNotificationParam, ServerNotification,
};

use tokio::time::timeout;

use super::listener::Listener;
use super::session::Session;
use crate::engine::client_log::{ClientLog, LogLevel, LogMessage};
use crate::engine::pending::Pending;

/// The time for which a call waits for a client that does not read its log messages. After that, further messages of the call are dropped.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sends the log messages of a minimum level and of more severe levels to a client.
pub(super) struct ClientLogger {
    client: Listener,
    /// The session of the client. If it has a stream, its messages go there.
    session: Option<Arc<Session>>,
    least: LogLevel,
    /// Whether the client has not read a message in time.
    is_stalled: AtomicBool,
}

impl ClientLogger {
    pub(super) const fn new(client: Listener, session: Option<Arc<Session>>, least: LogLevel) -> Self {
        Self { client, session, least, is_stalled: AtomicBool::new(false) }
    }
}

impl ClientLog for ClientLogger {
    fn least(&self) -> LogLevel {
        self.least
    }

    fn write(&self, message: LogMessage) -> Pending<'_, ()> {
        Box::pin(async move {
            if message.level < self.least || self.is_stalled.load(Ordering::Relaxed) {
                return;
            }
            let mut parameters = LoggingMessageNotificationParam::new(level_of(message.level), message.data);
            parameters.logger = message.logger;
            let notification = LoggingMessageNotification::new(parameters);
            let stream = self.session.as_ref().and_then(|session| session.newest_stream());
            let client = stream.as_ref().unwrap_or(&self.client);
            let told = client.tell(ServerNotification::LoggingMessageNotification(notification));
            if timeout(PATIENCE, told).await.is_err() {
                self.is_stalled.store(true, Ordering::Relaxed);
                tracing::debug!("log messages of a call are dropped, because its client does not read them");
            }
        })
    }
}

const fn level_of(level: LogLevel) -> LoggingLevel {
    match level {
        LogLevel::Debug => LoggingLevel::Debug,
        LogLevel::Info => LoggingLevel::Info,
        LogLevel::Notice => LoggingLevel::Notice,
        LogLevel::Warning => LoggingLevel::Warning,
        LogLevel::Error => LoggingLevel::Error,
        LogLevel::Critical => LoggingLevel::Critical,
        LogLevel::Alert => LoggingLevel::Alert,
        LogLevel::Emergency => LoggingLevel::Emergency,
    }
}

/// Converts the log level that a client asks for.
pub(super) const fn least_of(level: LoggingLevel) -> LogLevel {
    match level {
        LoggingLevel::Debug => LogLevel::Debug,
        LoggingLevel::Info => LogLevel::Info,
        LoggingLevel::Notice => LogLevel::Notice,
        LoggingLevel::Warning => LogLevel::Warning,
        LoggingLevel::Error => LogLevel::Error,
        LoggingLevel::Critical => LogLevel::Critical,
        LoggingLevel::Alert => LogLevel::Alert,
        LoggingLevel::Emergency => LogLevel::Emergency,
    }
}
