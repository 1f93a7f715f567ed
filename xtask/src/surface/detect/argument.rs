use std::collections::{BTreeMap, BTreeSet};

use super::hit::Hit;
use crate::surface::document::{Argument, Document, Tool};
use crate::surface::text::{stem, words};

/// The minimum number of operations with a parameter for the parameter to count as a setting.
const FEWEST: usize = 10;
/// Words that add no information to a name.
const EMPTY: [&str; 36] = [
    "a",
    "an",
    "and",
    "any",
    "array",
    "be",
    "by",
    "default",
    "for",
    "id",
    "identifier",
    "in",
    "int",
    "integer",
    "is",
    "it",
    "list",
    "name",
    "number",
    "object",
    "of",
    "on",
    "only",
    "optional",
    "or",
    "output",
    "required",
    "see",
    "below",
    "string",
    "text",
    "the",
    "this",
    "to",
    "value",
    "with",
];
/// Parameters that select the content of a response, even if they have a default.
const CHOICES: [&str; 16] = [
    "page", "pages", "limit", "offset", "cursor", "size", "count", "top", "skip", "max", "fields", "filter",
    "sort", "order", "expand", "include",
];
/// Parameters that select the format of a response.
const SWITCHES: [&str; 6] = ["alt", "prettyprint", "pretty", "$.xgafv", "xgafv", "format"];
/// Headers that describe the client or the protocol.
const CLIENT_HEADERS: [&str; 8] = [
    "accept",
    "accept-language",
    "accept-encoding",
    "content-type",
    "user-agent",
    "x-user-agent",
    "x-requested-with",
    "origin",
];
/// Words in the names of headers that contain a secret.
const SECRETS: [&str; 9] = [
    "authorization",
    "token",
    "secret",
    "password",
    "signature",
    "apikey",
    "credential",
    "credentials",
    "jwt",
];

/// Finds arguments without a description in the tool, although the document has a description that says more than the argument's name.
pub(super) fn without_text(document: &Document) -> Vec<Hit> {
    let mut found = Vec::new();
    for (tool, it) in document.tools.iter().enumerate() {
        let silent =
            it.arguments.iter().filter(|argument| argument.text.is_empty() && says_something(it, argument));
        found.extend(
            silent
                .map(|argument| Hit { tool, detail: format!("{}: {}", argument.name, argument.documented) }),
        );
    }
    found
}

fn says_something(tool: &Tool, argument: &Argument) -> bool {
    let known = [words(&argument.name), words(&tool.name), words(&tool.path), words(&tool.summary)].concat();
    let known: BTreeSet<&str> = known.iter().map(|word| stem(word)).collect();
    words(&argument.documented)
        .iter()
        .any(|word| word.len() > 1 && !EMPTY.contains(&word.as_str()) && !known.contains(stem(word)))
}

/// Finds arguments that should be settings, because one value is right for the whole document.
pub(super) fn setting_like(document: &Document) -> Vec<Hit> {
    let settings = everywhere(document, |(location, name, _), document, tools| {
        let has_value = tools.iter().all(|at| is_settled(&document.tools[*at], location, name));
        let is_version = words(name).iter().any(|word| word == "version") && document.has_version;
        let lower = name.to_lowercase();
        let is_of_client = SWITCHES.contains(&lower.as_str())
            || location == "header" && CLIENT_HEADERS.contains(&lower.as_str());
        let is_required = tools.iter().any(|at| requires(&document.tools[*at], location, name));
        let known = has_value || is_version || is_of_client && !is_required;
        let words = words(name);
        let chooses = words.iter().any(|word| CHOICES.contains(&word.as_str()) || word == "id");
        known && !chooses
    });
    arguments_at(document, &settings)
}

/// Whether the document declares a value for the parameter.
fn is_settled(tool: &Tool, location: &str, name: &str) -> bool {
    tool.parameters.iter().any(|it| it.location == location && it.name == name && it.has_value)
}

fn requires(tool: &Tool, location: &str, name: &str) -> bool {
    tool.parameters.iter().any(|it| it.location == location && it.name == name && it.required)
}

/// Finds arguments with which a model would have to provide a credential: a declared API key, or an undeclared header
/// that looks like an API key.
pub(super) fn secret_like(document: &Document) -> Vec<Hit> {
    let mut secrets =
        everywhere(document, |(location, name, _), _, _| location == "header" && looks_secret(name));
    secrets.extend(document.keys.iter().cloned());
    arguments_at(document, &secrets)
}

fn looks_secret(name: &str) -> bool {
    let words = words(name);
    let is_key = words
        .windows(2)
        .any(|pair| pair[1] == "key" && ["api", "access", "auth"].contains(&pair[0].as_str()));
    is_key || words.iter().any(|word| SECRETS.contains(&word.as_str()))
}

/// Finds parameters that have the same name and schema on three quarters of the operations. These operations have to
/// include reads and writes of several resources.
fn everywhere(
    document: &Document,
    is_meant: impl Fn((&str, &str, &str), &Document, &[usize]) -> bool,
) -> BTreeSet<(String, String)> {
    let mut users: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for (at, tool) in document.tools.iter().enumerate() {
        for it in tool.parameters.iter().filter(|it| ["header", "query"].contains(&it.location.as_str())) {
            users.entry((&it.location, &it.name, &it.schema)).or_default().push(at);
        }
    }
    let all = document.tools.len();
    let is_general = |tools: &[usize]| {
        let tools = || tools.iter().map(|at| &document.tools[*at]);
        let resources: BTreeSet<&str> = tools().map(|tool| resource(&tool.path)).collect();
        let reads = tools().filter(|tool| tool.method == "GET").count();
        tools().count() >= FEWEST
            && 4 * tools().count() >= 3 * all
            && reads > 0
            && reads < tools().count()
            && resources.len() > 1
    };
    let meant = users.iter().filter(|(key, tools)| is_general(tools) && is_meant(**key, document, tools));
    meant.map(|((location, name, _), _)| ((*location).to_owned(), (*name).to_owned())).collect()
}

/// Returns the first path segment that is neither a version nor a variable.
fn resource(path: &str) -> &str {
    let is_version =
        |segment: &str| segment.starts_with('v') && segment[1..].starts_with(|c: char| c.is_ascii_digit());
    let named = |segment: &&str| {
        !segment.is_empty() && !segment.starts_with('{') && !is_version(segment) && *segment != "api"
    };
    path.split('/').find(named).unwrap_or_default()
}

fn arguments_at(document: &Document, places: &BTreeSet<(String, String)>) -> Vec<Hit> {
    let at = |tool: &Tool| {
        let meant = tool.arguments.iter().filter(|argument| {
            let wire = argument.wire.as_ref().map(|(location, name)| ((*location).to_owned(), name.clone()));
            wire.is_some_and(|wire| places.contains(&wire))
        });
        meant.map(|argument| argument.name.clone()).collect::<Vec<_>>()
    };
    let hits = document.tools.iter().enumerate();
    hits.flat_map(|(tool, it)| at(it).into_iter().map(move |detail| Hit { tool, detail })).collect()
}
