//! `[resources."TOOL"]`: operations that clients read as resources.

use std::collections::BTreeMap;

use jackfield_model::UriTemplate;
use jackfield_model::text::toml_key;
use serde::Deserialize;
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::rules::RuleTable;
use super::written_text;

/// The maximum number of bytes of a resource's URI. Clients truncate longer URIs, and the runtime does not repeat
/// them in errors.
pub(crate) const LONGEST_URI: usize = 2048;

/// URI schemes that have another meaning for clients.
const TAKEN_SCHEMES: [&str; 11] =
    ["http", "https", "file", "ftp", "data", "javascript", "ws", "wss", "mailto", "ui", "git"];

/// A table, as it is written in connector.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenResource {
    uri: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
    description: Option<Spanned<String>>,
    mime_type: Option<Spanned<String>>,
    tool: Option<Spanned<bool>>,
}

/// A parsed table.
#[derive(Clone, Debug)]
pub(crate) struct ResourceChoice {
    /// The URI template, with its text and position.
    pub(crate) uri: Option<(UriTemplate, String, Span)>,
    /// The title and the description, each with its position.
    pub(crate) title: Option<(String, Span)>,
    pub(crate) description: Option<(String, Span)>,
    pub(crate) media_type: Option<String>,
    /// Whether the operations stay tools.
    pub(crate) is_tool: bool,
}

pub(super) fn parse(
    written: BTreeMap<Spanned<String>, WrittenResource>,
) -> Result<RuleTable<ResourceChoice>, Refusal> {
    let mut table = RuleTable::default();
    for (key, resource) in written {
        let (span, key) = (key.span(), key.into_inner());
        let choice = choice(&key, resource)?;
        table.add(&key, span, choice)?;
    }
    Ok(table)
}

fn choice(key: &str, written: WrittenResource) -> Result<ResourceChoice, Refusal> {
    let table = format!("[resources.{}]", toml_key(key));
    let WrittenResource { uri, title, description, mime_type, tool } = written;
    if let Some(tool) = tool.as_ref().filter(|tool| *tool.get_ref()) {
        let problem = format!("`tool` in {table} changes nothing: `true` is the default");
        return Err(Refusal::new(tool.span(), problem, "remove `tool`, or write `tool = false`"));
    }
    let text = |word: &str, written: Option<Spanned<String>>, check: Check| {
        written
            .map(|written| {
                let span = written.span();
                let text = check(&format!("`{word}` of {table}"), written.into_inner(), &span)?;
                Ok((text, span))
            })
            .transpose()
    };
    Ok(ResourceChoice {
        uri: uri.map(|uri| address(&table, uri)).transpose()?,
        title: text("title", title, written_text::title)?,
        description: text("description", description, written_text::text)?,
        media_type: mime_type.map(|written| media_type(&table, &written)).transpose()?,
        is_tool: tool.is_none(),
    })
}

type Check = fn(&str, String, &Span) -> Result<String, Refusal>;

fn address(table: &str, written: Spanned<String>) -> Result<(UriTemplate, String, Span), Refusal> {
    let (span, text) = (written.span(), written.into_inner());
    let refuse = |problem: String, help: &str| {
        Err(Refusal::new(span.clone(), format!("`uri` in {table}: {problem}"), help))
    };
    if text.len() > LONGEST_URI {
        return refuse(
            format!("the URI has {} bytes (limit {LONGEST_URI})", text.len()),
            "write a shorter URI",
        );
    }
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    if !is_scheme {
        return refuse(
            format!("`{text}` does not begin with a scheme in lower case"),
            "write a URI such as `shop://books/{bookId}`",
        );
    }
    if TAKEN_SCHEMES.contains(&scheme) {
        return refuse(
            format!("clients do not read `{scheme}:` URIs from a connector"),
            "choose a scheme of your own, such as `shop://books/{bookId}`",
        );
    }
    match UriTemplate::parse(&text) {
        Ok(template) => Ok((template, text, span)),
        Err(invalid) => refuse(
            invalid.to_string(),
            "write a URI such as `shop://books/{bookId}` or `shop://books{?genre,limit}`",
        ),
    }
}

fn media_type(table: &str, written: &Spanned<String>) -> Result<String, Refusal> {
    let text = written.get_ref();
    let essence = text.split(';').next().unwrap_or_default();
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let is_pair = essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub));
    if is_pair && text.len() <= 200 && text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Ok(text.clone());
    }
    let problem = format!("`mime_type` in {table} cannot be `{text}`");
    Err(Refusal::new(written.span(), problem, "write a media type such as `application/json` or `text/csv`"))
}
