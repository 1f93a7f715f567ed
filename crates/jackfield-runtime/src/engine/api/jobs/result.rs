//! The result of a completed job.

use bytes::Bytes;
use jackfield_recipe::JobResult;

use super::super::Api;
use super::sentence;
use super::target::Refused;
use crate::engine::answer::HttpAnswer;
use crate::engine::context::ActiveCall;
use crate::engine::job_answer::{JobAnswer, JobEnd};
use crate::reply::job::{JobOutcome, PlaceKind, header};
use crate::transport::redirect::resolve;
use crate::transport::reply::Reply;

impl Api {
    /// Replaces the reply with the result of a completed job, whose last status is `status`.
    pub(super) async fn finish_job(
        &self,
        answer: &mut HttpAnswer,
        job: &mut JobAnswer,
        status: Reply,
        first: &Reply,
        call: &ActiveCall,
    ) -> JobEnd {
        let address = self.result_address(answer, job, &status, first);
        let value = match job.status.result.take() {
            Some(JobOutcome::Value(text)) => Some(text),
            _ => None,
        };
        answer.reply = status;
        if let Some(text) = value {
            answer.reply.body = Bytes::from(text);
        }
        match address {
            Some(address) => self.read_result(answer, job, first, &address, call).await,
            None => JobEnd::Done { not_shown: None },
        }
    }

    /// Returns the URL of the result. Returns `None` if the last status is the result, or contains it.
    fn result_address(
        &self,
        answer: &HttpAnswer,
        job: &JobAnswer,
        status: &Reply,
        first: &Reply,
    ) -> Option<String> {
        if job.status.is_result {
            return None;
        }
        let tool = answer.tool.get();
        let own = || answer.paged.as_ref().map(|paged| paged.url.clone());
        match tool.job.map_or(JobResult::Named, |job| job.last) {
            JobResult::Status => return None,
            JobResult::Call => return own(),
            JobResult::Location => return header(status, "location").or_else(|| header(first, "location")),
            JobResult::Named => {}
        }
        match &job.status.result {
            Some(JobOutcome::Address(address)) => return resolve(&status.address, address.as_bytes()),
            Some(JobOutcome::Value(_)) => return None,
            None => {}
        }
        // If connector.toml declares where the result is, the runtime looks nowhere else.
        if job.place.kind() != PlaceKind::Operation || tool.job.is_some_and(|job| job.result.is_some()) {
            return None;
        }
        match tool.method {
            "PUT" | "PATCH" => own(),
            "DELETE" => None,
            _ => header(status, "location").or_else(|| header(first, "location")),
        }
    }

    /// Reads the result at a URL. If that fails, the reply remains the last status, and the returned `JobEnd` says why.
    pub(super) async fn read_result(
        &self,
        answer: &mut HttpAnswer,
        job: &mut JobAnswer,
        first: &Reply,
        address: &str,
        call: &ActiveCall,
    ) -> JobEnd {
        let not_shown = |why: String| JobEnd::Done { not_shown: Some(why) };
        let target = match self.target(&answer.tool, &first.address, address) {
            Ok(target) => target,
            Err(Refused::Elsewhere) => {
                return not_shown(format!("it is at a URL that this connector does not call, {address}"));
            }
            Err(refused) => return not_shown(refused.to_string()),
        };
        // The redactions of the tool that reads this URL apply too.
        if let Some(reading) = self.reading_of_address(address, call).await {
            job.redact.extend(self.inner.replies.get(reading.tool.get().name).redacted().iter().cloned());
        }
        let saving = Self::saving_of_result(answer, job).map(|saving| saving.of_job(None));
        match self.ask_status(&target, saving, call).await {
            Ok(sent) => {
                job.requests += sent.attempts;
                if !sent.reply.is_success() {
                    return not_shown(format!(
                        "the service answered {} to the request for it",
                        sent.reply.status()
                    ));
                }
                answer.reply = sent.reply;
                JobEnd::Done { not_shown: None }
            }
            Err(error) => {
                job.requests += error.attempts();
                not_shown(sentence(&error))
            }
        }
    }
}
