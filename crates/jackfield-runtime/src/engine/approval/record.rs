//! Records of approvals.

use std::fmt;

/// The digest of everything that an approval is bound to.
pub(crate) type BindingDigest = [u8; 32];

/// The record of one approval: requested, approved, refused or spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRecord {
    /// The random id of the approval, which people use to name it. Knowing the id permits nothing.
    pub id: String,
    /// The principal that made the call.
    pub principal: String,
    /// The call in plain words.
    pub summary: String,
    /// The time of the request for the approval, in seconds since 1970.
    pub created: u64,
    /// The time of expiry, in seconds since 1970.
    pub expires: u64,
    /// The state of the approval.
    pub state: ApprovalState,
    pub(crate) binding: BindingDigest,
    /// The number of times that the approval was made usable again, for a call that asked its client something.
    pub(crate) rounds: u32,
}

/// The states of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovalState {
    /// The approval waits for a person.
    Pending,
    /// A person has approved the call. The next matching call spends the approval.
    Approved {
        /// The person, if known.
        by: String,
    },
    /// A person has refused the call. Until the record expires, matching calls are refused without asking
    /// again.
    Denied {
        /// The person, if known.
        by: String,
    },
    /// The caller's own user has refused the call. The user may be asked again about the next call.
    Declined,
    /// A call has spent the approval.
    Spent,
}

impl ApprovalState {
    /// Returns the name of the state.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Declined => "declined",
            Self::Spent => "spent",
        }
    }

    /// Returns the person who decided.
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Approved { by } | Self::Denied { by } => Some(by),
            _ => None,
        }
    }

    /// Returns the state named `name`.
    #[cfg(feature = "serve")]
    pub(crate) fn parse(name: &str, by: Option<String>) -> Option<Self> {
        let by = by.unwrap_or_default();
        Some(match name {
            "pending" => Self::Pending,
            "approved" => Self::Approved { by },
            "denied" => Self::Denied { by },
            "declined" => Self::Declined,
            "spent" => Self::Spent,
            _ => return None,
        })
    }
}

impl fmt::Display for ApprovalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by() {
            Some(by) => write!(f, "{} by {by}", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

impl ApprovalRecord {
    /// Whether the record can still be decided or spent.
    pub(crate) const fn is_live(&self, now: u64) -> bool {
        now < self.expires
    }
}
