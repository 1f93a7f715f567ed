//! Driving a call, and converting its faults to errors of the call.

use jackfield_runtime::{ActiveCall, CallError};
use serde_json::Value;

use super::drive::{Stopped, drive};
use super::input_required::RoundFault;
use super::running::RunningCall;
use super::upstream::Upstream;

impl Upstream {
    /// Waits for the response to a running call.
    ///
    /// # Errors
    /// Returns an error if the server does not send a usable response, or if the client will answer a question in its next request.
    pub(super) async fn driven(&self, running: RunningCall, call: &ActiveCall) -> Result<Value, CallError> {
        drive(running, call, &self.parked).await.map_err(|stopped| self.stopped(stopped))
    }

    /// Converts the reason for a call without a response to an error.
    pub(super) fn stopped(&self, stopped: Stopped) -> CallError {
        match stopped {
            Stopped::Fault(fault) => self.failed(fault),
            Stopped::Call(error) => error,
        }
    }

    /// Converts the reason for an unanswered round to an error.
    pub(super) fn round_fault(&self, fault: RoundFault) -> CallError {
        match fault {
            RoundFault::Call(error) => error,
            RoundFault::Remote(problem) => self.remote(problem),
        }
    }
}
