//! The steps of a request in plain words.

use std::collections::BTreeMap;

use jackfield_model::{Input, Operation, Step};

/// How an operation sends its arguments.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// The ways in which each argument is sent.
    pub(crate) arguments: BTreeMap<String, Vec<String>>,
    /// The parts of the request that no argument sets, in order.
    pub(crate) rest: Vec<String>,
    /// All parts in order, with the names of their arguments.
    pub(crate) order: Vec<String>,
}

impl Sent {
    pub(crate) fn of(operation: &Operation) -> Self {
        let mut sent = Self::default();
        for step in &operation.recipe {
            let words = words(step, &operation.path);
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

/// The part of the request that a step sets, without its argument.
fn words(step: &Step, path: &str) -> String {
    match step {
        Step::Path { wire, input: _, encoding } => match position(wire, path) {
            // The names of path variables are not sent.
            Some(number) => format!("path variable {number} ({encoding})"),
            None => format!("path variable {wire} ({encoding})"),
        },
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
        Step::JsonObject => "JSON body".to_owned(),
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

/// The number of a variable in a path.
fn position(wire: &str, path: &str) -> Option<usize> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    names.zip(1..).find(|(name, _)| *name == wire).map(|(_, number)| number)
}
