//! Reads the status of a job.

use http::StatusCode;
use jackfield_recipe::ReplyPath;

use super::place::PlaceKind;
use super::state::{JobPhase, phase_of};
use crate::call::rows::Job;
use crate::common::text::excerpt;
use crate::reply::edits::Edits;
use crate::reply::page::page_text;
use crate::reply::scalar::{Finder, Scalar, find};
use crate::reply::tape::Tape;
use crate::reply::walk::redactions;
use crate::transport::reply::Reply;

/// The maximum number of bytes of a status that is parsed.
const MOST_BYTES: usize = 1 << 20;

/// The usual JSON pointers to the state. The tables below contain the pointers to the progress, the error message and the result's URL.
pub(crate) const STATES: [&str; 12] = [
    "/status",
    "/state",
    "/properties/provisioningState",
    "/provisioningState",
    "/done",
    "/jobStatus",
    "/job_status",
    "/status/state",
    "/job/status",
    "/job/state",
    "/data/status",
    "/data/attributes/status",
];
const PERCENTS: [&str; 7] = [
    "/percentComplete",
    "/percent_complete",
    "/progressPercent",
    "/percentage",
    "/percent",
    "/progress",
    "/metadata/progressPercent",
];
const ERRORS: [&str; 13] = [
    "/error/message",
    "/error/detail",
    "/error/code",
    "/error",
    "/properties/error/message",
    "/errorMessage",
    "/error_message",
    "/failureReason",
    "/failure_reason",
    "/statusMessage",
    "/message",
    "/reason",
    "/detail",
];
const RESULTS: [&str; 10] = [
    "/resourceLocation",
    "/resource_location",
    "/resultUrl",
    "/result_url",
    "/resultUri",
    "/result/href",
    "/result/url",
    "/links/result/href",
    "/_links/result/href",
    "/result",
];

/// The result of a completed job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JobOutcome {
    /// The URL of the result, which may be relative.
    Address(String),
    /// The result as JSON text, without redacted values.
    Value(String),
}

/// The contents of a status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct JobStatus {
    /// The phase. `None` if the status does not tell it.
    pub(crate) phase: Option<JobPhase>,
    /// The state, as the service names it.
    pub(crate) state: Option<String>,
    /// The progress in percent.
    pub(crate) percent: Option<u8>,
    pub(crate) error: Option<String>,
    pub(crate) result: Option<JobOutcome>,
    /// Whether this reply is the result of the job.
    pub(crate) is_result: bool,
}

impl JobStatus {
    /// Reads a successful reply to a request for a status. Values that a rule redacts are not read.
    pub(crate) fn read(reply: &Reply, job: Option<&Job<'_>>, kind: PlaceKind, redact: &[ReplyPath]) -> Self {
        let is_accepted = reply.http_status() == StatusCode::ACCEPTED;
        // After a redirect, the reply is the result of the job.
        if reply.was_referred && !is_accepted {
            return Self { phase: Some(JobPhase::Done), is_result: true, ..Self::default() };
        }
        let text = page_text(reply).filter(|text| text.len() <= MOST_BYTES && reply.is_whole);
        let mut status = text.and_then(|text| read_text(text, job, redact)).unwrap_or_default();
        let is_unknown = status.phase.is_none();
        let has_declared = job.is_some_and(|job| job.state.is_some() || job.result.is_some());
        let is_location = kind == PlaceKind::Location && !has_declared;
        status.phase = match status.phase {
            Some(phase) => Some(phase),
            None if is_accepted => Some(JobPhase::Running),
            // The reply may be the resource that the job created, whose `state` is not the state of the job.
            None if is_location || reply.body().is_empty() => Some(JobPhase::Done),
            // A state that is not known as a final state means that the job is running.
            None if status.state.is_some() => Some(JobPhase::Running),
            None => None,
        };
        let is_done = status.phase == Some(JobPhase::Done);
        status.is_result = is_done && is_location && (is_unknown || status.result.is_none());
        if !is_done {
            status.result = None;
        }
        if status.phase != Some(JobPhase::Failed) {
            status.error = None;
        }
        status
    }

    /// Reads the status in a first reply that is not a 202 response. `None` if the reply does not say that a job runs or has ended.
    pub(crate) fn of_first(reply: &Reply, job: &Job<'_>, redact: &[ReplyPath]) -> Option<Self> {
        let text = page_text(reply).filter(|text| text.len() <= MOST_BYTES && reply.is_whole)?;
        let tape = Tape::parse(text)?;
        let edits = redactions(&tape, redact);
        let values = Finder { tape: &tape, edits: &edits };
        let state = values.at(Tape::ROOT, job.state?)?;
        let is_flag = matches!(state, Scalar::True | Scalar::False);
        match phase_of(&state, Some(job))? {
            JobPhase::Running => {}
            // A state such as `ready` may be the state of a resource, so only a boolean can end the job here.
            _ if !is_flag => return None,
            _ => {}
        }
        Some(read_tape(&tape, &edits, Some(job)))
    }

    /// Returns a clause that says that the job is still running.
    pub(crate) fn goes_on(&self) -> String {
        match (&self.state, self.percent) {
            (Some(state), Some(percent)) => format!("the job goes on: its state is `{state}` ({percent} %)"),
            (Some(state), None) => format!("the job goes on: its state is `{state}`"),
            (None, Some(percent)) => format!("the job goes on ({percent} %)"),
            (None, None) => "the job goes on".to_owned(),
        }
    }
}

fn read_text(text: &str, job: Option<&Job<'_>>, redact: &[ReplyPath]) -> Option<JobStatus> {
    let tape = Tape::parse(text)?;
    Some(read_tape(&tape, &redactions(&tape, redact), job))
}

fn read_tape(tape: &Tape<'_>, edits: &Edits, job: Option<&Job<'_>>) -> JobStatus {
    let values = Finder { tape, edits };
    let at = |pointer: &str| values.at(Tape::ROOT, pointer);
    let declared = job.and_then(|job| job.state);
    let state = match declared {
        Some(pointer) => at(pointer),
        None => STATES.iter().find_map(|pointer| at(pointer)),
    };
    let has_error = || is_there(tape, edits, "/error");
    let phase = state.as_ref().and_then(|state| phase_of(state, job));
    let phase = match (phase, &state) {
        (Some(JobPhase::Done), Some(Scalar::True)) if has_error() => Some(JobPhase::Failed),
        (phase, _) => phase,
    };
    let shown = |scalar: &Scalar| match scalar {
        Scalar::Text(text) | Scalar::Number(text) => Some(excerpt(text, 100)),
        _ => None,
    };
    let error = match job.and_then(|job| job.error) {
        Some(pointer) => at(pointer).as_ref().and_then(shown_error),
        None => ERRORS.iter().find_map(|pointer| at(pointer).as_ref().and_then(shown_error)),
    };
    let result = match job.and_then(|job| job.result) {
        Some(pointer) => declared_result(tape, edits, pointer),
        None => RESULTS.iter().find_map(|pointer| match at(pointer)? {
            Scalar::Text(text) if is_address(&text) => Some(JobOutcome::Address(text)),
            _ => None,
        }),
    };
    let percent = PERCENTS.iter().find_map(|pointer| match at(pointer)? {
        Scalar::Text(text) | Scalar::Number(text) => percent_of(&text),
        _ => None,
    });
    JobStatus { phase, state: state.as_ref().and_then(shown), percent, error, result, is_result: false }
}

fn shown_error(scalar: &Scalar) -> Option<String> {
    match scalar {
        Scalar::Text(text) if !text.trim().is_empty() => Some(excerpt(text.trim(), 1000)),
        Scalar::Number(text) => Some(text.clone()),
        _ => None,
    }
}

/// Whether the value at a JSON pointer exists and is not null.
fn is_there(tape: &Tape<'_>, edits: &Edits, pointer: &str) -> bool {
    match find(tape, edits, Tape::ROOT, pointer) {
        Some(Ok(node)) => tape.text(node) != "null",
        // A redacted error still counts as an error.
        Some(Err(_)) => true,
        None => false,
    }
}

/// Reads the result at a declared JSON pointer: a string that begins like a URL is the URL of the result; any other value is the result.
fn declared_result(tape: &Tape<'_>, edits: &Edits, pointer: &str) -> Option<JobOutcome> {
    let node = find(tape, edits, Tape::ROOT, pointer)?.ok()?;
    let text = tape.text(node);
    if text == "null" {
        return None;
    }
    if let Ok(text) = serde_json::from_str::<String>(text)
        && is_address(&text)
    {
        return Some(JobOutcome::Address(text));
    }
    let mut printed = String::new();
    edits.print(tape, node, &mut printed);
    Some(JobOutcome::Value(printed))
}

/// Whether a text begins like a URL or an absolute path.
fn is_address(text: &str) -> bool {
    let start = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    start.starts_with("https://") || start.starts_with("http://") || text.starts_with('/') && text.len() > 1
}

fn percent_of(text: &str) -> Option<u8> {
    let number: f64 = text.trim().trim_end_matches('%').trim().parse().ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number is from 0 to 100")]
    // A number between 0 and 1 may be a fraction, so it is not taken as a percentage.
    (number == 0.0 || (1.0..=100.0).contains(&number)).then_some(number as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn reply(status: u16, body: &str) -> Reply {
        let headers =
            HeaderMap::from_iter([(http::header::CONTENT_TYPE, "application/json".parse().unwrap())]);
        let status = StatusCode::from_u16(status).unwrap();
        Reply::new(status, headers, Bytes::copy_from_slice(body.as_bytes()), true, String::new())
    }

    fn phase(status: u16, body: &str, job: Option<&Job<'_>>, kind: PlaceKind) -> Option<JobPhase> {
        JobStatus::read(&reply(status, body), job, kind, &[]).phase
    }

    #[test]
    fn job_is_running_until_its_status_has_a_final_state() {
        let (operation, location) = (PlaceKind::Operation, PlaceKind::Location);
        let declared = Job::new().state("/phase");
        for (status, body, job, kind, expected) in [
            (202, "", None, location, Some(JobPhase::Running)),
            (202, r#"{"status":"succeeded"}"#, None, operation, Some(JobPhase::Done)),
            (200, r#"{"status":"Running"}"#, None, location, Some(JobPhase::Running)),
            // The reply is the created resource, which has its own state, so the reply is the result.
            (200, r#"{"status":"open"}"#, None, location, Some(JobPhase::Done)),
            (200, r#"{"status":"baking"}"#, None, operation, Some(JobPhase::Running)),
            (200, r#"{"status":"failed"}"#, None, location, Some(JobPhase::Failed)),
            (200, "not json", None, location, Some(JobPhase::Done)),
            (200, "not json", None, operation, None),
            (204, "", None, operation, Some(JobPhase::Done)),
            (
                200,
                r#"{"phase":"baking","status":"succeeded"}"#,
                Some(&declared),
                location,
                Some(JobPhase::Running),
            ),
            (200, r#"{"status":"succeeded"}"#, Some(&declared), location, None),
            (200, r#"{"done":false}"#, None, operation, Some(JobPhase::Running)),
            (200, r#"{"done":true,"error":null}"#, None, operation, Some(JobPhase::Done)),
            (200, r#"{"done":true,"error":{"code":3}}"#, None, operation, Some(JobPhase::Failed)),
        ] {
            assert_eq!(phase(status, body, job, kind), expected, "{status} {body}");
        }
        let mut referred = reply(200, r#"{"status":"pending"}"#);
        referred.was_referred = true;
        let status = JobStatus::read(&referred, None, PlaceKind::Location, &[]);
        assert!(status.is_result && status.phase == Some(JobPhase::Done));
    }

    #[test]
    fn redacted_values_in_a_job_status_are_neither_followed_nor_shown() {
        let redact: Vec<ReplyPath> =
            ["$.error", "$.resultUrl", "$..email"].iter().map(|path| path.parse().unwrap()).collect();
        let body = r#"{"status":"failed","error":{"message":"secret"},"percentComplete":40.7}"#;
        let status = JobStatus::read(&reply(200, body), None, PlaceKind::Operation, &redact);
        assert_eq!((status.phase, status.error, status.percent), (Some(JobPhase::Failed), None, Some(40)));
        let body = r#"{"status":"succeeded","resultUrl":"/books/7"}"#;
        let status = JobStatus::read(&reply(200, body), None, PlaceKind::Operation, &redact);
        assert_eq!((status.phase, status.result), (Some(JobPhase::Done), None));
        let job = Job::new().state("/done").result("/response");
        let body = r#"{"done":true,"response":{"email":"a@example.com","id":7}}"#;
        let status = JobStatus::read(&reply(200, body), Some(&job), PlaceKind::Body, &redact);
        let expected = JobOutcome::Value(r#"{"email":"[redacted]","id":7}"#.to_owned());
        assert_eq!(status.result, Some(expected));
    }

    #[test]
    fn reply_without_status_202_starts_a_job_only_if_its_state_is_unambiguous() {
        let job = Job::new().state("/status");
        let first =
            |body: &str, job: &Job<'_>| JobStatus::of_first(&reply(200, body), job, &[]).map(|it| it.phase);
        assert_eq!(first(r#"{"status":"queued"}"#, &job), Some(Some(JobPhase::Running)));
        assert_eq!(first(r#"{"status":"ready"}"#, &job), None);
        assert_eq!(first(r#"{"status":"open"}"#, &job), None);
        assert_eq!(first(r#"{"done":true}"#, &Job::new().state("/done")), Some(Some(JobPhase::Done)));
    }
}
