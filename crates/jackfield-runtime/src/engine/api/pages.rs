//! Joins the pages of a tool with pagination, if connector.toml says so (ADR 0053).

use std::time::Duration;

use bytes::Bytes;
use jackfield_recipe::Effect;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Api;
use crate::engine::answer::HttpAnswer;
use crate::engine::context::ActiveCall;
use crate::engine::error::CallError;
use crate::reply::page::{Joiner, MOST_BYTES, NextPage, NotJoined, ShownPage};
use crate::reply::rule::ReplyRule;
use crate::reply::shape::Shaping;
use crate::transport::destinations::Names;

impl Api {
    /// Whether the following pages are added to an answer.
    pub(super) fn joins_pages(&self, answer: &HttpAnswer) -> bool {
        let tool = answer.tool.get();
        tool.paging.is_some()
            && tool.effect == Effect::Read
            && answer.reply.saved().is_none()
            && self.inner.replies.get(tool.name).all_pages > 1
    }

    /// Joins the following pages to the answer, up to the number in the reply rule of the tool. Each page needs one more request, which has
    /// separate retries, shares the limits of the call, and ends at its deadline.
    pub(super) async fn join_pages(&self, mut answer: Box<HttpAnswer>, call: &ActiveCall) -> Box<HttpAnswer> {
        let handle = answer.tool.clone();
        let tool = handle.get();
        let rule = self.inner.replies.get(tool.name);
        let Some(first) = self.shown(&answer, call).await else { return answer };
        let limits = (rule.most_items(), rule.most_joined_bytes(MOST_BYTES));
        let Some(mut joiner) = Joiner::start(first, limits) else { return answer };
        let own = answer.paged.as_ref().map(|paged| paged.arguments.clone()).unwrap_or_default();
        _ = joiner.repeats(&NextPage::Call { arguments: own.clone(), is_certain: true });
        let (began, mut ended, mut bytes) = (Instant::now(), None, answer.reply.body.len());
        loop {
            let (number, next) = (joiner.pages() + 1, joiner.last().next.clone());
            if !matches!(next, NextPage::Call { .. } | NextPage::Address(_)) {
                break;
            }
            if joiner.repeats(&next) {
                joiner.last().next = NextPage::Repeated;
                break;
            }
            if number > rule.all_pages as usize {
                break;
            }
            if Instant::now() + mean(began, number) >= call.deadline {
                ended = Some("There is no time for another page in this call".to_owned());
                break;
            }
            let progress = call.context.progress();
            if progress.is_heard() {
                let message = format!("page {number} of at most {}", rule.all_pages);
                progress.report(number as f64, Some(f64::from(rule.all_pages)), Some(&message));
            }
            match self.next_page(&answer, &own, &next, call).await {
                Ok(next) => {
                    answer.attempts += next.attempts;
                    answer.source = answer.source.joined(next.source);
                    answer.age = answer.age.max(next.age);
                    bytes += next.reply.body.len();
                    let added = match self.shown(&next, call).await {
                        Some(shown) => joiner.add(shown).map_err(|why| why.sentence(number, rule, tool.name)),
                        None => Err(unread(number, &next)),
                    };
                    // If a page is not joined, the answer names it as the next page.
                    ended = added.err();
                }
                Err(error) => {
                    answer.attempts += error.attempts();
                    let why = error.to_string();
                    ended = Some(format!("Page {number} could not be read: {}", why.trim_end_matches('.')));
                }
            }
            if ended.is_some() {
                break;
            }
        }
        if joiner.pages() > 1 || ended.is_some() || joiner.last().next == NextPage::Repeated {
            let (text, joined) = joiner.finish(bytes, ended);
            answer.reply.body = Bytes::from(text);
            answer.joined = Some(joined);
        }
        answer
    }

    /// Parses the page of an answer. A large page is parsed on another thread.
    async fn shown(&self, answer: &HttpAnswer, call: &ActiveCall) -> Option<ShownPage> {
        if !answer.reply.is_success() {
            return None;
        }
        let (api, tool, reply) = (self.clone(), answer.tool.clone(), answer.reply.clone());
        let (paged, length) = (answer.paged.clone()?, answer.reply.body.len());
        let read = move || {
            let tool = tool.get();
            let shaping =
                Shaping { tool, rule: api.inner.replies.get(tool.name), fields: None, has_page: true };
            ShownPage::read(&reply, shaping, &paged)
        };
        call.scope.compute(length, call.deadline, read).await.ok().flatten()
    }

    /// Requests the next page from the origin of the first page.
    async fn next_page(
        &self,
        answer: &HttpAnswer,
        own: &Map<String, Value>,
        next: &NextPage,
        call: &ActiveCall,
    ) -> Result<Box<HttpAnswer>, CallError> {
        let (arguments, address) = match next {
            NextPage::Call { arguments, .. } => (arguments, None),
            NextPage::Address(address) => (own, Some(address)),
            _ => (own, None),
        };
        let (tool, caller) = (answer.tool.clone(), call.context.caller());
        let composed = self
            .compose_within(&tool, arguments.clone(), Names::Resolved, call.deadline, &call.scope, caller)
            .await?;
        let mut prepared = composed.prepared(tool, Some(arguments.clone()));
        if let Some(address) = address {
            prepared.outgoing.readdress(address);
            if let Some(paged) = &mut prepared.paged {
                paged.url.clone_from(address);
            }
        }
        self.send(prepared, call).await
    }
}

/// Returns the mean duration of the requests for the previous pages.
fn mean(began: Instant, number: usize) -> Duration {
    began.elapsed() / u32::try_from(number.saturating_sub(2).max(1)).unwrap_or(u32::MAX)
}

/// Returns a message that says why an answer is not a page.
fn unread(number: usize, answer: &HttpAnswer) -> String {
    if answer.reply.is_success() {
        return format!("Page {number} could not be read: it is not complete JSON, or is too large");
    }
    format!("Page {number} could not be read: the service answered {}", answer.reply.status)
}

impl NotJoined {
    fn sentence(&self, number: usize, rule: &ReplyRule, tool: &str) -> String {
        let (most, unit, key) = match self {
            Self::NoList => return format!("Page {number} has no list"),
            Self::Items => (rule.most_items(), "items", "items"),
            Self::Bytes => (rule.most_joined_bytes(MOST_BYTES), "bytes", "bytes"),
        };
        format!(
            "Page {number} is not joined: there would be more than {most} {unit} (`{key}` in `[replies.{tool}]` of connector.toml)"
        )
    }
}
