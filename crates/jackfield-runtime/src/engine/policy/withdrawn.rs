//! Ends running calls whose caller loses the permission.

use std::sync::Arc;

use jackfield_recipe::Effect;
use tokio::sync::watch;

use super::permit::Permit;
use crate::common::caller::Caller;
use crate::engine::error::CallError;
use crate::engine::request::{SourceRequest, Target, TargetKind};
use crate::engine::unknown::UnknownName;

/// A running call whose permission may be withdrawn.
pub(crate) struct PermittedCall {
    permit: Arc<dyn Permit>,
    revocations: watch::Receiver<u64>,
    caller: Caller,
    kind: TargetKind,
    name: String,
    effect: Effect,
    /// The error of a call without permission, which equals the error for an unknown target.
    unknown: UnknownName,
}

impl PermittedCall {
    /// Watches a call that was permitted. Returns `None` if permissions are never withdrawn, so that such calls allocate nothing.
    pub(crate) fn of(
        permit: &Arc<dyn Permit>,
        caller: &Caller,
        request: &SourceRequest,
        effect: Effect,
    ) -> Option<Self> {
        let revocations = permit.revocations()?;
        let Target { kind, name, effect } = request.permission_target(effect);
        let (name, unknown) = (name.to_owned(), UnknownName::target_of(request));
        let (permit, caller) = (Arc::clone(permit), caller.clone());
        Some(Self { permit, revocations, caller, kind, name, effect, unknown })
    }

    /// Runs a call. If its caller loses the permission, the call is dropped, which cancels it.
    pub(crate) async fn run<T>(
        call: Option<Self>,
        running: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let Some(call) = call else { return running.await };
        tokio::select! {
            biased;
            answered = running => answered,
            () = call.withdrawn() => Err(CallError::NotPermitted(call.unknown.clone())),
        }
    }

    /// Waits until the caller may no longer make the call.
    async fn withdrawn(&self) {
        let target = Target { kind: self.kind, name: &self.name, effect: self.effect };
        let mut revocations = self.revocations.clone();
        // The permission may have ended since the call began, for example while a person was asked.
        while self.permit.still_permits(&self.caller, target) {
            if revocations.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}
