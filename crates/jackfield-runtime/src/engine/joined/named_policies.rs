//! The policies of an endpoint, for the calls of one attached connector.
//!
//! Rights, limits, approvals and records of an endpoint use the names that clients see. The executor of an attached connector knows only
//! the connector's own names.

use std::sync::Arc;
use std::time::Duration;

use jackfield_recipe::Ask;
use tokio::sync::watch;

use super::attached_name::AttachedName;
use crate::common::caller::Caller;
use crate::engine::context::{ActiveCall, CallContext};
use crate::engine::pending::Pending;
use crate::engine::policy::Policies;
use crate::engine::policy::approval::{Approval, ApprovalFuture, Review};
use crate::engine::policy::audit::{
    AccountChange, AttachedTarget, Audit, AuditError, AuditRecord, FailedAuthentications, ListPart,
};
use crate::engine::policy::observe::{Observe, ObservedCall};
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::policy::rate::{Rate, RateEntry, RateExceeded, RateGuard};
use crate::engine::request::{Arguments, Target};

/// A policy of the endpoint. It is called with the names that clients see.
struct Named<P: ?Sized> {
    name: AttachedName,
    policy: Arc<P>,
}

/// Returns the policies of an endpoint for the connector that is attached as `name`. `own_limits` are the limits from the connector's
/// connector.toml.
pub(crate) fn named(policies: &Policies, name: &AttachedName, own_limits: Option<Arc<dyn Rate>>) -> Policies {
    let mut named = policies.clone();
    named.permit = policies.permit.clone().map(|policy| Arc::new(Named { name: name.clone(), policy }) as _);
    named.approval =
        policies.approval.clone().map(|policy| Arc::new(Named { name: name.clone(), policy }) as _);
    named.audit = policies.audit.clone().map(|policy| Arc::new(Named { name: name.clone(), policy }) as _);
    named.observe =
        policies.observe.clone().map(|policy| Arc::new(Named { name: name.clone(), policy }) as _);
    let shared = policies.rate.clone().map(|policy| Named { name: name.clone(), policy });
    named.rate = match (shared, own_limits) {
        (None, None) => None,
        (Some(shared), None) => Some(Arc::new(shared)),
        (None, Some(own)) => Some(own),
        (Some(shared), Some(own)) => Some(Arc::new(BothLimits { shared, own })),
    };
    named
}

impl Permit for Named<dyn Permit> {
    fn decide(&self, caller: &Caller, target: Target<'_>, arguments: Option<&Arguments>) -> Permission {
        let shown = self.name.shown(target.kind, target.name);
        self.policy.decide(caller, Target { name: &shown, ..target }, arguments)
    }

    fn version(&self, caller: &Caller) -> u64 {
        self.policy.version(caller)
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        self.policy.changes()
    }

    fn revocations(&self) -> Option<watch::Receiver<u64>> {
        self.policy.revocations()
    }

    fn still_permits(&self, caller: &Caller, target: Target<'_>) -> bool {
        let shown = self.name.shown(target.kind, target.name);
        self.policy.still_permits(caller, Target { name: &shown, ..target })
    }

    fn may_approve(&self, caller: &Caller) -> bool {
        self.policy.may_approve(caller)
    }

    fn may_approve_own(&self, caller: &Caller) -> bool {
        self.policy.may_approve_own(caller)
    }
}

impl Approval for Named<dyn Approval> {
    fn is_needed(&self, target: Target<'_>, ask: Ask, context: &CallContext) -> bool {
        let shown = self.name.shown(target.kind, target.name);
        self.policy.is_needed(Target { name: &shown, ..target }, ask, context)
    }

    fn patience(&self) -> Duration {
        self.policy.patience()
    }

    fn resume<'a>(&'a self, id: &'a str) -> Pending<'a, ()> {
        self.policy.resume(id)
    }

    fn retire(&self) {
        self.policy.retire();
    }

    fn approve<'a>(&'a self, review: Review<'a>, call: &'a ActiveCall) -> ApprovalFuture<'a> {
        Box::pin(async move {
            let shown = self.name.shown(review.target.kind, review.target.name);
            let target = Target { name: &shown, ..review.target };
            self.policy.approve(Review { target, ..review }, call).await
        })
    }
}

impl Audit for Named<dyn Audit> {
    fn record(&self, mut record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        let own = std::mem::take(&mut record.name);
        record.name = self.name.shown(record.kind, &own);
        record.attached = Some(AttachedTarget::new(self.name.as_str().to_owned(), own));
        record.operation = record.operation.map(|own| self.name.shown(record.kind, &own));
        self.policy.record(record)
    }

    fn record_failed(&self, failed: FailedAuthentications) -> Pending<'_, Result<(), AuditError>> {
        self.policy.record_failed(failed)
    }

    fn record_account(&self, change: AccountChange) -> Pending<'_, Result<(), AuditError>> {
        self.policy.record_account(change)
    }

    fn record_list(&self, caller: &Caller, parts: &[ListPart]) {
        self.policy.record_list(caller, parts);
    }

    fn wants_arguments(&self) -> bool {
        self.policy.wants_arguments()
    }
}

impl Observe for Named<dyn Observe> {
    fn began(&self) {
        self.policy.began();
    }

    fn ended(&self, call: &ObservedCall<'_>) {
        let shown = self.name.shown(call.kind, call.name);
        self.policy.ended(&ObservedCall { name: &shown, ..*call });
    }

    fn text(&self) -> Option<String> {
        self.policy.text()
    }
}

impl Rate for Named<dyn Rate> {
    fn admit(&self, caller: &Caller, target: Target<'_>) -> Result<RateGuard, RateExceeded> {
        let shown = self.name.shown(target.kind, target.name);
        self.policy.admit(caller, Target { name: &shown, ..target })
    }

    /// Waits as the policy does. The returned future owns the name that clients see, because the policy borrows it.
    fn enter<'a>(&'a self, entry: RateEntry<'a>) -> Option<Pending<'a, Result<RateGuard, RateExceeded>>> {
        fn renamed<'n>(entry: RateEntry<'n>, name: &'n str) -> RateEntry<'n> {
            RateEntry { target: Target { name, ..entry.target }, ..entry }
        }
        let shown = self.name.shown(entry.target.kind, entry.target.name);
        let has_limit = self.policy.enter(renamed(entry, &shown)).is_some();
        has_limit.then(|| {
            Box::pin(async move {
                match self.policy.enter(renamed(entry, &shown)) {
                    Some(entering) => entering.await,
                    None => Ok(RateGuard::default()),
                }
            }) as Pending<'a, _>
        })
    }
}

/// The limits of the endpoint and the limits of the connector.
struct BothLimits {
    shared: Named<dyn Rate>,
    own: Arc<dyn Rate>,
}

impl Rate for BothLimits {
    fn admit(&self, caller: &Caller, target: Target<'_>) -> Result<RateGuard, RateExceeded> {
        let own = self.own.admit(caller, target)?;
        let shared = self.shared.admit(caller, target)?;
        Ok(RateGuard::of((own, shared)))
    }

    /// Waits for both limits. Every call waits for them in the same order.
    fn enter<'a>(&'a self, entry: RateEntry<'a>) -> Option<Pending<'a, Result<RateGuard, RateExceeded>>> {
        match (self.shared.enter(entry), self.own.enter(entry)) {
            (None, only) | (only, None) => only,
            (Some(shared), Some(own)) => Some(Box::pin(async move {
                let own = own.await?;
                let shared = shared.await?;
                Ok(RateGuard::of((own, shared)))
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_recipe::Effect;
    use tokio::time::Instant;

    use super::*;
    use crate::common::caller::Channel;
    use crate::engine::limits::call_limits::{CallLimits, LimitFlags};
    use crate::engine::request::TargetKind;
    use crate::v1::{Connector, RateLimit};

    /// The endpoint limits one of its own tools. An attached connector has a tool with the same name.
    static ENDPOINT: Connector =
        Connector::new("endpoint")
            .rates(&[RateLimit::of("list_books", &["list_books"]).concurrent(1).queue(0)]);

    #[tokio::test]
    async fn rate_limit_of_a_tool_does_not_apply_to_the_same_tool_of_another_connector() {
        let limits = CallLimits::of(&ENDPOINT, LimitFlags::default()).unwrap();
        let policies = Policies::none().rate(Arc::new(limits));
        let of_shop = named(&policies, &AttachedName::parse("shop").unwrap(), None).rate.unwrap();
        let of_endpoint = policies.rate.unwrap();
        let caller = Caller::local(Channel::Stdio);
        let target = Target { kind: TargetKind::Tool, name: "list_books", effect: Effect::Read };
        let deadline = Instant::now();
        let (first, again) =
            (RateEntry::new(&caller, target, deadline), RateEntry::again(&caller, target, deadline));
        let own = of_endpoint.enter(first).expect("a limit").await.unwrap();
        assert!(of_endpoint.enter(first).expect("a limit").await.is_err());
        assert!(of_shop.enter(first).is_none());
        assert!(of_shop.enter(again).is_none());
        drop(own);
    }
}
