//! `[replies."TOOL"]`: which parts of replies models see.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{ReplyPath, USUAL_REPLY_BYTES};
use serde::Deserialize;
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::rules::RuleTable;

/// The key of the rule for all tools.
const ALL: &str = "*";

const ITEMS: std::ops::RangeInclusive<i64> = 1..=1_000_000;
const BYTES: std::ops::RangeInclusive<i64> = 1_000..=10_000_000;
const ALL_PAGES: std::ops::RangeInclusive<i64> = 2..=100;
/// The maximum number of paths in a list.
const MOST_PATHS: usize = 100;

/// A rule, as it is written in connector.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenReply {
    redact: Option<Spanned<Vec<Spanned<String>>>>,
    keep: Option<Spanned<Vec<Spanned<String>>>>,
    drop: Option<Spanned<Vec<Spanned<String>>>>,
    items: Option<Spanned<i64>>,
    bytes: Option<Spanned<i64>>,
    fields: Option<Spanned<bool>>,
    all_pages: Option<Spanned<i64>>,
    jq: Option<Spanned<String>>,
}

/// A parsed rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReplyChoice {
    pub(crate) redact: Vec<ReplyPath>,
    pub(crate) keep: Vec<ReplyPath>,
    pub(crate) drop: Vec<ReplyPath>,
    pub(crate) items: Option<usize>,
    pub(crate) bytes: Option<usize>,
    /// Whether calls can select the parts of their replies.
    pub(crate) fields: Option<bool>,
    /// The number of pages that a call joins, with its position.
    pub(crate) all_pages: Option<(u32, Span)>,
    /// The `jq` filter that computes the result, with its position.
    pub(crate) jq: Option<(String, Span)>,
}

/// The rules in connector.toml.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReplyChoices {
    /// The rule for all tools, [`ALL`], to which the rule of a tool is added.
    pub(crate) all: Option<ReplyChoice>,
    /// The rules of tools.
    pub(crate) of: RuleTable<ReplyChoice>,
}

impl ReplyChoices {
    /// Returns all rules.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ReplyChoice> {
        self.all.iter().chain(self.of.iter().map(|(_, _, choice)| choice))
    }
}

pub(super) fn parse(written: BTreeMap<Spanned<String>, WrittenReply>) -> Result<ReplyChoices, Refusal> {
    let mut rules = ReplyChoices::default();
    for (key, rule) in written {
        let (span, key) = (key.span(), key.into_inner());
        let choice = choice(&key, &span, rule)?;
        match key.as_str() {
            ALL => rules.all = Some(choice),
            key => rules.of.add(key, span, choice)?,
        }
    }
    Ok(rules)
}

fn choice(key: &str, span: &Span, written: WrittenReply) -> Result<ReplyChoice, Refusal> {
    let table = format!("[replies.{}]", toml_key(key));
    let WrittenReply { redact, keep, drop, items, bytes, fields, all_pages, jq } = written;
    if let Some(jq) = &jq {
        let refuse = |problem: String, help: &str| Err(Refusal::new(jq.span(), problem, help));
        if key == ALL {
            return refuse(
                format!("`jq` cannot be set in {table}: one filter does not fit the replies of all tools"),
                "write it in the table of a tool",
            );
        }
        if fields.as_ref().is_some_and(|fields| *fields.get_ref()) {
            return refuse(
                format!("{table} has both `jq` and `fields`"),
                "remove one of the two keys: if a filter changes the reply, calls cannot select fields",
            );
        }
        if jq.get_ref().trim().is_empty() || jq.get_ref().trim() == "." {
            return refuse(
                format!("`jq` in {table} changes nothing"),
                "write a filter such as `.items[] | {id, name}`, or remove `jq`",
            );
        }
    }
    if let Some(pages) = all_pages.as_ref().filter(|_| key == ALL) {
        let problem = format!("`all_pages` cannot be set in {table}: not all tools have pagination");
        return Err(Refusal::new(pages.span(), problem, "write it in the table of a tool"));
    }
    let fields = fields.map(Spanned::into_inner);
    let is_empty = redact.is_none()
        && keep.is_none()
        && drop.is_none()
        && items.is_none()
        && bytes.is_none()
        && all_pages.is_none()
        && jq.is_none();
    if is_empty && fields.is_none() || key == ALL && is_empty && fields == Some(false) {
        let help = "add `redact = [\"$.customer.email\"]`, `keep`, `drop`, `items = 50` or `bytes = 20000`";
        return Err(Refusal::new(span.clone(), format!("{table} changes nothing"), help));
    }
    if let Some(bytes) = &bytes
        && usize::try_from(*bytes.get_ref()) == Ok(USUAL_REPLY_BYTES)
        && key == ALL
    {
        let problem = format!("`bytes` in {table} changes nothing: {USUAL_REPLY_BYTES} is the default");
        return Err(Refusal::new(bytes.span(), problem, "choose another number, or remove `bytes`"));
    }
    let (redact, keep, dropped) =
        (paths("redact", &table, redact)?, paths("keep", &table, keep)?, paths("drop", &table, drop)?);
    for (path, span) in &keep {
        if let Some((other, _)) = dropped.iter().find(|(other, _)| path.is_within(other)) {
            let problem = format!("`{path}` in `keep` of {table} has no effect: `drop` removes `{other}`");
            return Err(Refusal::new(span.clone(), problem, "remove one of the two paths"));
        }
    }
    for (path, span) in &dropped {
        if !keep.is_empty() && keep.iter().all(|(kept, _)| kept.is_apart(path)) {
            let problem = format!(
                "`{path}` in `drop` of {table} changes nothing: the paths in `keep` do not include it"
            );
            return Err(Refusal::new(span.clone(), problem, "remove it"));
        }
    }
    let number = |word: &str, written: Option<Spanned<i64>>, range: std::ops::RangeInclusive<i64>| {
        written
            .map(|written| match usize::try_from(*written.get_ref()) {
                Ok(number) if range.contains(written.get_ref()) => Ok(number),
                _ => Err(Refusal::new(
                    written.span(),
                    format!("`{word}` in {table} cannot be {}", written.get_ref()),
                    format!("choose a number from {} to {}", range.start(), range.end()),
                )),
            })
            .transpose()
    };
    let own = |paths: Vec<(ReplyPath, Span)>| paths.into_iter().map(|(path, _)| path).collect();
    Ok(ReplyChoice {
        redact: own(redact),
        keep: own(keep),
        drop: own(dropped),
        items: number("items", items, ITEMS)?,
        bytes: number("bytes", bytes, BYTES)?,
        all_pages: match all_pages {
            Some(pages) => {
                let span = pages.span();
                let number =
                    number("all_pages", Some(pages), ALL_PAGES)?.and_then(|it| u32::try_from(it).ok());
                number.map(|number| (number, span))
            }
            None => None,
        },
        fields: if jq.is_some() { Some(false) } else { fields },
        jq: jq.map(|jq| (jq.get_ref().clone(), jq.span())),
    })
}

/// Parses a list of paths. A path within another path of the list is refused.
fn paths(
    word: &str,
    table: &str,
    written: Option<Spanned<Vec<Spanned<String>>>>,
) -> Result<Vec<(ReplyPath, Span)>, Refusal> {
    let Some(written) = written else { return Ok(Vec::new()) };
    let span = written.span();
    let refuse = |span: Span, problem: String, help: &str| Err(Refusal::new(span, problem, help));
    let mut paths: Vec<(ReplyPath, Span)> = Vec::new();
    for text in written.into_inner() {
        match text.get_ref().parse() {
            Ok(path) => paths.push((path, text.span())),
            Err(invalid) => {
                let help = "write a path such as `$.customer.email`, `$.orders[].id` or `$..email`";
                return refuse(text.span(), format!("`{word}` in {table}: {invalid}"), help);
            }
        }
    }
    if paths.is_empty() {
        return refuse(
            span,
            format!("`{word}` in {table} is empty, and changes nothing"),
            "add a path, or remove this key",
        );
    }
    if paths.len() > MOST_PATHS {
        let problem = format!("`{word}` in {table} has {} paths (limit {MOST_PATHS})", paths.len());
        return refuse(span, problem, "use `*` or `..`, which stand for many members");
    }
    for (at, (path, span)) in paths.iter().enumerate() {
        let others = paths.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, (other, _))| other);
        if let Some(other) = others.into_iter().find(|other| path.is_within(other)) {
            let problem = format!("`{path}` in `{word}` of {table} changes nothing: `{other}` includes it");
            return refuse(span.clone(), problem, "remove it");
        }
    }
    Ok(paths)
}
