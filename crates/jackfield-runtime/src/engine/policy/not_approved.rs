//! Calls that were not approved.

use std::fmt;

/// The reason why a call was not approved. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotApproved {
    /// The call cannot be approved. Contains the reason, as part of a sentence.
    Refused(String),
    /// A person refused the approval with this id.
    Denied {
        /// The id of the approval.
        id: String,
        /// The person, if known.
        by: String,
    },
    /// The call waits until a person decides about the approval with this id.
    Waiting {
        /// The id of the approval.
        id: String,
        /// The way to approve the call, as part of a sentence.
        remedy: String,
    },
    /// The caller's user answers in the next request of the caller (`input_required`).
    Asked,
}

impl NotApproved {
    /// Creates a refusal with this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }
}

impl fmt::Display for NotApproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => f.write_str(reason),
            Self::Denied { by, .. } => write!(f, "{by} refused it"),
            Self::Waiting { id, remedy } => {
                write!(
                    f,
                    "it waits for a person as approval `{id}`: {remedy}; call again once it is approved"
                )
            }
            Self::Asked => f.write_str("the user has not answered yet"),
        }
    }
}

impl std::error::Error for NotApproved {}
