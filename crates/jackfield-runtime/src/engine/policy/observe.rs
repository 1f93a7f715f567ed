//! Observation of calls, for metrics. Observers do not decide about calls.

use std::time::Duration;

use jackfield_recipe::Effect;

use crate::common::caller::Channel;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::request::TargetKind;

/// Gets a report of every call that begins and ends.
pub trait Observe: Send + Sync {
    /// Reports that a call begins. The end of every call is reported too, even if its future is dropped.
    fn began(&self) {}

    /// Reports that a call has ended.
    fn ended(&self, call: &ObservedCall<'_>);

    /// Returns all metrics in the text format of Prometheus.
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
    /// The effect of the target, if known.
    pub effect: Option<Effect>,
    /// The channel by which the call came.
    pub channel: Channel,
    /// The outcome code.
    pub code: OutcomeCode,
    /// The status of the HTTP reply, if one came.
    pub status: Option<u16>,
    /// The duration, including the time in queues and the time of approvals.
    pub duration: Duration,
}
