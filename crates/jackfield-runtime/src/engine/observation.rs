//! Reports the end of each call to the observer, even if the call is dropped.

use std::sync::Arc;

use jackfield_recipe::Effect;
use tokio::time::Instant;

use super::outcome_code::OutcomeCode;
use super::policy::observe::{Observe, ObservedCall};
use super::request::{SourceRequest, TargetKind};
use crate::common::caller::Channel;

/// An observed call. If it is dropped before its end is reported, the call was cancelled.
pub(super) struct Observation(Option<Begun>);

struct Begun {
    observe: Arc<dyn Observe>,
    began: Instant,
    kind: TargetKind,
    name: String,
    effect: Option<Effect>,
    channel: Channel,
}

impl Observation {
    /// Reports to the observer, if there is one, that a call begins.
    pub(super) fn begin(
        observe: Option<&Arc<dyn Observe>>,
        request: &SourceRequest,
        called: Option<&str>,
        effect: Option<Effect>,
        channel: Channel,
        began: Instant,
    ) -> Self {
        Self(observe.map(|observe| {
            observe.began();
            let (kind, target) = request.target();
            let name = called.unwrap_or(target);
            Begun { observe: Arc::clone(observe), began, kind, name: name.to_owned(), effect, channel }
        }))
    }

    /// Reports the end of the call to the observer.
    pub(super) fn end(mut self, code: OutcomeCode, status: Option<u16>) {
        self.tell(code, status);
    }

    fn tell(&mut self, code: OutcomeCode, status: Option<u16>) {
        let Some(Begun { observe, began, kind, name, effect, channel }) = self.0.take() else { return };
        observe.ended(&ObservedCall {
            kind,
            name: &name,
            is_known: effect.is_some(),
            effect,
            channel,
            code,
            status,
            duration: began.elapsed(),
        });
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.tell(OutcomeCode::Cancelled, None);
    }
}
