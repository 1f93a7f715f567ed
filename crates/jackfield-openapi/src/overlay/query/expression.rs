//! A parsed expression.

use serde_json::Value;

/// A parsed JSONPath expression.
#[derive(Clone, Debug)]
pub(in crate::overlay) struct Query {
    /// Whether the expression begins at the root (`$`), and not at the value that a filter tests (`@`).
    pub(super) absolute: bool,
    pub(super) segments: Vec<Segment>,
}

impl Query {
    /// Whether the expression selects at most one value: every segment is one name or one index.
    pub(super) fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            !segment.descends && matches!(segment.selectors[..], [Selector::Name(_) | Selector::Index(_)])
        })
    }
}

/// A step from values to the values inside them.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Whether the segment is a `..`, which also applies the selectors to every descendant.
    pub(super) descends: bool,
    pub(super) selectors: Vec<Selector>,
    /// The end of the segment in the text, in bytes.
    pub(super) end: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Selector {
    Name(String),
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Wildcard,
    Filter(Condition),
}

/// The condition of a filter.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Exists(Query),
    Compare(Operand, Comparison, Operand),
}

/// An operand of a comparison. It selects at most one value.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Value),
    Query(Query),
    Length(Box<Operand>),
    Count(Query),
    /// `value(…)`: the value of a query that selects exactly one.
    OnlyValue(Query),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
