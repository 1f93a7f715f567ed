//! Joins the pages of a list, if connector.toml says so (ADR 0053).

use bytes::Bytes;
use jackfield_recipe::Effect;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Api;
use crate::engine::answer::HttpAnswer;
use crate::engine::context::ActiveCall;
use crate::engine::error::CallError;
use crate::engine::prepared::PreparedHttp;
use crate::reply::page::{JoinedPages, Joiner, MOST_BYTES, NextPage, NotJoined, Page, page_text};
use crate::reply::rule::ReplyRule;
use crate::reply::shape::Shaping;
use crate::transport::destinations::Names;

/// A page in the form in which it is shown.
struct ShownPage {
    page: Page,
    text: String,
}

impl Api {
    /// Adds the following pages to the answer of a tool whose rule joins pages. Each page is a request like the first one, with its
    /// retries, pauses and limits, before the deadline of the call.
    pub(super) async fn join_pages(&self, mut answer: HttpAnswer, call: &ActiveCall) -> HttpAnswer {
        let handle = answer.tool.clone();
        let tool = handle.get();
        let rule = self.inner.replies.get(tool.name);
        let Some(paging) = tool.paging.as_ref().filter(|_| rule.all_pages > 1 && tool.effect == Effect::Read)
        else {
            return answer;
        };
        let Some(first) = self.shown(&answer, rule) else { return answer };
        let limits = (rule.most_items(), rule.most_joined_bytes(MOST_BYTES));
        let count = first.page.count.unwrap_or_default();
        let Some(mut joiner) = Joiner::start(paging, first.text, count, limits) else { return answer };
        let (mut page, mut ended) = (first.page, None);
        let own = answer.paged.as_ref().map(|paged| paged.arguments.clone()).unwrap_or_default();
        _ = joiner.repeats(&NextPage::Call { arguments: own.clone(), is_certain: true });
        let (began, mut attempts) = (Instant::now(), answer.attempts);
        while matches!(page.next, NextPage::Call { .. } | NextPage::Address(_)) {
            let number = joiner.pages() + 1;
            if joiner.repeats(&page.next) {
                page.next = NextPage::Repeated;
                break;
            }
            if joiner.pages() >= rule.all_pages as usize {
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
            let next = match self.page_at(&answer, &own, &page.next, call).await {
                Ok(next) => next,
                Err(error) => {
                    ended =
                        Some(format!("Page {number} could not be read: {}", sentence(&error.to_string())));
                    attempts += error.attempts();
                    break;
                }
            };
            attempts += next.attempts;
            let Some(shown) = self.shown(&next, rule).filter(|_| next.reply.is_success()) else {
                ended = Some(format!(
                    "Page {number} could not be read: the service answered {}",
                    next.reply.status
                ));
                break;
            };
            // A page that is not joined is the next one still.
            match joiner.add(shown.text, shown.page.count.unwrap_or_default()) {
                Ok(()) => {
                    page = shown.page;
                    answer.paged = next.paged.or(answer.paged);
                }
                Err(why) => {
                    ended = Some(why.sentence(number, rule, tool.name));
                    break;
                }
            }
        }
        let (pages, count) = (joiner.pages(), joiner.count());
        answer.attempts = attempts;
        if pages == 1 && ended.is_none() {
            return answer;
        }
        page.count = page.count.map(|_| count);
        let Some(text) = joiner.finish().filter(|text| answer.reply.can_hold(text.len())) else {
            return answer;
        };
        answer.reply.body = Bytes::from(text);
        answer.joined = Some(JoinedPages { pages, page, ended });
        answer
    }

    /// The page of an answer, with the text that its rule leaves.
    fn shown(&self, answer: &HttpAnswer, rule: &ReplyRule) -> Option<ShownPage> {
        let (tool, reply) = (answer.tool.get(), &answer.reply);
        let page = Page::read(reply, tool, answer.paged.as_ref()?, rule.redacted())?;
        let shaping = Shaping { tool, rule, fields: answer.fields.as_deref(), has_page: true };
        let text = page_text(reply)?;
        Some(ShownPage { page, text: shaping.strip(&text)? })
    }

    /// Gets the next page. Its request goes where the first one went.
    async fn page_at(
        &self,
        answer: &HttpAnswer,
        own: &Map<String, Value>,
        next: &NextPage,
        call: &ActiveCall,
    ) -> Result<HttpAnswer, CallError> {
        let (arguments, address) = match next {
            NextPage::Call { arguments, .. } => (arguments, None),
            NextPage::Address(address) => (own, Some(address)),
            _ => (own, None),
        };
        let (tool, caller) = (answer.tool.clone(), call.context.caller());
        let composed = self
            .compose_within(&tool, arguments.clone(), Names::Resolved, call.deadline, &call.scope, caller)
            .await?;
        let mut prepared: PreparedHttp = composed.prepared(tool, Some(arguments.clone()));
        if let Some(address) = address {
            prepared.outgoing.readdress(address);
            if let Some(paged) = &mut prepared.paged {
                paged.url.clone_from(address);
            }
        }
        self.send(prepared, call).await
    }
}

/// The mean time of a page so far.
fn mean(began: Instant, pages: usize) -> std::time::Duration {
    began.elapsed() / u32::try_from(pages.saturating_sub(1).max(1)).unwrap_or(u32::MAX)
}

/// A message as part of a sentence.
fn sentence(message: &str) -> &str {
    message.trim_end_matches('.')
}

impl NotJoined {
    fn sentence(&self, number: usize, rule: &ReplyRule, tool: &str) -> String {
        match self {
            Self::NoList => format!("Page {number} has no list"),
            Self::Items => format!(
                "Page {number} is not joined: there would be more than {} items (`items` in `[replies.{tool}]` of connector.toml)",
                rule.most_items()
            ),
            Self::Bytes => format!(
                "Page {number} is not joined: there would be more than {} bytes (`bytes` in `[replies.{tool}]` of connector.toml)",
                rule.most_joined_bytes(MOST_BYTES)
            ),
        }
    }
}
