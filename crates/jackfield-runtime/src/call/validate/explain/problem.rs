//! A problem, and where it is.

use serde_json::{Map, Value};

/// One thing that is wrong.
pub(crate) struct Problem<'a> {
    /// Where, as a JSON pointer.
    pub(crate) path: &'a Path,
    pub(crate) kind: Kind<'a>,
    /// The value at that place.
    pub(crate) value: &'a Value,
}

/// The kind of a problem.
pub(crate) enum Kind<'a> {
    /// A keyword that asserts something, and its operand.
    Keyword(&'a str, &'a Value),
    /// The value is neither of these in type, constant or enumeration.
    Neither(Vec<&'a Value>),
    /// More than one of them fits, and exactly one should.
    Several,
    /// A property that is required, and the one that requires it, if another does.
    Missing(&'a str, Option<&'a str>),
    /// A property that nothing declares, and the names that are declared.
    Unknown(&'a str, Option<&'a Map<String, Value>>),
    /// A property whose name does not fit.
    Name(&'a str, &'a Value),
    /// It fits what it must not fit.
    Forbidden,
    /// Nothing may stand here.
    Nothing,
}

/// Takes problems; false when it has enough.
pub(crate) type Sink<'f> = dyn FnMut(&Problem<'_>) -> bool + 'f;

/// A place in a value.
#[derive(Default)]
pub(crate) struct Path(pub(super) Vec<Segment>);

pub(super) enum Segment {
    Name(String),
    Item(usize),
}

impl Path {
    /// The name of the property of the root that it is in.
    pub(crate) fn first_name(&self) -> Option<&str> {
        match self.0.first() {
            Some(Segment::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// As a JSON pointer; no longer than a line, with nothing invisible in it.
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
