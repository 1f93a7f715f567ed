//! The reply rules of connector.toml, prepared for use.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_recipe::{ReplyPath, USUAL_REPLY_BYTES};

use super::jq::JqFilter;
use super::jq_error::JqError;
use crate::call::rows::{Connector, ReplyRow};
use crate::transport::reply::Reply;

/// The rule for the replies of one tool.
#[derive(Clone, Debug)]
pub(crate) struct ReplyRule {
    pub(super) redact: Vec<ReplyPath>,
    pub(super) keep: Vec<ReplyPath>,
    pub(super) drop: Vec<ReplyPath>,
    pub(super) items: Option<usize>,
    pub(super) bytes: usize,
    /// The maximum number of pages that a call joins. 1 means that pages are not joined.
    pub(crate) all_pages: u32,
    /// The jq program that computes the result, or the reason why it cannot be compiled.
    pub(super) jq: Option<Arc<Result<JqFilter, JqError>>>,
}

impl ReplyRule {
    /// The rule of a tool for which connector.toml sets nothing.
    pub(crate) const USUAL: Self = Self {
        redact: Vec::new(),
        keep: Vec::new(),
        drop: Vec::new(),
        items: None,
        bytes: USUAL_REPLY_BYTES,
        all_pages: 1,
        jq: None,
    };

    /// Whether the rule redacts values.
    pub(crate) const fn redacts(&self) -> bool {
        !self.redact.is_empty()
    }

    /// Returns the paths of the redacted values.
    pub(crate) fn redacted(&self) -> &[ReplyPath] {
        &self.redact
    }

    /// Returns the rule with more redacted values. If `is_other` is set, the rule was written for another reply, so it only redacts values
    /// and limits the size.
    pub(crate) fn redacting(&self, more: &[ReplyPath], is_other: bool) -> Self {
        let mut rule = match is_other {
            true => Self { redact: self.redact.clone(), bytes: self.bytes, ..Self::USUAL },
            false => self.clone(),
        };
        rule.redact.extend(more.iter().cloned());
        rule
    }

    /// Whether a result of `shown` bytes may have fewer items than its reply. False if a jq program computes the result.
    pub(crate) fn shortens(&self, shown: usize, reply: &Reply) -> bool {
        let is_limited = self.items.is_some() || reply.body().len() > self.bytes;
        self.jq.is_none() && is_limited && shown < reply.body().len()
    }

    /// Returns the maximum number of items of joined pages.
    pub(crate) fn most_items(&self) -> usize {
        self.items.unwrap_or(usize::MAX)
    }

    /// Returns the maximum size of joined pages. If a jq program computes the result, which may be shorter than the pages, this is `most`
    /// instead of the limit of the rule.
    pub(crate) fn most_joined_bytes(&self, most: usize) -> usize {
        if self.jq.is_some() { most } else { self.bytes }
    }

    /// Whether a jq program computes the results. Running it may take longer than the size of the reply suggests.
    pub(crate) const fn is_computed(&self) -> bool {
        self.jq.is_some()
    }

    /// Whether the rule only limits the size of replies.
    pub(super) const fn is_usual(&self) -> bool {
        self.redact.is_empty()
            && self.keep.is_empty()
            && self.drop.is_empty()
            && self.items.is_none()
            && self.jq.is_none()
    }

    /// Returns the rule combined with a table entry. Redacted and dropped paths are added; other settings replace the settings of the rule.
    fn with(&self, row: &ReplyRow<'_>) -> Self {
        let mut rule = self.clone();
        rule.redact.extend(redacted_paths(row));
        rule.drop.extend(paths(row.drop));
        if !row.keep.is_empty() {
            rule.keep = paths(row.keep);
        }
        rule.items = row.items.or(rule.items);
        if !row.jq.is_empty() {
            rule.jq = Some(Arc::new(JqFilter::compile(row.jq)));
        }
        rule.bytes = row.bytes.unwrap_or(rule.bytes);
        rule.all_pages = row.all_pages.unwrap_or(rule.all_pages);
        rule
    }
}

fn paths(texts: &[&str]) -> Vec<ReplyPath> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Parses the redacted paths. Generated entries contain only valid paths. If a path is invalid nevertheless, everything is redacted.
fn redacted_paths(row: &ReplyRow<'_>) -> Vec<ReplyPath> {
    let mut paths = self::paths(row.redact);
    if paths.len() < row.redact.len() {
        tracing::error!(tool = row.tool, "a redacted path is invalid, so whole replies are redacted");
        paths.extend(self::paths(&["$"]));
    }
    paths
}

/// The reply rules of a connector.
#[derive(Debug)]
pub(crate) struct ReplyRules {
    /// The rule of tools that have no rule of their own.
    all: ReplyRule,
    of: HashMap<String, ReplyRule>,
}

impl ReplyRules {
    pub(crate) fn of(connector: &Connector<'_>) -> Self {
        let (all, own): (Vec<_>, Vec<_>) = connector.replies.iter().partition(|row| row.tool.is_empty());
        let all = all.into_iter().fold(ReplyRule::USUAL, |rule, row| rule.with(row));
        let of = own.into_iter().map(|row| (row.tool.to_owned(), all.with(row))).collect();
        Self { all, of }
    }

    /// Returns the rule of a tool.
    pub(crate) fn get(&self, tool: &str) -> &ReplyRule {
        if self.of.is_empty() { &self.all } else { self.of.get(tool).unwrap_or(&self.all) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_rule_adds_redactions_to_the_general_rule_and_replaces_its_limits() {
        let rows = [
            ReplyRow::of("list").redact(&["a"]).keep(&["c"]).bytes(2000),
            ReplyRow::all().redact(&["b"]).keep(&["d"]).drop(&["e"]).items(5),
        ];
        let connector = Connector::new("shop").replies(&rows);
        let rules = ReplyRules::of(&connector);
        let list = rules.get("list");
        let shown = |paths: &[ReplyPath]| paths.iter().map(ReplyPath::as_str).collect::<Vec<_>>().join(" ");
        assert_eq!([shown(&list.redact), shown(&list.keep), shown(&list.drop)], ["b a", "c", "e"]);
        assert_eq!((list.items, list.bytes), (Some(5), 2000));
        assert_eq!(
            (shown(&rules.get("get").redact), rules.get("get").bytes),
            ("b".to_owned(), USUAL_REPLY_BYTES)
        );
        assert!(ReplyRules::of(&Connector::new("shop")).get("list").is_usual());
    }

    #[test]
    fn invalid_redaction_path_redacts_the_whole_reply() {
        let rows = [ReplyRow::of("list").redact(&["a[0]"])];
        let connector = Connector::new("shop").replies(&rows);
        assert_eq!(ReplyRules::of(&connector).get("list").redact[0].as_str(), "$");
    }
}
