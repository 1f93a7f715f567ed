//! Conditions on the arguments of a call.

use std::fmt;

use jackfield_recipe::fits_glob;
use serde_json::{Map, Number, Value};

/// The maximum number of values of `one_of` that a message shows.
const MOST_SHOWN: usize = 5;
/// From this magnitude on, integers are not exact as floating-point numbers.
const INEXACT: i128 = 1 << 53;

/// A condition on an argument, or on a value nested in an argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    /// The path as written in the file.
    pub(super) written: String,
    pub(super) path: Vec<String>,
    pub(super) operator: Operator,
}

/// A comparison. It holds only for a value of the same type: the string `"5"` is not equal to the number 5.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operator {
    Equals(Value),
    OneOf(Vec<Value>),
    StartsWith(String),
    Matches(String),
    AtMost(Number),
}

impl Condition {
    /// Splits a path such as `customer.id`, or a JSON pointer such as `/customer/id`. `None` if a segment is empty.
    pub(super) fn parse_path(text: &str) -> Option<Vec<String>> {
        let segments: Vec<String> = match text.strip_prefix('/') {
            Some(rest) => rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect(),
            None => text.split('.').map(str::to_owned).collect(),
        };
        segments.iter().all(|segment| !segment.is_empty()).then_some(segments)
    }

    /// Whether the condition holds. It fails if the argument is absent. An array passes if it is not empty and every item
    /// passes.
    pub(super) fn holds(&self, arguments: &Map<String, Value>) -> bool {
        let Some((first, rest)) = self.path.split_first() else { return false };
        arguments.get(first).is_some_and(|value| self.holds_at(value, rest))
    }

    fn holds_at(&self, value: &Value, path: &[String]) -> bool {
        match (value, path.split_first()) {
            (Value::Array(items), _) => {
                !items.is_empty() && items.iter().all(|item| self.holds_at(item, path))
            }
            (value, None) => self.operator.holds(value),
            (Value::Object(fields), Some((step, rest))) => {
                fields.get(step).is_some_and(|value| self.holds_at(value, rest))
            }
            _ => false,
        }
    }
}

impl Operator {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Equals(other) => is_same(value, other),
            Self::OneOf(others) => others.iter().any(|other| is_same(value, other)),
            Self::StartsWith(start) => value.as_str().is_some_and(|text| text.starts_with(start.as_str())),
            Self::Matches(pattern) => value.as_str().is_some_and(|text| fits_glob(pattern, text)),
            Self::AtMost(most) => value.as_number().is_some_and(|number| is_at_most(number, most)),
        }
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (integer(one), integer(other)) {
            (Some(one), Some(other)) => one == other,
            (Some(exact), None) => exact.abs() < INEXACT && one.as_f64() == other.as_f64(),
            (None, Some(exact)) => exact.abs() < INEXACT && one.as_f64() == other.as_f64(),
            (None, None) => one.as_f64() == other.as_f64(),
        },
        _ => one == other,
    }
}

fn is_at_most(number: &Number, most: &Number) -> bool {
    match (integer(number), integer(most), number.as_f64(), most.as_f64()) {
        (Some(number), Some(most), ..) => number <= most,
        // A large integer is not compared as a float, because rounding could make it pass although it exceeds the limit.
        (Some(exact), None, Some(number), Some(most)) if exact.abs() >= INEXACT => number < most,
        (.., Some(number), Some(most)) => number <= most,
        _ => false,
    }
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ", self.written)?;
        match &self.operator {
            Operator::Equals(value) => write!(f, "has to be {value}"),
            Operator::OneOf(values) => {
                f.write_str("has to be one of ")?;
                for (at, value) in values.iter().take(MOST_SHOWN).enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
                }
                match values.len().checked_sub(MOST_SHOWN) {
                    Some(more) if more > 0 => write!(f, " and {more} more"),
                    _ => Ok(()),
                }
            }
            Operator::StartsWith(start) => write!(f, "has to start with {start:?}"),
            Operator::Matches(pattern) => write!(f, "has to match {pattern:?}"),
            Operator::AtMost(most) => write!(f, "has to be at most {most}"),
        }
    }
}
