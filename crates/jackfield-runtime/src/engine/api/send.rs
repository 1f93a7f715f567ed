//! Sends a prepared request with its credentials.

use std::time::Duration;

use jackfield_recipe::Effect;
use tokio::time::{Instant, timeout_at};

use super::Api;
use super::cached::Obtained;
use super::idempotency::add_key;
use super::no_reply::NoReply;
use super::open_request::OpenRequest;
use crate::auth::{Authorized, Authorizer, Sent};
use crate::call::downloads::SaveTarget;
use crate::call::rows::Tool;
use crate::common::budget::{GRACE, Late};
use crate::common::caller::Caller;
use crate::engine::answer::HttpAnswer;
use crate::engine::context::ActiveCall;
use crate::engine::error::{CallError, LateCall, LatePhase};
use crate::engine::policy::audit::ReplySource;
use crate::engine::prepared::PreparedHttp;
use crate::engine::route::Route;
use crate::engine::upstream::attempts::{Attempts, NotBegun};
use crate::transport::error::SendError;
use crate::transport::reply::Reply;
use crate::transport::saving::Saving;
use crate::transport::send_problem::ReplyProblem;
use crate::transport::status_header::StatusHeader;

/// A reply, with the facts about its requests.
pub(super) struct Exchanged {
    pub(super) reply: Reply,
    /// The credentials that were sent.
    pub(super) sent: Vec<Sent>,
    /// The number of requests.
    pub(super) attempts: u32,
    /// The retry delay in seconds that the service asks for.
    pub(super) asked_wait: Option<u64>,
    /// Whether the reply came from the service or from the cache.
    pub(super) source: ReplySource,
    /// The time since the service sent the reply, if it is from the cache.
    pub(super) age: Option<Duration>,
}

impl Api {
    /// Authenticates a request and sends it.
    pub(crate) async fn send(
        &self,
        prepared: PreparedHttp,
        call: &ActiveCall,
    ) -> Result<Box<HttpAnswer>, CallError> {
        let PreparedHttp { tool, mut outgoing, route, coerced, fields, paged, save } = prepared;
        let mut request =
            OpenRequest { outgoing: &mut outgoing, saving: saving_of(tool.get(), save.as_ref()) };
        let exchanged = self.exchange(tool.get(), &mut request, &route, call).await?;
        let Exchanged { reply, sent, attempts, asked_wait, source, age } = exchanged;
        let (joined, job) = (None, None);
        Ok(Box::new(HttpAnswer {
            tool,
            reply,
            source,
            age,
            sent,
            coerced,
            fields,
            paged,
            joined,
            job,
            save,
            attempts,
            asked_wait,
        }))
    }

    /// Authenticates a request of a tool and sends it.
    pub(super) async fn exchange(
        &self,
        tool: &Tool<'_>,
        request: &mut OpenRequest<'_>,
        route: &Route,
        call: &ActiveCall,
    ) -> Result<Exchanged, CallError> {
        let authorized = self.authorize(tool, route, call).await?;
        let outgoing = &mut *request.outgoing;
        let trace = call.context.trace();
        if let Some(trace) = trace {
            outgoing.set_missing("traceparent", trace.parent());
            trace.state().into_iter().for_each(|state| outgoing.set_missing("tracestate", state));
        }
        let has_key = add_key(tool, outgoing);
        let trace = trace.map(tracing::field::display);
        let started = Instant::now();
        let mut attempts = Attempts::new(&route.upstream, tool, has_key, call);
        let write = self.note_write(tool, route, call);
        let sent = self.send_authorized((tool, route), request, &authorized, call, &mut attempts).await;
        drop(write);
        let outgoing = &*request.outgoing;
        let (made, has_reached, asked_wait) =
            (attempts.made(), attempts.has_reached(), attempts.asked_seconds());
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match sent {
            Ok((Obtained { reply, source, age }, sent)) => {
                drop(authorized);
                let status = reply.status();
                let from = source.as_str();
                tracing::info!(tool = tool.name, route = %outgoing.route(), status, from, millis, trace, "called");
                Ok(Exchanged { reply, sent, attempts: made, asked_wait, source, age })
            }
            Err(NoReply::NotBegun(NotBegun::NoSlot(late))) => {
                Err(CallError::Busy(self.executor.admission().waited(late)))
            }
            Err(NoReply::NotBegun(NotBegun::Refused(refusal))) => {
                tracing::warn!(tool = tool.name, %refusal, trace, "not called");
                Err(CallError::Upstream(refusal))
            }
            Err(NoReply::Failed(error)) => {
                let is_read = tool.effect == Effect::Read;
                let (route, error) = (outgoing.route(), error.of_call(is_read, made, has_reached));
                tracing::warn!(tool = tool.name, %route, %error, millis, trace, "call failed");
                Err(CallError::Send { route, error })
            }
        }
    }

    fn ask<'a>(&'a self, route: &'a Route, caller: &'a Caller) -> Authorizer<'a> {
        Authorizer {
            rows: &self.inner.rows,
            source: &*self.inner.credentials,
            signers: &self.signers,
            client: &self.inner.client,
            base: &route.base,
            destination: route.destination.as_ref(),
            caller,
            sessions: &self.inner.sessions,
            needles: &self.inner.needles,
        }
    }

    async fn authorize<'a>(
        &'a self,
        tool: &'a Tool<'a>,
        route: &'a Route,
        call: &'a ActiveCall,
    ) -> Result<Authorized<'a>, CallError> {
        let ask = self.ask(route, call.context.caller());
        if let Some(why) = &route.withheld {
            // If a credential must not be sent, it is not requested from its source either.
            tracing::debug!(%why, "called without credentials");
            return Ok(ask.none());
        }
        let authorized = timeout_at(call.deadline, ask.authorize(tool)).await;
        let late = |_| CallError::Late(LateCall::new(LatePhase::Credentials, self.connector().name));
        authorized.map_err(late)?.map_err(CallError::Auth)
    }

    /// Sends a request. If the service refuses the credentials and the source can replace them, sends the request once more. The service
    /// did not act on the refused request, so no effect occurs twice. If a write has succeeded and only the request for its result is
    /// refused, the write is not sent again.
    async fn send_authorized(
        &self,
        target: (&Tool<'_>, &Route),
        request: &mut OpenRequest<'_>,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
        attempts: &mut Attempts<'_>,
    ) -> Result<(Obtained, Vec<Sent>), NoReply> {
        let obtained = self.obtain(target, request, authorized, call, attempts).await?;
        if obtained.reply.status() != 401 || obtained.reply.done().is_some() {
            return Ok((obtained, authorized.sent()));
        }
        let ask = self.ask(target.1, call.context.caller());
        match timeout_at(call.deadline, ask.renewed(authorized)).await {
            Ok(Ok(Some(other))) => {
                let obtained = self.obtain(target, request, &other, call, attempts).await?;
                return Ok((obtained, other.sent()));
            }
            Ok(Ok(None)) => {}
            Ok(Err(missing)) => {
                tracing::warn!(remedy = missing.remedy, "refused, and there is no other credential");
            }
            Err(_) => tracing::warn!("refused, and no other credential came in time"),
        }
        Ok((obtained, authorized.sent()))
    }

    /// Sends a request, and retries it after failures. Stops when the request may not be retried, or when no time or no retry budget is
    /// left.
    pub(super) async fn send_repeatedly(
        &self,
        request: &mut OpenRequest<'_>,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
        attempts: &mut Attempts<'_>,
    ) -> Result<Reply, NoReply> {
        let mut attempt = attempts.begin().await?;
        loop {
            let sent = self.send_once(request, authorized, call).await;
            attempts.end(attempt, &sent);
            if !attempts.next(&sent).await {
                return sent.map_err(NoReply::Failed);
            }
            attempt = match attempts.begin().await {
                Ok(attempt) => attempt,
                // While this call waited, another call opened the circuit breaker, or learned that the service asks for a pause. This call
                // then ends with the last result.
                Err(_) => return sent.map_err(NoReply::Failed),
            };
        }
    }

    async fn send_once(
        &self,
        request: &mut OpenRequest<'_>,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
    ) -> Result<Reply, SendError> {
        let OpenRequest { outgoing, saving } = request;
        // An earlier attempt may have set this header.
        outgoing.remove_credentials();
        let secrets = authorized.place(outgoing);
        let (deadline, scope) = (call.deadline, &call.scope);
        let progress = call.context.progress();
        if let Some(saving) = saving {
            saving.guard(&secrets);
        }
        let sending =
            self.inner.client.send(outgoing, authorized, deadline, progress, scope, saving.as_mut());
        let mut reply = sending.await?;
        let (status, length) = (reply.http_status(), reply.body().len());
        let strike = move || {
            reply.strike(&secrets);
            reply
        };
        let struck = scope.compute(length, deadline + GRACE, strike).await;
        struck.map_err(|Late| SendError::unreadable(status, ReplyProblem::LateReading))
    }
}

/// Returns the header that identifies a job. A reply with this header starts a job, so it is not stored in the file for the result.
pub(super) fn status_header(tool: &Tool<'_>) -> Option<StatusHeader> {
    tool.job.as_ref().map(|job| StatusHeader(job.header.into()))
}

/// Returns the file in which the reply of a tool is stored.
fn saving_of(tool: &Tool<'_>, save: Option<&SaveTarget>) -> Option<Saving> {
    save.cloned().map(|target| Saving::new(target).of_job(status_header(tool)))
}
