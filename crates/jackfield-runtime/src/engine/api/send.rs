//! Sends a prepared request with its credentials.

use jackfield_recipe::Effect;
use tokio::time::{Instant, timeout_at};

use super::Api;
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
use crate::transport::error::SendError;
use crate::transport::reply::Reply;
use crate::transport::send_problem::ReplyProblem;

impl Api {
    /// Authenticates a request and sends it.
    pub(crate) async fn send(
        &self,
        prepared: PreparedHttp,
        call: &ActiveCall,
    ) -> Result<HttpAnswer, CallError> {
        let PreparedHttp { tool, mut outgoing, route, coerced } = prepared;
        let authorized = self.authorize(tool.get(), &route, call).await?;
        let trace = call.context.trace();
        if let Some(trace) = trace {
            outgoing.set_missing("traceparent", trace.parent());
            trace.state().into_iter().for_each(|state| outgoing.set_missing("tracestate", state));
        }
        let trace = trace.map(tracing::field::display);
        let started = Instant::now();
        let sent = self.send_authorized(tool.get(), &route, &mut outgoing, &authorized, call).await;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match sent {
            Ok((reply, sent)) => {
                drop(authorized);
                let status = reply.status();
                tracing::info!(tool = tool.get().name, route = %outgoing.route(), status, millis, trace, "called");
                Ok(HttpAnswer { tool, reply, sent, coerced })
            }
            Err(error) => {
                let route = outgoing.route();
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
        tool: &Tool<'_>,
        route: &Route,
        outgoing: &mut Outgoing,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
    ) -> Result<(Reply, Vec<Sent>), SendError> {
        let reply = match self.send_once(outgoing, authorized, call).await {
            // The server may close a kept-alive connection at the moment when it is reused.
            Err(error) if is_read(tool) && error.is_about_its_end() => {
                self.send_once(outgoing, authorized, call).await?
            }
            sent => sent?,
        };
        if reply.status() != 401 || reply.done().is_some() {
            return Ok((reply, authorized.sent()));
        }
        let ask = self.ask(route, call.context.caller());
        match timeout_at(call.deadline, ask.renewed(authorized)).await {
            Ok(Ok(Some(other))) => {
                let reply = self.send_once(outgoing, &other, call).await?;
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

/// Whether a request may be sent twice: its method is safe and its effect is `read`.
fn is_read(tool: &Tool<'_>) -> bool {
    tool.effect == Effect::Read && matches!(tool.method, "GET" | "HEAD")
}
