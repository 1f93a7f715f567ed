//! Failures of serving.

/// A conversation that ended badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeError(pub(super) String);

impl std::fmt::Display for ServeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServeError {}
