//! A problem of a value, with its position.

use serde_json::{Map, Value};

/// One problem of a value.
pub(crate) struct Problem<'a> {
    /// The path to the value.
    pub(crate) path: &'a Path,
    pub(crate) kind: ProblemKind<'a>,
    /// The value that has the problem.
    pub(crate) value: &'a Value,
}

pub(crate) enum ProblemKind<'a> {
    /// The keyword that failed, and its operand.
    Keyword(&'a str, &'a Value),
    /// The value has none of the expected types, constants or enumerated values.
    Neither(Vec<&'a Value>),
    /// The value matches more than one alternative, but has to match exactly one.
    Several,
    /// A required property is missing. Contains its name, and the property that requires it, if any.
    Missing(&'a str, Option<&'a str>),
    /// A property is not declared. Contains its name and the declared properties.
    Unknown(&'a str, Option<&'a Map<String, Value>>),
    /// The name of a property does not match `propertyNames`.
    Name(&'a str, &'a Value),
    /// The value matches a schema under `not`.
    Forbidden,
    /// The schema is `false`, which no value matches.
    Nothing,
}

/// Receives problems. Returns false to stop the explanation.
pub(crate) type Sink<'f> = dyn FnMut(&Problem<'_>) -> bool + 'f;

/// The path from the arguments to a value within them.
#[derive(Default)]
pub(crate) struct Path(pub(super) Vec<Segment>);

pub(super) enum Segment {
    Name(String),
    Item(usize),
}

impl Path {
    /// Returns the name of the top-level property that the path leads through.
    pub(crate) fn first_name(&self) -> Option<&str> {
        match self.0.first() {
            Some(Segment::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// Returns the path as a JSON pointer, truncated to one line and without invisible characters.
    pub(crate) fn show(&self) -> String {
        let mut text = String::new();
        for segment in &self.0 {
            text.push('/');
            match segment {
                Segment::Name(name) => {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    text.push_str(&crate::common::text::plain(&name, 60));
                }
                Segment::Item(at) => text.push_str(&at.to_string()),
            }
            if text.len() > 300 {
                return text + "/…";
            }
        }
        text
    }
}
