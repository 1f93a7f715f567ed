//! Records of approvals.

use std::fmt;

/// The digest of everything that an approval is bound to.
pub(crate) type BindingDigest = [u8; 32];

/// One approval: asked for, given, refused or spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRecord {
    /// Its id, which is random and names it for people. Knowing it permits nothing.
    pub id: String,
    /// The principal that called.
    pub principal: String,
    /// The call in plain words.
    pub summary: String,
    /// When it was asked for, in seconds since 1970.
    pub created: u64,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
    /// Its state.
    pub state: ApprovalState,
    pub(crate) binding: BindingDigest,
    /// How often it was given back to a call that asked its client something.
    pub(crate) rounds: u32,
}

/// The states of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovalState {
    /// It waits for a person.
    Pending,
    /// A person has approved it. The next matching call spends it.
    Approved {
        /// The person, as far as it is known.
        by: String,
    },
    /// A person has refused it. Until it expires, matching calls are refused without asking again.
    Denied {
        /// The person, as far as it is known.
        by: String,
    },
    /// The caller's own user has refused it, who may be asked about the next call.
    Declined,
    /// A call has spent it.
    Spent,
}

impl ApprovalState {
    /// The name of the state.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Declined => "declined",
            Self::Spent => "spent",
        }
    }

    /// The person who decided.
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Approved { by } | Self::Denied { by } => Some(by),
            _ => None,
        }
    }

    /// The state with that name.
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
    /// Whether it may still be decided or spent.
    pub(crate) const fn is_live(&self, now: u64) -> bool {
        now < self.expires
    }
}
