//! Unusual activity of an agent.

/// Kinds of unusual activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnusualKind {
    FirstWrite,
    Rate,
    Refusals,
    NewOrigin,
}

impl UnusualKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::FirstWrite => "first_write",
            Self::Rate => "rate",
            Self::Refusals => "refusals",
            Self::NewOrigin => "new_origin",
        }
    }
}

/// Unusual activity of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unusual {
    pub(crate) principal: String,
    pub(crate) kind: UnusualKind,
    /// A sentence that describes the activity, with its numbers.
    pub(crate) reason: String,
}
