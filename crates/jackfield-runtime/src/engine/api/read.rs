//! Formats the reply of a generated tool for a model.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use http::header::ETAG;

use super::Api;
use crate::auth::Sent;
use crate::call::rows::Tool;
use crate::engine::answer::HttpAnswer;
use crate::engine::job_answer::JobAnswer;
use crate::engine::request::TargetKind;
use crate::reply::credential_advice::CredentialAdvice;
use crate::reply::failure::describe_failed_job;
use crate::reply::output::{self, OutputSchema};
use crate::reply::page::Page;
use crate::reply::read::to_result;
use crate::reply::shape::Shaping;
use crate::reply::tool_result::ToolResult;

impl Api {
    /// Converts the reply of an answer to a tool result.
    pub(crate) fn read(&self, answer: &HttpAnswer) -> ToolResult {
        let HttpAnswer { reply, sent, paged, joined, .. } = answer;
        let tool = answer.tool.get();
        let job = answer.job.as_deref();
        let rule = self.inner.replies.get(tool.name);
        // The redactions of the tool that reads the result apply too.
        let lacks_result = job.is_some_and(JobAnswer::lacks_result);
        let added = job.filter(|job| lacks_result || !job.redact.is_empty());
        let added = added.map(|job| rule.redacting(&job.redact, lacks_result));
        let rule = added.as_ref().unwrap_or(rule);
        let fields = answer.fields.as_deref().filter(|_| !lacks_result);
        let page = match (joined, paged) {
            (None, Some(call)) if tool.paging.is_some() && reply.saved().is_none() => {
                Page::read(reply, tool, call, rule.redacted())
            }
            _ => None,
        };
        let shaping = Shaping { tool, rule, fields, has_page: page.is_some() || joined.is_some() };
        let wants_etag = reply.field(&ETAG).is_some() && self.takes_etags();
        let result = match job.filter(|job| job.has_failed()) {
            Some(job) => {
                let says_why = job.status.error.is_some();
                ToolResult::error(describe_failed_job(reply, shaping, &job.failure(tool), says_why))
            }
            // The job is completed, but its result cannot be shown, so `reply` is still the first reply.
            None if job.is_some_and(JobAnswer::is_done) && reply.status() == 202 => ToolResult::text("Done."),
            None => to_result(reply, shaping, wants_etag, || CredentialAdvice {
                unauthorized: self.check_credentials(tool, sent),
                sent: Sent::places(sent).0,
            }),
        };
        let result = job.and_then(JobAnswer::line).into_iter().fold(result, ToolResult::note);
        let called = self.name_for_clients(TargetKind::Tool, tool.called());
        let result = match (joined, page) {
            (Some(joined), _) => result.note(joined.line(tool, &called)),
            (None, Some(mut page)) => {
                if let Some(call) = paged.as_ref().filter(|_| rule.shortens(result.as_text().len(), reply)) {
                    page.compare(result.as_text(), tool, call);
                }
                result.note(page.line(tool, &called, 1, None))
            }
            (None, None) => result,
        };
        let result = match answer.age {
            Some(age) => result.note(age_line(age, joined.is_some())),
            None => result,
        };
        let mut result = answer.coerced.iter().fold(result, ToolResult::note);
        if result.is_error() && answer.attempts > 1 {
            result = result.note(format!("The request was sent {} times.", answer.attempts));
        }
        let says_seconds =
            || reply.header("retry-after").is_some_and(|text| text.trim().parse::<u64>().is_ok());
        if let Some(seconds) = answer.asked_wait.filter(|_| result.is_error() && !says_seconds()) {
            result = result.note(format!("Call again in {seconds} s."));
        }
        if tool.output.is_empty() || result.is_error() {
            return result;
        }
        self.output_schema(tool).conform(result)
    }

    /// Whether a jq program of connector.toml computes the results of a tool.
    pub(super) fn computes_replies(&self, tool: &Tool<'_>) -> bool {
        self.inner.replies.get(tool.name).is_computed()
    }

    fn takes_etags(&self) -> bool {
        let mut tools = self.connector().tools();
        let takes = |tool: &Tool<'_>| tool.input.to_ascii_lowercase().contains("\"if-match\"");
        *self.inner.takes_etags.get_or_init(|| tools.any(takes))
    }

    fn output_schema(&self, tool: &Tool<'_>) -> Arc<OutputSchema> {
        let mut schemas = self.inner.output_schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = schemas.get(tool.name) {
            return Arc::clone(schema);
        }
        let schema = Arc::new(OutputSchema::compile(&output::schema(self.connector(), tool.output)));
        schemas.insert(tool.name.to_owned(), Arc::clone(&schema));
        schema
    }
}

/// Returns a sentence about the age of a cached reply.
fn age_line(age: Duration, is_joined: bool) -> String {
    let whole = if is_joined { "A part of this reply" } else { "This reply" };
    format!("{whole} is from the cache: the service sent it {} s ago.", age.as_secs())
}
