//! The known facts about the job of a call, and the notes about it in the result.

use jackfield_recipe::ReplyPath;
use serde_json::{Map, Value, json};

use super::outcome_code::OutcomeCode;
use crate::call::rows::Tool;
use crate::common::text::excerpt;
use crate::reply::job::{JobPlace, JobStatus, PlaceKind};

/// The maximum length of a call or of a URL that a note contains.
const LONGEST: usize = 4000;

/// The job of a call.
#[derive(Debug)]
pub(crate) struct JobAnswer {
    pub(crate) place: JobPlace,
    /// Whether the call waits for the job.
    pub(crate) is_followed: bool,
    pub(crate) end: Option<JobEnd>,
    /// The last status.
    pub(crate) status: JobStatus,
    /// The number of requests that were sent for the job.
    pub(crate) requests: u32,
    pub(crate) follow_up: FollowUp,
    /// The parts of a status that are redacted, by the reply rule of the tool that reads the status.
    pub(crate) redact: Vec<ReplyPath>,
}

/// The way to read the status of a job later.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FollowUp {
    /// A call of this tool.
    Call { tool: String, arguments: Map<String, Value> },
    /// This URL. The caller may see no tool that reads it.
    Address(String),
    /// This URL, which the connector does not call.
    Elsewhere(String),
    /// This identifier of the job. The caller may see no tool that takes it.
    Id(String),
}

/// The end of the wait for a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JobEnd {
    /// The job is still running, and the call waits no longer.
    GoesOn { why: String },
    /// The state of the job cannot be read.
    Unreadable { why: String },
    /// The job is completed. The reply is the result, or the last status if `not_shown` says why the result is not shown.
    Done { not_shown: Option<String> },
    /// The job has failed. The reply is the last status.
    Failed,
    /// The reply is a status without a known state.
    Unclear,
}

impl JobAnswer {
    /// Returns the outcome code of a call that waited for its job, if it differs from the code of the reply.
    pub(crate) const fn code(&self) -> Option<OutcomeCode> {
        match &self.end {
            Some(JobEnd::GoesOn { .. } | JobEnd::Unreadable { .. }) => Some(OutcomeCode::Accepted),
            Some(JobEnd::Failed) => Some(OutcomeCode::JobFailed),
            _ => None,
        }
    }

    /// Whether the reply is not the result of the job. Values in such a reply are redacted, but its other reply rules do not apply.
    pub(crate) const fn lacks_result(&self) -> bool {
        !matches!(&self.end, None | Some(JobEnd::Done { not_shown: None }))
    }

    /// Whether the job is completed.
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self.end, Some(JobEnd::Done { .. }))
    }

    pub(crate) const fn has_failed(&self) -> bool {
        matches!(self.end, Some(JobEnd::Failed))
    }

    /// Returns the message about a job that has failed.
    pub(crate) fn failure(&self, tool: &Tool<'_>) -> String {
        let mut text = format!("The service accepted {} {}, and its job has failed", tool.method, tool.path);
        if let Some(state) = &self.status.state {
            text += &format!(": its state is `{state}`");
        }
        text += ".";
        if let Some(error) = &self.status.error {
            text += &format!(" {error}");
        }
        text
    }

    /// Returns the note about the job, or `None` if the reply needs none.
    pub(crate) fn line(&self) -> Option<String> {
        Some(match &self.end {
            // The result already contains the header `location`, so a note would only repeat it.
            None if matches!(&self.place, JobPlace::Address { kind: PlaceKind::Location, .. })
                && matches!(self.follow_up, FollowUp::Address(_)) =>
            {
                return None;
            }
            None => self.follow_up.line(),
            Some(JobEnd::GoesOn { why }) => {
                let goes_on = self.status.goes_on();
                format!("T{}. {why}. {}", &goes_on[1..], self.follow_up.line())
            }
            Some(JobEnd::Unreadable { why }) => {
                format!(
                    "The service accepted the call; whether its job goes on is not known: {why}. {}",
                    self.follow_up.line()
                )
            }
            Some(JobEnd::Done { not_shown: Some(why) }) => {
                format!("The job is completed; its result is not shown: {why}.")
            }
            Some(JobEnd::Done { not_shown: None }) => match &self.status.state {
                Some(state) => format!("The job is completed: its state is `{state}`."),
                None => "The job is completed.".to_owned(),
            },
            Some(JobEnd::Unclear) => {
                format!(
                    "This is the status of the job; whether it goes on is not known. {}",
                    self.follow_up.line()
                )
            }
            Some(JobEnd::Failed) => return None,
        })
    }
}

impl FollowUp {
    /// Returns a sentence that tells the caller the way to read the status later.
    fn line(&self) -> String {
        match self {
            Self::Call { tool, arguments } => {
                let call = json!({ "name": tool, "arguments": arguments }).to_string();
                match call.len() <= LONGEST {
                    true => format!("For its state, call {call}"),
                    false => format!("For its state, call `{tool}` with the identifier in the reply."),
                }
            }
            Self::Address(address) => format!("Its state is at {}", excerpt(address, LONGEST)),
            Self::Elsewhere(address) => format!(
                "Its state is at another origin, which this connector does not call: {}",
                excerpt(address, LONGEST)
            ),
            Self::Id(id) => format!("Its identifier is `{}`.", excerpt(id, 200)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn note_about_a_job_names_its_state_and_the_next_call() {
        let arguments = json!({ "id": 7 });
        let follow_up = FollowUp::Call {
            tool: "get_job".to_owned(),
            arguments: arguments.as_object().cloned().unwrap_or_default(),
        };
        let address = "https://api.example.com/jobs/7".to_owned();
        let mut job = JobAnswer {
            place: JobPlace::Address { address: address.clone(), kind: PlaceKind::Location },
            is_followed: true,
            end: Some(JobEnd::GoesOn { why: "There is no time to wait longer in this call".to_owned() }),
            status: JobStatus {
                state: Some("running".to_owned()),
                percent: Some(40),
                ..JobStatus::default()
            },
            requests: 3,
            follow_up,
            redact: Vec::new(),
        };
        let call = json!({ "name": "get_job", "arguments": { "id": 7 } });
        let expected = format!(
            "The job goes on: its state is `running` (40 %). There is no time to wait longer in this call. For its state, call {call}"
        );
        assert_eq!(job.line(), Some(expected));
        assert_eq!(job.code(), Some(OutcomeCode::Accepted));
        job.end = Some(JobEnd::Done { not_shown: None });
        assert_eq!(
            (job.line().as_deref(), job.code()),
            (Some("The job is completed: its state is `running`."), None)
        );
        job.follow_up = FollowUp::Elsewhere(address);
        job.end = None;
        assert_eq!(
            job.line().as_deref(),
            Some(
                "Its state is at another origin, which this connector does not call: https://api.example.com/jobs/7"
            )
        );
    }
}
