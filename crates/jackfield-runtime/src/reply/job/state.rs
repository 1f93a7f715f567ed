//! Recognises the states of jobs by their names.

use crate::call::rows::Job;
use crate::reply::scalar::Scalar;

/// Whether a job is running, completed or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobPhase {
    Running,
    Done,
    Failed,
}

/// States of running jobs, in lower case and without separators.
const RUNNING: [&str; 38] = [
    "accepted",
    "active",
    "allocating",
    "cancelling",
    "canceling",
    "created",
    "creating",
    "deleting",
    "deploying",
    "draining",
    "executing",
    "initializing",
    "initialized",
    "inprogress",
    "inqueue",
    "launching",
    "notstarted",
    "ongoing",
    "pending",
    "preparing",
    "processing",
    "provisioning",
    "queued",
    "queueing",
    "requested",
    "resolving",
    "retrying",
    "running",
    "scheduled",
    "started",
    "starting",
    "stopping",
    "submitted",
    "updating",
    "validating",
    "waiting",
    "working",
    "inprocess",
];

const DONE: [&str; 16] = [
    "complete",
    "completed",
    "completedwitherrors",
    "completedwithwarnings",
    "done",
    "finished",
    "ok",
    "partiallycompleted",
    "partiallysucceeded",
    "partialsuccess",
    "ready",
    "succeed",
    "succeeded",
    "success",
    "successful",
    "succeededwithissues",
];

const FAILED: [&str; 20] = [
    "aborted",
    "canceled",
    "cancelled",
    "crashed",
    "dead",
    "denied",
    "error",
    "errored",
    "expired",
    "fail",
    "failed",
    "failure",
    "faulted",
    "interrupted",
    "invalid",
    "killed",
    "rejected",
    "terminated",
    "timedout",
    "timeout",
];

/// Returns the phase of a job with the given state. `None` if the state is unknown.
pub(super) fn phase_of(state: &Scalar, job: Option<&Job<'_>>) -> Option<JobPhase> {
    let text = match state {
        Scalar::True => return Some(JobPhase::Done),
        Scalar::False => return Some(JobPhase::Running),
        Scalar::Text(text) | Scalar::Number(text) => text,
        Scalar::Hidden => return None,
    };
    let (done, failed) = job.map_or((&[][..], &[][..]), |job| (job.done, job.failed));
    let is_one = |states: &[&str]| states.iter().any(|state| state.eq_ignore_ascii_case(text.trim()));
    if is_one(done) {
        return Some(JobPhase::Done);
    }
    if is_one(failed) {
        return Some(JobPhase::Failed);
    }
    // Numbers are not recognised, because each service numbers its states differently.
    if matches!(state, Scalar::Number(_)) || text.len() > 100 {
        return None;
    }
    let plain: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    // States such as `JOB_STATE_RUNNING` and `STATUS_DONE` repeat the name of the property.
    let plain = ["jobstate", "jobstatus", "state", "status"]
        .iter()
        .find_map(|prefix| plain.strip_prefix(prefix))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&plain);
    let has = |states: &[&str]| states.contains(&plain);
    match () {
        () if has(&DONE) => Some(JobPhase::Done),
        () if has(&FAILED) => Some(JobPhase::Failed),
        () if has(&RUNNING) => Some(JobPhase::Running),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_states_are_recognised_in_every_spelling() {
        let job = Job::new().done(&["Exported", "3"]).failed(&["ok"]);
        let phase = |text: &str, job| phase_of(&Scalar::Text(text.to_owned()), job);
        for (text, expected) in [
            ("In-Progress", Some(JobPhase::Running)),
            ("NOT_STARTED", Some(JobPhase::Running)),
            ("JOB_STATE_SUCCEEDED", Some(JobPhase::Done)),
            ("Canceled", Some(JobPhase::Failed)),
            ("status", None),
            ("open", None),
            ("", None),
        ] {
            assert_eq!(phase(text, None), expected, "{text}");
        }
        // The states in connector.toml take precedence over the states that this module knows.
        assert_eq!(phase("ok", Some(&job)), Some(JobPhase::Failed));
        assert_eq!(phase("exported", Some(&job)), Some(JobPhase::Done));
        assert_eq!(phase_of(&Scalar::Number("3".to_owned()), Some(&job)), Some(JobPhase::Done));
        assert_eq!(phase_of(&Scalar::Number("1".to_owned()), Some(&job)), None);
        assert_eq!(phase_of(&Scalar::Hidden, Some(&job)), None);
    }
}
