//! Calls of a connector, driven to their answers.

use jackfield_runtime::{ActiveCall, CallError};
use serde_json::Value;

use super::drive::{Stopped, drive};
use super::input_required::RoundFault;
use super::running::RunningCall;
use super::upstream::Upstream;

impl Upstream {
    /// Waits for the answer to a call that runs.
    ///
    /// # Errors
    /// Returns an error if there is no answer that can be used, or if the client answers a question in its next request.
    pub(super) async fn driven(&self, running: RunningCall, call: &ActiveCall) -> Result<Value, CallError> {
        drive(running, call, &self.parked).await.map_err(|stopped| self.stopped(stopped))
    }

    /// The error of a call without an answer.
    pub(super) fn stopped(&self, stopped: Stopped) -> CallError {
        match stopped {
            Stopped::Fault(fault) => self.failed(fault),
            Stopped::Call(error) => error,
        }
    }

    /// The error of a call whose questions cannot be answered.
    pub(super) fn round_fault(&self, fault: RoundFault) -> CallError {
        match fault {
            RoundFault::Call(error) => error,
            RoundFault::Remote(problem) => self.remote(problem),
        }
    }
}
