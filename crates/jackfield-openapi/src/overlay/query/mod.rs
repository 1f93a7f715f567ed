//! JSONPath (RFC 9535): which values of a document an action is about.
//!
//! A text is parsed once into a [`Query`]. What it selects comes back as pointers in the order of the document, each
//! once: to an action it makes no difference how often or in which order an expression came by a value.

mod compare;
mod filter;
mod parse;
mod select;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub(super) use self::select::TooMuch;

/// An expression that was understood.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// Whether it begins at the root, and not at the value that a filter looks at.
    absolute: bool,
    segments: Vec<Segment>,
}

impl Query {
    /// Whether it cannot select more than one value: names and indexes alone.
    fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            !segment.descends && matches!(segment.selectors[..], [Selector::Name(_) | Selector::Index(_)])
        })
    }
}

/// A step from values to those in them.
#[derive(Clone, Debug)]
struct Segment {
    /// `..`: from every value below, too.
    descends: bool,
    selectors: Vec<Selector>,
    /// Where it ends in the text.
    end: usize,
}

#[derive(Clone, Debug)]
enum Selector {
    Name(String),
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Wildcard,
    Filter(Test),
}

/// A filter's condition.
#[derive(Clone, Debug)]
enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Not(Box<Test>),
    Exists(Query),
    Compare(Operand, Comparison, Operand),
}

/// What a filter compares: one value, or none.
#[derive(Clone, Debug)]
enum Operand {
    Literal(Value),
    Query(Query),
    Length(Box<Operand>),
    Count(Query),
    OnlyValue(Query),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
