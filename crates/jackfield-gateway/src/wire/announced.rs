//! The messages that a server sends between requests.

use jackfield_runtime::{LogMessage, Pending};
use serde_json::Value;

/// Receives the messages that a server sends between requests.
pub(crate) trait Announced: Send + Sync {
    /// A list has changed.
    fn lists_changed(&self);

    /// The resource at this address has changed.
    fn resource_updated(&self, uri: &str);

    /// The server has written a log message that belongs to no request.
    fn log(&self, message: LogMessage);

    /// The server asks for the roots of the client whose session it is. Returns the result of `roots/list`.
    fn roots(&self) -> Pending<'static, Value>;
}
