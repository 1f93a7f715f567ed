//! Calls of another server, including the requests that the server sends to the client.

use std::sync::Arc;

use http::HeaderMap;
use jackfield_runtime::{ActiveCall, CallError, RemoteProblem};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::drive::{Stopped, drive};
use super::era::Era;
use super::input_required::Round;
use super::pinned::PinnedServer;
use super::running::RunningCall;
use super::session::InFlight;
use super::tasks::{self, RemoteTask};
use super::upstream::Upstream;
use crate::wire::flight::Outgoing;
use crate::wire::link_fault::LinkFault;
use crate::wire::listener::Listener;

/// A request to a server.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) params: Map<String, Value>,
    /// The headers that repeat arguments. They are sent only since revision 2026-07-28.
    pub(super) mirrored: HeaderMap,
    /// Whether a server of an older revision accepts the call only as a task.
    pub(super) is_task: bool,
}

impl Upstream {
    /// Sends a request for a call. `check` decides by the newest lists whether the request may still be sent.
    ///
    /// # Errors
    /// Returns an error if `check` fails, if the server does not send a usable response, or if the client will answer a question of the
    /// server in its next request (`CallError::InputRequired`).
    pub(super) async fn request(
        self: &Arc<Self>,
        request: Request,
        call: &ActiveCall,
        check: impl Fn(&PinnedServer) -> Result<(), CallError>,
    ) -> Result<Value, CallError> {
        self.keep_client(call.context());
        let carried =
            call.context().asking().and_then(jackfield_runtime::Asking::carried).unwrap_or_default();
        if let Some(id) = carried["parked"].as_str() {
            check(&self.pinned_for(call.context().caller()))?;
            return self.resume(id, call).await;
        }
        let mut round = Round::restored(&carried);
        let mut number = round.as_ref().map_or(0, Round::number);
        loop {
            let mut params = request.params.clone();
            if let Some(round) = &round {
                params.extend(
                    round
                        .answered(call, self.entry.answer_timeout)
                        .await
                        .map_err(|fault| self.round_fault(fault))?,
                );
            }
            let (answer, session) = self.send(&request, params, call, number == 0, &check).await?;
            if let Some(task) = RemoteTask::of(&answer, session) {
                return self.ended(task, call).await;
            }
            number += 1;
            let next = Round::of(&answer, number).map_err(|fault| self.round_fault(fault))?;
            let Some(next) = next else { return Ok(answer) };
            round = Some(next.after(round.as_ref()));
        }
    }

    /// Continues a parked call with the client's answer.
    async fn resume(&self, id: &str, call: &ActiveCall) -> Result<Value, CallError> {
        let parked = self.parked.resume(id, call.context().caller().principal());
        let mut running = parked.ok_or_else(|| {
            let why = "its question was not answered in time, so the call was cancelled";
            self.remote(RemoteProblem::Ended(why.to_owned()))
        })?;
        let context = call.context();
        running.flight.heard_by(Listener::of(context));
        self.driven(running, call).await
    }

    /// Sends a request. If the server has ended the session, sends it once more in a new session.
    async fn send(
        self: &Arc<Self>,
        request: &Request,
        params: Map<String, Value>,
        call: &ActiveCall,
        is_first: bool,
        check: &impl Fn(&PinnedServer) -> Result<(), CallError>,
    ) -> Result<(Value, InFlight), CallError> {
        let owner = self.owner(call.context().caller());
        let usual = Instant::now() + self.entry.timeout;
        // After the first round, the deadline of the call does not apply, because a person may have needed time to answer.
        let deadline = if is_first { call.deadline().min(usual) } else { usual };
        let mut is_repeated = false;
        loop {
            let session = self.fresh_session(owner, deadline).await?;
            check(&self.pinned_for(call.context().caller()))?;
            if let Some(level) = call.context().log_level() {
                session.want_logs(level, deadline).await;
            }
            let again = session.again();
            let running = self.begin(request, params.clone(), call, session, deadline)?;
            match drive(running, call, &self.parked).await {
                Ok(answer) => return Ok((answer, again)),
                // The server has not acted, so the request may be sent once more.
                Err(Stopped::Fault(LinkFault::SessionEnded)) if !is_repeated => {
                    self.forget(owner, &again).await;
                    is_repeated = true;
                }
                Err(stopped) => return Err(self.stopped(stopped)),
            }
        }
    }

    fn begin(
        &self,
        request: &Request,
        mut params: Map<String, Value>,
        call: &ActiveCall,
        session: InFlight,
        deadline: Instant,
    ) -> Result<RunningCall, CallError> {
        if request.is_task && session.era == Era::Legacy {
            params.insert("task".to_owned(), tasks::wish());
        }
        let outgoing = Outgoing {
            method: request.method.to_owned(),
            params: Era::with_meta(params, session.era.call_meta(call)),
            heard: Some(Listener::of(call.context())),
            mirrored: if session.era == Era::Modern { request.mirrored.clone() } else { HeaderMap::new() },
            is_probe: false,
        };
        let flight = session.connection.begin(outgoing).map_err(|fault| self.failed(fault))?;
        Ok(RunningCall::new(flight, session, deadline))
    }
}
