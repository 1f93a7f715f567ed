//! The trait for messages that a server sends outside of a call.

use jackfield_runtime::{LogMessage, Pending};
use serde_json::Value;

/// Receives the messages that a server sends outside of a call.
pub(crate) trait Announced: Send + Sync {
    /// Handles a `list_changed` notification.
    fn lists_changed(&self);

    /// Handles the notification that the resource with this URI has changed.
    fn resource_updated(&self, uri: &str);

    /// Handles a log message that does not belong to a call.
    fn log(&self, message: LogMessage);

    /// Answers a `roots/list` request that does not belong to a call. Returns its result.
    fn roots(&self) -> Pending<'static, Value>;
}
