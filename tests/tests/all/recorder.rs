//! Policies that record the steps of calls, and hide some targets.

use std::sync::{Arc, Mutex};

use jackfield_runtime::{
    ActiveCall, Approval, ApprovalFuture, Approved, Arguments, Ask, Audit, AuditError, AuditEvent,
    AuditRecord, CallContext, Caller, Effect, Pending, Permission, Permit, Policies, Review, Target,
};

/// A step of a call that a policy has seen.
pub(crate) enum Step {
    /// The executor asked whether a call needs an approval.
    Asked {
        name: String,
        effect: Effect,
        ask: Ask,
    },
    /// A call was approved. `request` is its method and path, if it sends a request.
    Approved {
        name: String,
        effect: Effect,
        request: Option<String>,
    },
    Recorded(Box<AuditRecord>),
}

/// Records every step, and hides the targets with some names.
pub(crate) struct Recorder {
    hidden: Vec<&'static str>,
    needs_approval: fn(Ask) -> bool,
    steps: Mutex<Vec<Step>>,
}

impl Recorder {
    pub(crate) fn new(hidden: &[&'static str], needs_approval: fn(Ask) -> bool) -> Arc<Self> {
        Arc::new(Self { hidden: hidden.to_vec(), needs_approval, steps: Mutex::default() })
    }

    /// Returns policies of every kind, all of which are this recorder.
    pub(crate) fn policies(self: &Arc<Self>) -> Policies {
        let (permit, approval): (Arc<dyn Permit>, Arc<dyn Approval>) =
            (Arc::<Self>::clone(self), Arc::<Self>::clone(self));
        Policies::none().permit(permit).approval(approval).audit(Arc::<Self>::clone(self))
    }

    /// Returns the steps since the last call of this function.
    pub(crate) fn take(&self) -> Vec<Step> {
        std::mem::take(&mut self.steps.lock().unwrap())
    }

    fn add(&self, step: Step) {
        self.steps.lock().unwrap().push(step);
    }
}

impl Permit for Recorder {
    fn decide(&self, _: &Caller, target: Target<'_>, _: Option<&Arguments>) -> Permission {
        if self.hidden.contains(&target.name) { Permission::Hidden } else { Permission::Allowed }
    }

    /// Changes with every step, although the decisions do not change.
    fn version(&self, _: &Caller) -> u64 {
        u64::try_from(self.steps.lock().unwrap().len()).unwrap()
    }
}

impl Approval for Recorder {
    fn is_needed(&self, target: Target<'_>, ask: Ask, _: &CallContext) -> bool {
        self.add(Step::Asked { name: target.name.to_owned(), effect: target.effect, ask });
        (self.needs_approval)(ask)
    }

    fn approve<'a>(&'a self, review: Review<'a>, _: &'a ActiveCall) -> ApprovalFuture<'a> {
        let request = review.prepared.destination().map(|to| format!("{} {}", to.method, to.path));
        let Target { name, effect, .. } = review.target;
        self.add(Step::Approved { name: name.to_owned(), effect, request });
        Box::pin(std::future::ready(Ok(Approved::default())))
    }
}

impl Audit for Recorder {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        self.add(Step::Recorded(Box::new(record)));
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Returns the event of a record in words.
pub(crate) fn event(record: &AuditRecord) -> String {
    match &record.event {
        AuditEvent::Intent => "intent".to_owned(),
        AuditEvent::Refused(code) => format!("refused {code}"),
        AuditEvent::Ended { code, .. } => format!("ended {code}"),
        other => format!("{other:?}"),
    }
}
