//! `[jobs."SELECTOR"]`: how the status of a job that a tool starts is read.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{ReplyPath, WireName};
use serde::Deserialize;
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::rules::RuleTable;

/// The maximum number of states in a list.
const MOST_STATES: usize = 50;

/// A table, as it is written in connector.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenJob {
    wait: Option<Spanned<bool>>,
    header: Option<Spanned<String>>,
    address: Option<Spanned<String>>,
    id: Option<Spanned<String>>,
    read: Option<Spanned<String>>,
    argument: Option<Spanned<String>>,
    state: Option<Spanned<String>>,
    done: Option<Spanned<Vec<String>>>,
    failed: Option<Spanned<Vec<String>>>,
    result: Option<Spanned<String>>,
    error: Option<Spanned<String>>,
}

/// A parsed table. Places in replies are JSON pointers.
#[derive(Clone, Debug, Default)]
pub(crate) struct JobChoice {
    /// Whether calls wait for their job.
    pub(crate) waits: bool,
    pub(crate) header: Option<WireName>,
    pub(crate) address: Option<String>,
    pub(crate) id: Option<String>,
    /// The tool that reads the status, and its argument, each with its position.
    pub(crate) read: Option<(String, Span)>,
    pub(crate) argument: Option<(String, Span)>,
    pub(crate) state: Option<String>,
    pub(crate) done: Vec<String>,
    pub(crate) failed: Vec<String>,
    pub(crate) result: Option<String>,
    pub(crate) error: Option<String>,
}

pub(super) fn parse(written: BTreeMap<Spanned<String>, WrittenJob>) -> Result<RuleTable<JobChoice>, Refusal> {
    let mut table = RuleTable::default();
    for (key, job) in written {
        let (span, key) = (key.span(), key.into_inner());
        let choice = choice(&key, &span, job)?;
        table.add(&key, span, choice)?;
    }
    Ok(table)
}

fn choice(key: &str, span: &Span, written: WrittenJob) -> Result<JobChoice, Refusal> {
    let table = format!("[jobs.{}]", toml_key(key));
    let WrittenJob { wait, header, address, id, read, argument, state, done, failed, result, error } =
        written;
    let texts = [&header, &address, &id, &read, &argument, &state, &result, &error];
    let is_empty = texts.iter().all(|text| text.is_none()) && done.is_none() && failed.is_none();
    match wait.as_ref().map(|wait| (wait.span(), *wait.get_ref())) {
        None if is_empty => {
            let help = "add `wait = true`, `address = \"$.status_url\"`, or `id = \"$.job_id\"` with `read = \"get_job\"`";
            return Err(Refusal::new(span.clone(), format!("{table} changes nothing"), help));
        }
        Some((span, false)) if !is_empty => {
            let problem = format!("{table} has `wait = false` and other keys, which then have no effect");
            return Err(Refusal::new(span, problem, "remove `wait`, or the other keys"));
        }
        _ => {}
    }
    let pairs =
        [("id", &id, "read", &read), ("read", &read, "id", &id), ("argument", &argument, "read", &read)];
    for (word, one, needed, other) in pairs {
        if let (Some(one), None) = (one, other) {
            let problem = format!("`{word}` in {table} needs `{needed}`");
            let help = "set both keys, the path to the identifier in the reply and the tool that reads the status: `id = \"$.job_id\"` and `read = \"get_job\"`";
            return Err(Refusal::new(one.span(), problem, help));
        }
    }
    let header = header
        .map(|header| {
            let name = header.get_ref();
            let is_token =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            let named = is_token.then(|| WireName::from(name.to_ascii_lowercase().as_str()));
            let refuse = || {
                let problem = format!("`header` in {table} cannot be `{name}`");
                Refusal::new(header.span(), problem, "write the name of a header, such as `X-Job-Location`")
            };
            named.ok_or_else(refuse)
        })
        .transpose()?;
    let pointer =
        |word: &str, path: Option<Spanned<String>>| path.map(|path| pointer(word, &table, &path)).transpose();
    Ok(JobChoice {
        waits: wait.is_none_or(Spanned::into_inner),
        header,
        address: pointer("address", address)?,
        id: pointer("id", id)?,
        read: read.map(|read| (read.get_ref().clone(), read.span())),
        argument: argument.map(|argument| (argument.get_ref().clone(), argument.span())),
        state: pointer("state", state)?,
        result: pointer("result", result)?,
        error: pointer("error", error)?,
        done: states("done", &table, done)?,
        failed: states("failed", &table, failed)?,
    })
}

/// Converts a path to one value to a JSON pointer.
fn pointer(word: &str, table: &str, path: &Spanned<String>) -> Result<String, Refusal> {
    let refuse = |problem: String| {
        Err(Refusal::new(path.span(), problem, "write a path to one value, such as `$.job.status`"))
    };
    match path.get_ref().parse::<ReplyPath>() {
        Ok(parsed) => match parsed.pointer() {
            Some(pointer) => Ok(pointer),
            None => refuse(format!("`{word}` in {table}: `{parsed}` can select several values")),
        },
        Err(invalid) => refuse(format!("`{word}` in {table}: {invalid}")),
    }
}

fn states(word: &str, table: &str, written: Option<Spanned<Vec<String>>>) -> Result<Vec<String>, Refusal> {
    let Some(written) = written else { return Ok(Vec::new()) };
    let states = written.get_ref();
    if states.is_empty() || states.len() > MOST_STATES || states.iter().any(|state| state.trim().is_empty()) {
        let problem = format!("`{word}` in {table} must contain 1 to {MOST_STATES} states");
        return Err(Refusal::new(
            written.span(),
            problem,
            "write states such as `[\"finished\"]`, or remove the key",
        ));
    }
    Ok(written.into_inner())
}
