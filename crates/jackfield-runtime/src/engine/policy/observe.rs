//! Observation of calls, for metrics. It decides nothing.

use std::time::Duration;

use jackfield_recipe::Effect;

use crate::common::caller::Channel;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::request::TargetKind;

/// Gets a report of every call that begins and ends.
pub trait Observe: Send + Sync {
    /// A call begins. Every begun call ends, even if its future is dropped.
    fn began(&self) {}

    /// A call has ended.
    fn ended(&self, call: &ObservedCall<'_>);

    /// Everything that was observed, in the text format of Prometheus.
    fn text(&self) -> Option<String> {
        None
    }
}

/// A call that has ended. Unless `is_known` is set, the name of its target comes from the client, so it must
/// not be used as a metric label.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ObservedCall<'a> {
    /// The kind of the target.
    pub kind: TargetKind,
    /// The name of the target.
    pub name: &'a str,
    /// Whether a source has this target.
    pub is_known: bool,
    /// Its effect, if it is known.
    pub effect: Option<Effect>,
    /// The channel by which the call came.
    pub channel: Channel,
    /// How the call ended.
    pub code: OutcomeCode,
    /// The status of the HTTP reply, if one came.
    pub status: Option<u16>,
    /// The duration, including the time in queues and the time of approvals.
    pub duration: Duration,
}
