//! Answers requests from the cache of replies (ADR 0057).

use std::time::Duration;

use http::StatusCode;

use super::Api;
use super::no_reply::NoReply;
use super::open_request::OpenRequest;
use crate::auth::Authorized;
use crate::call::rows::Tool;
use crate::engine::cache::{Lookup, Write};
use crate::engine::context::ActiveCall;
use crate::engine::policy::audit::ReplySource;
use crate::engine::route::Route;
use crate::engine::upstream::attempts::Attempts;
use crate::transport::error::SendError;
use crate::transport::reply::Reply;
use crate::transport::send_problem::ReplyProblem;
use jackfield_recipe::Effect;

/// A reply, and whether it came from the service or from the cache.
pub(super) struct Obtained {
    pub(super) reply: Reply,
    pub(super) source: ReplySource,
    /// The time since the service sent the reply, if it is from the cache.
    pub(super) age: Option<Duration>,
}

impl Obtained {
    fn sent(reply: Reply) -> Self {
        Self { reply, source: ReplySource::Service, age: None }
    }
}

impl Api {
    /// Registers a write in the cache until the returned value is dropped. Returns `None` if the tool only reads, or the cache is off.
    pub(super) fn note_write(&self, tool: &Tool<'_>, route: &Route, call: &ActiveCall) -> Option<Write<'_>> {
        let cache = self.inner.cache.as_ref().filter(|_| tool.effect != Effect::Read)?;
        Some(cache.write(call.context.caller().principal(), route.upstream.name()))
    }

    /// Returns the cached reply if it is still fresh. Otherwise sends the request, and revalidates the cached reply if there is one.
    pub(super) async fn obtain(
        &self,
        (tool, route): (&Tool<'_>, &Route),
        request: &mut OpenRequest<'_>,
        authorized: &Authorized<'_>,
        call: &ActiveCall,
        attempts: &mut Attempts<'_>,
    ) -> Result<Obtained, NoReply> {
        // A reply that is stored in a file is not cached.
        let cache = self.inner.cache.as_ref().filter(|_| request.saving.is_none());
        let outgoing = &*request.outgoing;
        let lookup = cache.and_then(|cache| cache.look_up(tool, outgoing, authorized, route.upstream.name()));
        let Some(lookup) = lookup else {
            return self.send_repeatedly(request, authorized, call, attempts).await.map(Obtained::sent);
        };
        if let Some((reply, age)) = lookup.fresh() {
            let reply = from_memory(reply, call)?;
            return Ok(Obtained { reply, source: ReplySource::Memory, age: Some(age) });
        }
        let is_conditional = lookup.add_condition(request.outgoing);
        let mut reply = self.send_repeatedly(request, authorized, call, attempts).await?;
        if is_conditional {
            Lookup::remove_condition(request.outgoing);
            // The runtime added the precondition, not the caller, so the caller must not see that it failed. RFC 9110 requires 304; some
            // services answer 412.
            if matches!(reply.http_status(), StatusCode::NOT_MODIFIED | StatusCode::PRECONDITION_FAILED) {
                let confirmed = (reply.http_status() == StatusCode::NOT_MODIFIED)
                    .then(|| lookup.confirmed(&reply))
                    .flatten();
                if let Some(current) = confirmed {
                    let reply = from_memory(current, call)?;
                    return Ok(Obtained { reply, source: ReplySource::Revalidated, age: None });
                }
                lookup.forget();
                reply = self.send_repeatedly(request, authorized, call, attempts).await?;
            }
        }
        lookup.keep(&reply);
        Ok(Obtained::sent(reply))
    }
}

/// Counts a cached reply against the memory budget of the call, because reading it takes as much memory as reading any other reply.
fn from_memory(reply: Reply, call: &ActiveCall) -> Result<Reply, SendError> {
    let held = call.scope.hold(reply.body.len());
    held.map_err(|why| SendError::unreadable(reply.http_status(), ReplyProblem::TooMuch(why)))?;
    Ok(reply.held_in(call.scope.clone()))
}

#[cfg(test)]
mod tests;
