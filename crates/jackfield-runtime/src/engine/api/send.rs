//! Sends a prepared request with its credentials.

use jackfield_recipe::Effect;
use tokio::time::{Instant, timeout_at};

use super::Api;
use super::idempotency::add_key;
use crate::auth::{Authorized, Authorizer, Sent};
use crate::call::outgoing::Outgoing;
use crate::call::rows::Tool;
use crate::common::budget::{GRACE, Late};
use crate::common::caller::Caller;
use crate::engine::answer::HttpAnswer;
use crate::engine::context::ActiveCall;
use crate::engine::error::CallError;
use crate::engine::prepared::PreparedHttp;
use crate::engine::route::Route;
use crate::engine::upstream::attempts::Attempts;
use crate::engine::upstream::refusal::UpstreamRefusal;
use crate::transport::error::SendError;
use crate::transport::reply::Reply;
use crate::transport::send_problem::ReplyProblem;

/// Why a request got no reply.
enum NoReply {
    Refused(UpstreamRefusal),
    Failed(SendError),
}

impl From<UpstreamRefusal> for NoReply {
    fn from(refusal: UpstreamRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<SendError> for NoReply {
    fn from(error: SendError) -> Self {
        Self::Failed(error)
    }
}

impl Api {
    /// Authenticates a request and sends it.
    pub(crate) async fn send(
        &self,
        prepared: PreparedHttp,
        call: &ActiveCall,
    ) -> Result<HttpAnswer, CallError> {
        let PreparedHttp { tool, mut outgoing, route, coerced, fields, paged } = prepared;
        let authorized = self.authorize(tool.get(), &route, call).await?;
        let trace = call.context.trace();
        if let Some(trace) = trace {
            outgoing.set_missing("traceparent", trace.parent());
            trace.state().into_iter().for_each(|state| outgoing.set_missing("tracestate", state));
        }
        let has_key = add_key(tool.get(), &mut outgoing);
        let trace = trace.map(tracing::field::display);
        let started = Instant::now();
        let mut attempts = Attempts::new(&route.upstream, tool.get(), has_key, call);
        let sent = self.send_authorized(&route, &mut outgoing, &authorized, call, &mut attempts).await;
        let (made, has_reached, asked_wait) =
            (attempts.made(), attempts.has_reached(), attempts.asked_seconds());
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match sent {
            Ok((reply, sent)) => {
                drop(authorized);
                let status = reply.status();
                tracing::info!(tool = tool.get().name, route = %outgoing.route(), status, millis, trace, "called");
                let (joined, attempts) = (None, made);
                Ok(HttpAnswer { tool, reply, sent, coerced, fields, paged, joined, attempts, asked_wait })
            }
            Err(NoReply::Refused(refusal)) => {
                tracing::warn!(tool = tool.get().name, %refusal, trace, "not called");
                Err(CallError::Upstream(refusal))
            }
            Err(NoReply::Failed(error)) => {
                let is_read = tool.get().effect == Effect::Read;
                let (route, error) = (outgoing.route(), error.of_call(is_read, made, has_reached));
                tracing::warn!(tool = tool.get().name, %route, %error, millis, trace, "call failed");
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
            // A credential that must not be sent is not requested from its source.
            tracing::debug!(%why, "called without credentials");
            return Ok(ask.none());
        }
        let authorized = timeout_at(call.deadline, ask.authorize(tool)).await;
        authorized.map_err(|_| CallError::Late("its credentials were fetched"))?.map_err(CallError::Auth)
    }

    /// Sends a request. If the service refuses the credentials and the source can replace them, sends the
    /// request once more. The service did not act on the refused request, so no effect occurs twice. If a
    /// write has succeeded and only the request for its result is refused, the write is not sent again.
    async fn send_authorized(
        &self,
        route: &Route,
        outgoing: &mut Outgoing,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
        attempts: &mut Attempts<'_>,
    ) -> Result<(Reply, Vec<Sent>), NoReply> {
        let reply = self.send_repeatedly(outgoing, authorized, call, attempts).await?;
        if reply.status() != 401 || reply.done().is_some() {
            return Ok((reply, authorized.sent()));
        }
        let ask = self.ask(route, call.context.caller());
        match timeout_at(call.deadline, ask.renewed(authorized)).await {
            Ok(Ok(Some(other))) => {
                let reply = self.send_repeatedly(outgoing, &other, call, attempts).await?;
                return Ok((reply, other.sent()));
            }
            Ok(Ok(None)) => {}
            Ok(Err(missing)) => {
                tracing::warn!(remedy = missing.remedy, "refused, and there is no other credential");
            }
            Err(_) => tracing::warn!("refused, and no other credential came in time"),
        }
        Ok((reply, authorized.sent()))
    }

    /// Sends a request, and repeats it while it fails, may be repeated, and there is time and budget.
    async fn send_repeatedly(
        &self,
        outgoing: &mut Outgoing,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
        attempts: &mut Attempts<'_>,
    ) -> Result<Reply, NoReply> {
        let mut attempt = attempts.begin().await?;
        loop {
            let sent = self.send_once(outgoing, authorized, call).await;
            attempts.end(attempt, &sent);
            if !attempts.next(&sent).await {
                return sent.map_err(NoReply::Failed);
            }
            attempt = match attempts.begin().await {
                Ok(attempt) => attempt,
                // Another call has learned meanwhile that the service has to be left alone.
                Err(_) => return sent.map_err(NoReply::Failed),
            };
        }
    }

    async fn send_once(
        &self,
        outgoing: &mut Outgoing,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
    ) -> Result<Reply, SendError> {
        // An earlier attempt may have set this header.
        outgoing.remove_credentials();
        let secrets = authorized.place(outgoing);
        let (deadline, scope) = (call.deadline, &call.scope);
        let progress = call.context.progress();
        let mut reply = self.inner.client.send(outgoing, authorized, deadline, progress, scope).await?;
        let (status, length) = (reply.http_status(), reply.body().len());
        let strike = move || {
            reply.strike(&secrets);
            reply
        };
        let struck = scope.compute(length, deadline + GRACE, strike).await;
        struck.map_err(|Late| SendError::unreadable(status, ReplyProblem::LateReading))
    }
}
