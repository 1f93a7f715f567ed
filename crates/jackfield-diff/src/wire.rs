//! Describes the steps of a request.

use std::collections::BTreeMap;

use jackfield_model::{Input, Operation, Step};

use crate::tools::path_shape;

/// The description of a JSON body that several arguments set.
pub(crate) const JSON_BODY: &str = "JSON body";

/// The parts of an operation's request, and the arguments that set them.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// The arguments by name, each with descriptions of the parts of the request that it sets.
    pub(crate) arguments: BTreeMap<String, Vec<String>>,
    /// The parts of the request that no argument sets, in order.
    pub(crate) rest: Vec<String>,
    /// All parts of the request in order, with the names of the arguments that set them.
    pub(crate) order: Vec<String>,
}

impl Sent {
    /// Describes the parts of an operation's request. Parts that are equal in `other` get equal descriptions.
    pub(crate) fn of(operation: &Operation, other: &Operation) -> Self {
        let mut sent = Self::default();
        for step in &operation.recipe {
            let words = words(step, &operation.path, &other.path);
            match step.input() {
                Some(Input::Arg { arg, required: _ }) => {
                    sent.order.push(format!("{words} {arg}"));
                    sent.arguments.entry(arg.clone()).or_default().push(words);
                }
                Some(Input::Fixed { json }) => {
                    sent.order.push(words.clone());
                    sent.rest.push(format!("{words} = {json}"));
                }
                None => {
                    sent.order.push(words.clone());
                    sent.rest.push(words);
                }
            }
        }
        sent
    }
}

/// Describes the part of the request that a step sets, without its argument.
fn words(step: &Step, path: &str, other: &str) -> String {
    match step {
        Step::Path { wire, input: _, encoding } => {
            format!("path variable {} ({encoding})", variable(wire, path, other))
        }
        Step::Query { wire, input: _, encoding } => format!("query parameter {wire} ({encoding})"),
        Step::Header { wire, input: _, encoding } => format!("header {wire} ({encoding})"),
        Step::Cookie { wire, input: _, encoding } => format!("cookie {wire} ({encoding})"),
        Step::QueryString { input: _, encoding, fields } => {
            let mut text = format!("whole query string ({encoding})");
            fields.iter().for_each(|(name, encoding)| text.push_str(&format!(", {name} ({encoding})")));
            text
        }
        Step::ContentType { media_type } => format!("content type {media_type}"),
        Step::Xml { shape } => format!("XML body {shape}"),
        Step::JsonLines => "a line of JSON for each item".to_owned(),
        Step::JsonObject => JSON_BODY.to_owned(),
        Step::JsonField { wire, input: _ } => format!("property {wire} of the JSON body"),
        Step::JsonBody { input: _ } => "whole JSON body".to_owned(),
        Step::Form => "form body".to_owned(),
        Step::FormJson => "objects of the form as JSON".to_owned(),
        Step::FormField { wire, input: _, encoding } => match encoding {
            Some(encoding) => format!("form field {wire} ({encoding})"),
            None => format!("form field {wire}"),
        },
        Step::FormBody { input: _, fields } => {
            let mut text = "whole form body".to_owned();
            fields.iter().for_each(|(name, encoding)| text.push_str(&format!(", {name} ({encoding})")));
            text
        }
        Step::Multipart => "multipart body".to_owned(),
        Step::Part { wire, input: _, payload, media_type } => {
            format!("part {wire} ({payload} {media_type})")
        }
        Step::PartFields { wire, input: _, encoding } => format!("part fields {wire} ({encoding})"),
        Step::XmlPart { wire, input: _, media_type, shape } => {
            format!("part {wire} (XML {media_type} {shape})")
        }
        Step::PartHeader { part, wire, input: _, encoding } => {
            format!("header {wire} of part {part} ({encoding})")
        }
        Step::MultipartBody { input: _, parts } => {
            let mut text = "whole multipart body".to_owned();
            parts.iter().for_each(|(name, payload, media_type)| {
                text.push_str(&format!(", {name} ({payload} {media_type})"));
            });
            text
        }
        Step::RawBody { input: _, payload } => format!("whole body ({payload})"),
    }
}

/// Returns the label of a path variable. A variable that occurs in both paths gets the same label in both.
fn variable(wire: &str, path: &str, other: &str) -> String {
    let variables = variables(path);
    let Some(at) = variables.iter().position(|(name, _)| *name == wire) else { return wire.to_owned() };
    if path_shape(path) == path_shape(other) {
        // The names of path variables are not sent.
        return (at + 1).to_string();
    }
    // If the routes differ, the position does not identify a variable: in `/users/{id}` and `/user/{id}`, the variables may be different.
    if self::variables(other).iter().any(|(name, _)| *name == wire) {
        return wire.to_owned();
    }
    let (_, before) = variables[at];
    let since = variables[..=at].iter().rev().take_while(|(_, text)| *text == before).count();
    format!("{since} after {before}")
}

/// Returns the variables of a path, each with the last literal segment before it.
fn variables(path: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let (mut rest, mut segment) = (path, "");
    while let Some((text, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        segment = text.split('/').rfind(|part| !part.is_empty()).unwrap_or(segment);
        found.push((name, segment));
        rest = after;
    }
    found
}
