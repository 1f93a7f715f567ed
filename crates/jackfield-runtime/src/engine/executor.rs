//! The steps of every call: permit, admit, prepare, approve, record, send, record, format.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jackfield_recipe::{Ask, Effect};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::admission::{Admission, CallSlot};
use super::answer::Answered;
use super::approval::outline::ArgumentOutline;
use super::context::{ActiveCall, CallContext};
use super::destination::CallDestination;
use super::end_record::EndRecord;
use super::error::CallError;
use super::observation::Observation;
use super::outcome::Outcome;
use super::outcome_code::OutcomeCode;
use super::policy::Policies;
use super::policy::approval::{Approval, Approved, Review};
use super::policy::audit::{AuditError, AuditEvent, AuditRecord};
use super::policy::permit::Permission;
use super::policy::rate::RateGuard;
use super::prepared::Prepared;
use super::redacted::redacted;
use super::request::{SourceRequest, SourceResponse, Target, TargetKind};
use super::source::Source;
use super::unknown::UnknownName;
use crate::common::budget::StopAtEnd;
use crate::common::caller::Caller;

/// Executes calls with the policies and the limits of one process.
#[derive(Debug)]
pub(crate) struct Executor {
    policies: Policies,
    admission: Admission,
    time_limit: Duration,
    calls: AtomicU64,
}

/// An admitted call. Dropping it frees its slot and cancels its work.
pub(crate) struct Admitted {
    pub(crate) call: ActiveCall,
    _stop: StopAtEnd,
    slot: Option<CallSlot>,
    _rate: [RateGuard; 2],
}

/// Whether a call takes a slot of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nesting {
    /// A transport or a program made the call, so it takes a slot.
    Outermost,
    /// Hand-written code made the call during a call that already has a slot. Waiting for a second slot could
    /// deadlock.
    Within,
}

/// The properties that all audit records of a call have in common. They are computed only if there is an
/// audit.
struct Facts {
    number: u64,
    kind: TargetKind,
    name: String,
    effect: Option<Effect>,
    arguments: [u8; 32],
    shown_arguments: Option<Value>,
    began: Instant,
}

/// The facts about a call that needs an approval. They are computed only for such calls.
struct Reviewed {
    approval: Arc<dyn Approval>,
    kind: TargetKind,
    name: String,
    effect: Effect,
    ask: Ask,
    arguments: [u8; 32],
    outline: ArgumentOutline,
}

impl Executor {
    pub(crate) fn new(policies: Policies, admission: Admission, time_limit: Duration) -> Self {
        Self { policies, admission, time_limit, calls: AtomicU64::new(0) }
    }

    /// Returns an executor with the same limits and other policies.
    pub(crate) fn with_policies(&self, policies: Policies) -> Self {
        Self::new(policies, self.admission.clone(), self.time_limit)
    }

    pub(crate) const fn policies(&self) -> &Policies {
        &self.policies
    }

    pub(crate) const fn admission(&self) -> &Admission {
        &self.admission
    }

    /// The deadline of a call that begins now.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.time_limit
    }

    #[cfg(test)]
    pub(crate) fn set_time_limit(&mut self, time_limit: Duration) {
        self.time_limit = time_limit;
    }

    /// Executes a call up to its unformatted answer. The admission slot is held until the answer has been
    /// formatted or used.
    pub(crate) async fn answer(
        &self,
        source: &dyn Source,
        request: SourceRequest,
        context: &CallContext,
        nesting: Nesting,
    ) -> Result<(Answered, Admitted), CallError> {
        let (began, effect) = (Instant::now(), source.effect(&request));
        let observation = self.observe(&request, effect, context, began);
        let facts = self.facts(effect, &request);
        let mut end = self.end_record(facts.as_ref(), context, began);
        let made = self.make(source, request, effect, context, nesting, facts.as_ref(), &mut end).await;
        let (code, status, event, made) = match made {
            Ok((Ok(answered), admitted)) => {
                let code = Outcome::code_of(&answered);
                let event = AuditEvent::Ended { code, reply: answered.recorded() };
                (code, answered.status(), event, Ok((answered, admitted)))
            }
            Ok((Err(error), _)) => {
                let code = error.code();
                (code, None, AuditEvent::Ended { code, reply: None }, Err(error))
            }
            Err(error) => {
                error.rule().into_iter().for_each(|rule| end.set_rule(rule));
                let code = error.code();
                (code, None, AuditEvent::Refused(code), Err(error))
            }
        };
        end.write(event).await;
        observation.end(code, status);
        made
    }

    /// Refuses a request before it is prepared, and records the refusal.
    pub(crate) async fn refuse(
        &self,
        request: &SourceRequest,
        effect: Option<Effect>,
        error: CallError,
        context: &CallContext,
    ) -> CallError {
        let began = Instant::now();
        let observation = self.observe(request, effect, context, began);
        let facts = self.facts(effect, request);
        self.end_record(facts.as_ref(), context, began).write(AuditEvent::Refused(error.code())).await;
        observation.end(error.code(), None);
        error
    }

    /// Answers a request about the tools themselves. The answer contains only tools that the caller may see,
    /// and nothing is sent, so neither a permission nor an approval is needed.
    pub(crate) async fn answer_here(
        &self,
        request: &SourceRequest,
        context: &CallContext,
        answer: impl Future<Output = Result<SourceResponse, CallError>>,
    ) -> Outcome {
        let (began, effect) = (Instant::now(), Effect::Read);
        let observation = self.observe(request, Some(effect), context, began);
        let facts = self.facts(Some(effect), request);
        let end = self.end_record(facts.as_ref(), context, began);
        let (kind, name) = request.target();
        let answered = match self.admit(context, Target { kind, name, effect }, Nesting::Outermost).await {
            Ok(_admitted) => answer.await,
            Err(error) => Err(error),
        };
        let outcome = match answered {
            Ok(response) => Outcome { code: OutcomeCode::Done, status: None, result: Ok(response) },
            Err(error) => Outcome::failed(error),
        };
        end.write(match &outcome.result {
            Ok(_) => AuditEvent::Ended { code: outcome.code, reply: None },
            Err(_) => AuditEvent::Refused(outcome.code),
        })
        .await;
        observation.end(outcome.code, None);
        outcome
    }

    /// The last record of a call, which is written even if the call is dropped.
    fn end_record(&self, facts: Option<&Facts>, context: &CallContext, began: Instant) -> EndRecord {
        match self.policies.audit.as_ref().zip(facts) {
            Some((audit, facts)) => {
                let record = facts.record(AuditEvent::Intent, context.caller(), None, None);
                EndRecord::of(Arc::clone(audit), record, began)
            }
            None => EndRecord::none(),
        }
    }

    fn observe(
        &self,
        request: &SourceRequest,
        effect: Option<Effect>,
        context: &CallContext,
        began: Instant,
    ) -> Observation {
        let channel = context.caller().channel();
        Observation::begin(self.policies.observe.as_ref(), request, effect, channel, began)
    }

    /// The outer result has the error if the call failed before anything was sent.
    async fn make(
        &self,
        source: &dyn Source,
        request: SourceRequest,
        effect: Option<Effect>,
        context: &CallContext,
        nesting: Nesting,
        facts: Option<&Facts>,
        end: &mut EndRecord,
    ) -> Result<(Result<Answered, CallError>, Admitted), CallError> {
        let (kind, name) = request.target();
        let effect = effect.ok_or_else(|| CallError::unknown(&request))?;
        let target = Target { kind, name, effect };
        let permission =
            self.decide(context.caller(), request.permission_target(effect), request.arguments());
        if let Some(signal) = context.permission_signal() {
            match &permission {
                Permission::NeedsScopes(scopes) => signal.lacks_scopes(scopes),
                _ => signal.permit(),
            }
        }
        match permission {
            Permission::Allowed => {}
            Permission::NeedsScopes(scopes) => return Err(CallError::InsufficientScope(scopes)),
            Permission::ArgumentsRefused(rule) => return Err(CallError::ArgumentsNotPermitted(rule)),
            Permission::Hidden => return Err(CallError::NotPermitted(UnknownName::target_of(&request))),
        }
        let mut admitted = self.admit(context, target, nesting).await?;
        let reviewed = self.reviewed(&request, target, source.ask(&request), context, facts);
        let prepared = source.prepare(request, &admitted.call).await?;
        let destination = facts.and_then(|_| prepared.destination());
        end.set_destination(destination.clone());
        let approval = match reviewed {
            Some(reviewed) => self.approve(&reviewed, &prepared, &mut admitted).await?.id,
            None => None,
        };
        if let Some(facts) = facts {
            end.set_approval(approval.clone());
            let intent = facts.record(AuditEvent::Intent, context.caller(), destination, approval.clone());
            self.record_intent(intent).await.map_err(CallError::NotAudited)?;
        }
        end.mark_sent();
        let is_code = matches!(prepared, Prepared::Custom(_));
        let answered = source.send(prepared, &admitted.call).await;
        if let (true, Err(error), Some(id)) = (is_code, &answered, &approval)
            && error.code() == OutcomeCode::InputRequired
            && let Some(policy) = &self.policies.approval
        {
            policy.resume(id).await;
        }
        Ok((answered, admitted))
    }

    /// Admits a call. Calls that hand-written code makes also count towards the rate of their caller.
    async fn admit(
        &self,
        context: &CallContext,
        target: Target<'_>,
        nesting: Nesting,
    ) -> Result<Admitted, CallError> {
        let deadline = self.deadline();
        let rate = match &self.policies.rate {
            Some(rate) => {
                let admitted = rate.admit(context.caller(), target).map_err(CallError::RateExceeded)?;
                let entering = match nesting {
                    Nesting::Outermost => rate.enter(context.caller(), target, deadline),
                    Nesting::Within => None,
                };
                let entered = match entering {
                    Some(entering) => entering.await.map_err(CallError::RateExceeded)?,
                    None => RateGuard::default(),
                };
                [admitted, entered]
            }
            None => Default::default(),
        };
        let slot = match nesting {
            Nesting::Outermost => Some(self.admission.enter(deadline).await.map_err(CallError::Busy)?),
            Nesting::Within => None,
        };
        let scope = self.admission.scope();
        let stop = scope.stop_at_end();
        Ok(Admitted {
            call: ActiveCall { context: context.within(&scope), deadline, scope },
            _stop: stop,
            slot,
            _rate: rate,
        })
    }

    /// Whether a target appears in the lists of a caller.
    pub(crate) fn lists(&self, caller: &Caller, target: Target<'_>) -> bool {
        self.decide(caller, target, None).is_listed()
    }

    fn decide(
        &self,
        caller: &Caller,
        target: Target<'_>,
        arguments: Option<&Map<String, Value>>,
    ) -> Permission {
        let permit = self.policies.permit.as_ref();
        permit.map_or(Permission::Allowed, |permit| permit.decide(caller, target, arguments))
    }

    /// The facts about a request that an approval needs, if the call needs one. Preparing the request consumes its
    /// arguments.
    fn reviewed(
        &self,
        request: &SourceRequest,
        target: Target<'_>,
        ask: Ask,
        context: &CallContext,
        facts: Option<&Facts>,
    ) -> Option<Reviewed> {
        let approval = self.policies.approval.as_ref()?;
        approval.is_needed(target, ask, context).then(|| Reviewed {
            approval: Arc::clone(approval),
            kind: target.kind,
            name: target.name.to_owned(),
            effect: target.effect,
            ask,
            arguments: facts.map_or_else(|| digest(request), |facts| facts.arguments),
            outline: request.arguments().map(ArgumentOutline::of).unwrap_or_default(),
        })
    }

    /// Waits for an approval. Meanwhile the call has no slot, so that slow people do not stop other calls, and its
    /// deadline stands still.
    async fn approve(
        &self,
        reviewed: &Reviewed,
        prepared: &Prepared,
        admitted: &mut Admitted,
    ) -> Result<Approved, CallError> {
        let Reviewed { approval, kind, name, effect, ask, arguments, outline } = reviewed;
        let target = Target { kind: *kind, name, effect: *effect };
        let review = Review { target, ask: *ask, prepared, arguments, outline };
        let (began, had_slot) = (Instant::now(), admitted.slot.take().is_some());
        let limit = admitted.call.deadline + approval.patience();
        let decided = tokio::time::timeout_at(limit, approval.approve(review, &admitted.call)).await;
        let approved = decided
            .map_err(|_| CallError::Late("it waited for an approval"))?
            .map_err(CallError::NotApproved)?;
        admitted.call.deadline += began.elapsed();
        if had_slot {
            let slot = self.admission.reenter(admitted.call.deadline).await.map_err(CallError::Busy)?;
            admitted.slot = Some(slot);
        }
        Ok(approved)
    }

    async fn record_intent(&self, intent: AuditRecord) -> Result<(), AuditError> {
        match &self.policies.audit {
            Some(audit) => audit.record(intent).await,
            None => Ok(()),
        }
    }

    fn facts(&self, effect: Option<Effect>, request: &SourceRequest) -> Option<Facts> {
        self.policies.audit.as_ref()?;
        let (kind, name) = request.target();
        let is_shown = self.policies.audit.as_ref().is_some_and(|audit| audit.wants_arguments());
        let shown_arguments = request.arguments().filter(|_| is_shown).map(redacted);
        Some(Facts {
            number: self.calls.fetch_add(1, Ordering::Relaxed),
            kind,
            name: name.to_owned(),
            effect,
            arguments: digest(request),
            shown_arguments,
            began: Instant::now(),
        })
    }
}

impl Facts {
    fn record(
        &self,
        event: AuditEvent,
        caller: &Caller,
        destination: Option<CallDestination>,
        approval: Option<String>,
    ) -> AuditRecord {
        AuditRecord {
            call: self.number,
            event,
            caller: caller.clone(),
            kind: self.kind,
            name: self.name.clone(),
            effect: self.effect,
            destination,
            arguments: self.arguments,
            shown_arguments: self.shown_arguments.clone(),
            approval,
            rule: None,
            duration: self.began.elapsed(),
        }
    }
}

/// The SHA-256 digest of a request's arguments as JSON with sorted keys.
fn digest(request: &SourceRequest) -> [u8; 32] {
    let text = match request {
        SourceRequest::CallTool { arguments, .. } | SourceRequest::GetPrompt { arguments, .. } => {
            let mut arguments = arguments.clone();
            arguments.sort_keys();
            arguments.values_mut().for_each(Value::sort_all_objects);
            serde_json::to_vec(&arguments).unwrap_or_default()
        }
        SourceRequest::ReadResource { uri } => uri.clone().into_bytes(),
        SourceRequest::Complete { argument, value, .. } => {
            serde_json::to_vec(&[argument, value]).unwrap_or_default()
        }
    };
    Sha256::digest(text).into()
}
