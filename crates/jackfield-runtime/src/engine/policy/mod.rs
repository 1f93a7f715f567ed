//! Decisions around a call. Each is a plain value; one that is absent costs nothing.

pub(crate) mod approval;
pub(crate) mod audit;
pub(crate) mod not_approved;
pub(crate) mod permit;

use std::fmt;
use std::sync::Arc;

use approval::Approval;
use audit::Audit;
use permit::Permit;

/// The decisions around every call, in the order in which the executor asks for them.
#[derive(Clone, Default)]
pub struct Policies {
    pub(crate) permit: Option<Arc<dyn Permit>>,
    pub(crate) approval: Option<Arc<dyn Approval>>,
    pub(crate) audit: Option<Arc<dyn Audit>>,
}

impl Policies {
    /// No policy: every caller may make every call, nobody is asked, and nothing is recorded.
    pub fn none() -> Self {
        Self::default()
    }

    /// Lists show, and calls reach, only the targets that this permits.
    #[must_use]
    pub fn permit(mut self, permit: Arc<dyn Permit>) -> Self {
        self.permit = Some(permit);
        self
    }

    /// Prepared calls wait for this approval.
    #[must_use]
    pub fn approval(mut self, approval: Arc<dyn Approval>) -> Self {
        self.approval = Some(approval);
        self
    }

    /// Calls and refusals are recorded here.
    #[must_use]
    pub fn audit(mut self, audit: Arc<dyn Audit>) -> Self {
        self.audit = Some(audit);
        self
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policies")
            .field("permit", &self.permit.is_some())
            .field("approval", &self.approval.is_some())
            .field("audit", &self.audit.is_some())
            .finish()
    }
}
