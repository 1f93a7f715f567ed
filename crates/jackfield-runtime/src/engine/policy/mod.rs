//! Policies that decide about calls. Each is a plain value; an absent policy takes no time.

pub(crate) mod approval;
pub(crate) mod audit;
pub(crate) mod not_approved;
pub(crate) mod observe;
pub(crate) mod permit;
pub(crate) mod rate;
pub(crate) mod read_only;
pub(crate) mod readiness;
pub(crate) mod withdrawn;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use approval::Approval;
use audit::Audit;
use observe::Observe;
use permit::Permit;
use rate::Rate;
use readiness::Readiness;

#[cfg(feature = "serve")]
use crate::engine::task::Tasks;

/// The policies, in the order in which the executor applies them to every call.
#[derive(Clone, Default)]
pub struct Policies {
    pub(crate) permit: Option<Arc<dyn Permit>>,
    pub(crate) rate: Option<Arc<dyn Rate>>,
    pub(crate) approval: Option<Arc<dyn Approval>>,
    pub(crate) audit: Option<Arc<dyn Audit>>,
    pub(crate) observe: Option<Arc<dyn Observe>>,
    readiness: Vec<Arc<dyn Readiness>>,
    /// The number of calls so far. Connectors behind one endpoint share the count, because they share the audit.
    calls: Arc<AtomicU64>,
    /// The store through which calls that wait for a person continue as tasks.
    #[cfg(feature = "serve")]
    pub(crate) tasks: Option<Arc<dyn Tasks>>,
}

impl Policies {
    /// Creates an empty set of policies: every caller may make every call, no call needs approval, and nothing is recorded.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns the number of a call that begins now, for its audit records.
    pub(crate) fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// Restricts lists and calls to the targets that this policy permits.
    #[must_use]
    pub fn permit(mut self, permit: Arc<dyn Permit>) -> Self {
        self.permit = Some(permit);
        self
    }

    /// Limits the calls of each caller.
    #[must_use]
    pub fn rate(mut self, rate: Arc<dyn Rate>) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Requires this approval for every prepared call.
    #[must_use]
    pub fn approval(mut self, approval: Arc<dyn Approval>) -> Self {
        self.approval = Some(approval);
        self
    }

    /// Records calls and refusals in this audit.
    #[must_use]
    pub fn audit(mut self, audit: Arc<dyn Audit>) -> Self {
        self.audit = Some(audit);
        self
    }

    /// Tells this observer about every call.
    #[must_use]
    pub fn observe(mut self, observe: Arc<dyn Observe>) -> Self {
        self.observe = Some(observe);
        self
    }

    /// Makes a server report that it is not ready while this check fails.
    #[must_use]
    pub fn readiness(mut self, readiness: Arc<dyn Readiness>) -> Self {
        self.readiness.push(readiness);
        self
    }

    /// Takes over the audit, the observer, the tasks and the state of a server whose connector is replaced.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) fn continuing(mut self, earlier: &Self) -> Self {
        self.calls.clone_from(&earlier.calls);
        self.audit.clone_from(&earlier.audit);
        self.observe.clone_from(&earlier.observe);
        self.readiness.clone_from(&earlier.readiness);
        if earlier.tasks.is_some() {
            self.tasks.clone_from(&earlier.tasks);
        }
        self
    }

    /// Runs all checks. Returns the name of the first check that fails.
    #[cfg(feature = "http")]
    pub(crate) async fn check_readiness(&self) -> Result<(), &'static str> {
        for readiness in &self.readiness {
            if !readiness.check().await {
                return Err(readiness.name());
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policies")
            .field("permit", &self.permit.is_some())
            .field("rate", &self.rate.is_some())
            .field("approval", &self.approval.is_some())
            .field("audit", &self.audit.is_some())
            .field("observe", &self.observe.is_some())
            .field("readiness", &self.readiness.len())
            .finish()
    }
}
