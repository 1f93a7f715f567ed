//! The value that a repeated parameter has in every request, if the document declares one.

use jackfield_model::Location;
use serde_json::{Map, Value};

use super::census::RepeatedParameter;
use super::words::{
    is_chosen_by_call, is_of_client, is_of_one_request, is_secret, is_user_agent, is_version, is_whose, words,
};

/// The maximum length of a setting's value, in bytes.
const LONGEST: usize = 200;

/// The decision about a repeated parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A setting with this value. If there is no value, the setting is sent only if the user sets one.
    Setting(Option<String>),
    /// An argument that looks constant, with an example of the document if there is one. Only the user can know its
    /// value.
    Constant(Option<String>),
    /// An argument.
    Argument,
}

/// Decides about a parameter that nearly all operations have.
pub(super) fn judge(location: Location, parameter: &RepeatedParameter, version: &str) -> Verdict {
    let RepeatedParameter { wire, schema, description, example, is_required, .. } = parameter;
    let words = words(wire);
    let constant = || Verdict::Constant(example.as_ref().and_then(text).filter(|text| can_be_sent(text)));
    let sent = |value: String| if can_be_sent(&value) { Verdict::Setting(Some(value)) } else { constant() };
    let unsent = || if *is_required { constant() } else { Verdict::Setting(None) };
    let stated = schema.get("default").and_then(text).filter(|text| !is_placeholder(text));
    if let Some(value) = json_value(schema) {
        return sent(value);
    }
    if is_format_switch(wire, &words, schema, description) {
        return stated.map_or_else(unsent, sent);
    }
    if location == Location::Header && is_of_client(&words) {
        return match stated {
            Some(value) => sent(value),
            // The connector sends its own `User-Agent`.
            None if is_user_agent(wire) => Verdict::Setting(None),
            None => unsent(),
        };
    }
    if is_secret(wire) || is_of_one_request(&words) {
        return Verdict::Argument;
    }
    // In `Account-Name`, `name` does not mean a name that each call chooses.
    if is_whose(&words) {
        return constant();
    }
    if is_chosen_by_call(&words) && !is_version(&words) {
        return Verdict::Argument;
    }
    if let Some(value) = stated.or_else(|| only_value(schema)) {
        return sent(value);
    }
    if is_version(&words) {
        let is_stated = is_that_version(version, schema, description, example.as_ref());
        return if is_stated { sent(version.to_owned()) } else { unsent() };
    }
    constant()
}

/// Returns the text of a scalar, unless it is empty.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn values(schema: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let several = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    several.chain(schema.get("const")).filter(|value| !value.is_null())
}

/// Returns the value that selects JSON, if the parameter selects a response format.
fn json_value(schema: &Map<String, Value>) -> Option<String> {
    let is_json = |value: &&str| {
        let value = value.to_ascii_lowercase();
        value == "json" || value == ".json" || value == "application/json"
    };
    values(schema).filter_map(Value::as_str).find(is_json).map(str::to_owned)
}

/// Whether the parameter only changes how a response is formatted: `prettyPrint`, `$.xgafv`, a JSONP
/// `callback`.
fn is_format_switch(wire: &str, words: &[String], schema: &Map<String, Value>, description: &str) -> bool {
    let description = description.to_ascii_lowercase();
    let says = |word: &str| description.contains(word);
    let is_of_system = wire.starts_with("$.");
    let is_pretty = words.first().is_some_and(|first| first == "pretty" || first == "prettify");
    let is_padding = words.iter().any(|word| word == "callback" || word == "jsonp")
        && (says("jsonp") || says("javascript"));
    let is_choice = values(schema).next().is_some();
    let is_of_reply =
        ["response", "reply", "output", "error"].iter().any(|word| says(word)) && says("format");
    is_of_system || is_pretty || is_padding || is_choice && is_of_reply
}

/// Returns the only allowed value. A value that only enables an option is not used for every request.
fn only_value(schema: &Map<String, Value>) -> Option<String> {
    let mut values = values(schema);
    let only = values.next().filter(|_| values.next().is_none())?.as_str()?;
    let is_switch = ["true", "yes", "on", "1", ""].iter().any(|on| only.eq_ignore_ascii_case(on));
    (!is_switch).then(|| only.to_owned())
}

/// Whether the version of the document is a value of the parameter. It is if the parameter mentions the version, or if the version is a
/// date. Other versions often only count the revisions of the document.
fn is_that_version(
    version: &str,
    schema: &Map<String, Value>,
    description: &str,
    example: Option<&Value>,
) -> bool {
    let is_value = |value: &Value| value.as_str() == Some(version);
    let is_shown =
        example.is_some_and(is_value) || values(schema).any(is_value) || mentions(description, version);
    let fits = schema.get("type").is_none_or(|kind| kind == "string")
        && schema.get("pattern").is_none()
        && (values(schema).next().is_none() || values(schema).any(is_value));
    fits && (is_shown || is_date(version))
}

/// Whether a text contains the version as a separate word.
fn mentions(text: &str, version: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    version.len() > 1
        && text
            .split(|c: char| !is_part(c))
            .any(|word| word.trim_matches(|c| matches!(c, '.' | '-')) == version)
}

/// Whether the version is a date such as `2022-06-28`. A suffix such as `-preview` may follow.
fn is_date(version: &str) -> bool {
    let bytes = version.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit)
        && bytes.get(4) == Some(&b'-')
        && bytes.get(7) == Some(&b'-')
        && matches!(bytes.get(10), None | Some(b'-' | b'.'))
}

/// Whether the text is a placeholder that somebody has to replace.
fn is_placeholder(text: &str) -> bool {
    text.contains(['<', '>', '{', '}']) || text == "string"
}

/// Whether the text can be the value of a header, and fits on one line of connector.toml.
pub(super) fn can_be_sent(text: &str) -> bool {
    let is_plain = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    !text.is_empty() && text.len() <= LONGEST && is_plain && text.trim() == text
}
