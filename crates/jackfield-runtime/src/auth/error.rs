//! Calls that no credentials permit.

use std::fmt;

/// A call that no credentials permit. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthError {
    /// What would do, one line per alternative.
    pub(super) alternatives: Vec<String>,
}

/// When a change of a credential is seen.
const WHEN_READ: &str = "variables are read when this connector starts, the vault at each call";

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no credentials for this tool; nothing was sent. ")?;
        match self.alternatives.as_slice() {
            [one] => write!(f, "The user has to {one} ({WHEN_READ})"),
            many => {
                write!(f, "The user has to do one of these ({WHEN_READ}):")?;
                many.iter().try_for_each(|line| write!(f, "\n- {line}"))
            }
        }
    }
}

impl std::error::Error for AuthError {}
