//! Executes the steps of every call: permit, admit, prepare, approve, record, send, record, format.

use std::sync::Arc;
use std::time::Duration;

use jackfield_recipe::{Ask, Effect};
use tokio::time::Instant;

use super::admission::Admission;
use super::answer::Answered;
use super::approval::outline::ArgumentOutline;
use super::call_slot::{CallSlot, LentSlot};
use super::context::{ActiveCall, CallContext};
use super::end_record::EndRecord;
use super::error::{CallError, LateCall, LatePhase};
use super::facts::{Facts, digest};
use super::observation::Observation;
use super::outcome::Outcome;
use super::outcome_code::OutcomeCode;
use super::policy::Policies;
use super::policy::approval::{Approval, Approved, Review};
use super::policy::audit::{AuditError, AuditEvent, AuditRecord, RecordedReply};
use super::policy::permit::Permission;
use super::policy::rate::{RateEntry, RateGuard};
use super::policy::withdrawn::PermittedCall;
use super::prepared::Prepared;
use super::request::{SourceRequest, SourceResponse, Target, TargetKind};
use super::source::{JobWait, Source};
use super::unknown::UnknownName;
use crate::common::budget::StopAtEnd;
use crate::common::caller::Caller;

/// Executes calls with the policies and the limits of one process.
#[derive(Debug)]
pub(crate) struct Executor {
    policies: Policies,
    admission: Admission,
    time_limit: Duration,
    /// The time limit of a call that sends or stores a file.
    transfer_limit: Duration,
}

/// An admitted call. Dropping it frees its slot and cancels its work.
pub(crate) struct Admitted {
    pub(crate) call: ActiveCall,
    _stop: StopAtEnd,
    _slot: Option<CallSlot>,
    /// The guard that counts the call as in flight.
    in_flight: Option<RateGuard>,
    _rate: RateGuard,
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
        Self { policies, admission, time_limit, transfer_limit: time_limit }
    }

    /// Sets the time limit of calls that send or store a file.
    pub(crate) fn with_transfer_limit(self, transfer_limit: Duration) -> Self {
        Self { transfer_limit, ..self }
    }

    /// Returns an executor with the same limits and with `policies`.
    pub(crate) fn with_policies(&self, policies: Policies) -> Self {
        Self::new(policies, self.admission.clone(), self.time_limit).with_transfer_limit(self.transfer_limit)
    }

    pub(crate) const fn policies(&self) -> &Policies {
        &self.policies
    }

    pub(crate) const fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Returns the deadline of a call that begins now.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.time_limit
    }

    /// Returns the deadline of a transfer that begins now.
    pub(crate) fn transfer_deadline(&self) -> Instant {
        Instant::now() + self.transfer_limit
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
        let effect = source.effect(&request);
        let mut ending = self.begin(effect, &request, source.called(), context);
        match self.make(source, request, effect, context, nesting, &mut ending).await {
            Ok((Ok(answered), admitted)) => {
                let code = Outcome::code_of(&answered);
                ending.record.set_attempts(answered.attempts());
                if ending.facts.is_some() {
                    ending.record.set_answer_bytes(answered.relayed_bytes());
                }
                ending.end(code, answered.recorded(), answered.status()).await;
                Ok((answered, admitted))
            }
            Ok((Err(error), _)) => {
                ending.record.set_attempts(error.attempts());
                ending.end(error.code(), None, None).await;
                Err(error)
            }
            Err(error) => {
                ending.refuse(&error).await;
                Err(error)
            }
        }
    }

    /// Refuses a request before it is prepared, and records the refusal.
    pub(crate) async fn refuse(
        &self,
        request: &SourceRequest,
        effect: Option<Effect>,
        error: CallError,
        context: &CallContext,
    ) -> CallError {
        self.begin(effect, request, None, context).refuse(&error).await;
        error
    }

    /// Answers a request about the tools themselves, such as a search. The answer contains only tools that the caller may see, and nothing
    /// is sent, so neither a permission nor an approval is needed.
    pub(crate) async fn answer_here(
        &self,
        request: &SourceRequest,
        context: &CallContext,
        answer: impl Future<Output = Result<SourceResponse, CallError>>,
    ) -> Outcome {
        let effect = Effect::Read;
        let ending = self.begin(Some(effect), request, None, context);
        let (kind, name) = request.target();
        let answered = match self.admit(context, Target { kind, name, effect }, Nesting::Outermost).await {
            Ok(_admitted) => answer.await,
            Err(error) => Err(error),
        };
        match answered {
            Ok(response) => {
                let code = OutcomeCode::Done;
                ending.end(code, None, None).await;
                Outcome { code, status: None, result: Ok(response) }
            }
            Err(error) => {
                ending.refuse(&error).await;
                Outcome::failed(error)
            }
        }
    }

    /// Begins a call, whose end is recorded even if the call is dropped. `called` is the merged tool that the caller called, if the request
    /// is for an operation of a merged tool.
    fn begin(
        &self,
        effect: Option<Effect>,
        request: &SourceRequest,
        called: Option<&str>,
        context: &CallContext,
    ) -> Ending {
        let began = Instant::now();
        let facts = self.policies.audit.as_deref().map(|audit| {
            let number = self.policies.next_call();
            Facts::of(audit, number, effect, request, called, context.trace(), began)
        });
        let record = match self.policies.audit.as_ref().zip(facts.as_ref()) {
            Some((audit, facts)) => {
                let record = facts.record(AuditEvent::Intent, context.caller(), None, None);
                EndRecord::of(Arc::clone(audit), record, began)
            }
            None => EndRecord::none(),
        };
        let channel = context.caller().channel();
        let observation =
            Observation::begin(self.policies.observe.as_ref(), request, called, effect, channel, began);
        Ending { facts, record, observation }
    }

    /// Executes a call. The outer result is an error if the call failed before anything was sent.
    async fn make(
        &self,
        source: &dyn Source,
        request: SourceRequest,
        effect: Option<Effect>,
        context: &CallContext,
        nesting: Nesting,
        ending: &mut Ending,
    ) -> Result<(Result<Answered, CallError>, Admitted), CallError> {
        let Ending { facts, record: end, .. } = ending;
        let facts = facts.as_ref();
        let (kind, name) = request.target();
        let effect = effect.ok_or_else(|| CallError::unknown(&request))?;
        let target = Target { kind, name, effect };
        let permission = self.policies.permit.as_ref().map_or(Permission::Allowed, |permit| {
            permit.decide(context.caller(), request.permission_target(effect), request.arguments())
        });
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
        let permit = self.policies.permit.as_ref();
        let permitted =
            permit.and_then(|permit| PermittedCall::of(permit, context.caller(), &request, effect));
        let mut admitted = self.admit(context, target, nesting).await?;
        let reviewed = self.reviewed(&request, target, source.ask(&request), context, facts);
        let prepared = source.prepare(request, &admitted.call).await?;
        let destination = facts.and_then(|_| prepared.destination());
        end.set_destination(destination.clone());
        let approval = match reviewed {
            Some(reviewed) => self.approve(&reviewed, &prepared, &mut admitted, end).await?.id,
            None => None,
        };
        if let Some(facts) = facts {
            let intent = facts.record(AuditEvent::Intent, context.caller(), destination, approval.clone());
            self.record_intent(intent).await.map_err(CallError::NotAudited)?;
        }
        if prepared.is_transfer() {
            admitted.call.deadline = admitted.call.deadline.max(self.transfer_deadline());
        }
        end.mark_sent();
        let may_ask = matches!(prepared, Prepared::Custom(_) | Prepared::Mcp(_));
        let sending = async {
            match source.send(prepared, &admitted.call).await {
                Ok(accepted) if accepted.awaits_job() => {
                    Ok(Self::follow(source, accepted, &mut admitted, end).await)
                }
                answered => answered,
            }
        };
        let answered = PermittedCall::run(permitted, sending).await;
        if let (true, Err(error), Some(id)) = (may_ask, &answered, &approval)
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
        let (mut rate, mut in_flight) = (RateGuard::default(), None);
        if let Some(limits) = &self.policies.rate {
            rate = limits.admit(context.caller(), target).map_err(CallError::RateExceeded)?;
            if nesting == Nesting::Outermost
                && let Some(entering) = limits.enter(RateEntry::new(context.caller(), target, deadline))
            {
                in_flight = Some(entering.await.map_err(CallError::RateExceeded)?);
            }
        }
        let slot = match nesting {
            Nesting::Outermost => Some(self.admission.enter(deadline).await.map_err(CallError::Busy)?),
            Nesting::Within => None,
        };
        let scope = self.admission.scope();
        let stop = scope.stop_at_end();
        Ok(Admitted {
            call: ActiveCall {
                context: context.within(&scope),
                deadline,
                scope,
                slot: slot.as_ref().map_or_else(LentSlot::default, CallSlot::lent),
            },
            _stop: stop,
            _slot: slot,
            in_flight,
            _rate: rate,
        })
    }

    /// Whether a target appears in the lists of a caller.
    pub(crate) fn lists(&self, caller: &Caller, target: Target<'_>) -> bool {
        let permit = self.policies.permit.as_ref();
        permit.is_none_or(|permit| permit.decide(caller, target, None).is_listed())
    }

    /// Returns the facts that an approver needs, or `None` if the call needs no approval. They are computed before the request is prepared,
    /// because preparing consumes the arguments.
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

    /// Waits for an approval. A waiting call releases its slot and does not count as in flight, so that slow people do not block other
    /// calls. The deadline of the call is suspended while it waits.
    async fn approve(
        &self,
        reviewed: &Reviewed,
        prepared: &Prepared,
        admitted: &mut Admitted,
        end: &mut EndRecord,
    ) -> Result<Approved, CallError> {
        let Reviewed { approval, kind, name, effect, ask, arguments, outline } = reviewed;
        let target = Target { kind: *kind, name, effect: *effect };
        let review = Review { target, ask: *ask, prepared, arguments, outline };
        let began = Instant::now();
        admitted.call.slot.release();
        let was_in_flight = admitted.in_flight.take().is_some();
        let limit = admitted.call.deadline + approval.patience();
        let decided = tokio::time::timeout_at(limit, approval.approve(review, &admitted.call)).await;
        let approved = decided
            .map_err(|_| CallError::Late(LateCall::new(LatePhase::Approval, "")))?
            .map_err(CallError::NotApproved)?;
        // The approval is spent, even if the call cannot continue.
        end.set_approval(approved.id.clone());
        admitted.call.deadline += began.elapsed();
        let (deadline, caller) = (admitted.call.deadline, admitted.call.context.caller());
        if let Some(rate) = self.policies.rate.as_ref().filter(|_| was_in_flight)
            && let Some(entering) = rate.enter(RateEntry::again(caller, target, deadline))
        {
            admitted.in_flight = Some(entering.await.map_err(CallError::RateExceeded)?);
        }
        let slot = admitted.call.slot.reenter(deadline).await;
        slot.map_err(|late| CallError::Busy(self.admission.waited(late)))?;
        Ok(approved)
    }

    /// Waits for the job that an answer started. A call that becomes a task releases its slot and no longer counts as in flight, because
    /// the number of tasks has a separate limit.
    async fn follow(
        source: &dyn Source,
        accepted: Answered,
        admitted: &mut Admitted,
        end: &mut EndRecord,
    ) -> Answered {
        end.mark_accepted(accepted.recorded(), accepted.attempts());
        let (began, Admitted { call, in_flight, .. }) = (Instant::now(), &mut *admitted);
        let mut is_task = false;
        let mut release = || {
            call.slot.release();
            *in_flight = None;
            is_task = true;
        };
        let answered = source.follow(accepted, JobWait { call, release: &mut release }).await;
        if is_task {
            admitted.call.deadline += began.elapsed();
        }
        answered
    }

    async fn record_intent(&self, intent: AuditRecord) -> Result<(), AuditError> {
        match &self.policies.audit {
            Some(audit) => audit.record(intent).await,
            None => Ok(()),
        }
    }
}

/// The end of a call, which is recorded once and reported to the observer once.
struct Ending {
    /// `None` if the call is not recorded.
    facts: Option<Facts>,
    record: EndRecord,
    observation: Observation,
}

impl Ending {
    /// Ends a call that was sent or answered.
    async fn end(self, code: OutcomeCode, reply: Option<RecordedReply>, status: Option<u16>) {
        self.record.write(AuditEvent::Ended { code, reply }).await;
        self.observation.end(code, status);
    }

    /// Ends a call that failed before anything was sent.
    async fn refuse(mut self, error: &CallError) {
        let code = error.code();
        if let Some(rule) = error.rule() {
            self.record.set_rule(rule);
        }
        if let Some(id) = error.approval() {
            self.record.set_approval(Some(id.to_owned()));
        }
        self.record.write(AuditEvent::Refused(code)).await;
        self.observation.end(code, None);
    }
}

#[cfg(test)]
mod tests;
