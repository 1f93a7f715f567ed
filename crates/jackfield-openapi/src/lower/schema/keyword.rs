//! The keywords of JSON Schema that are kept, and the kind of value that each has.
//!
//! All other keywords are dropped: extensions, `xml`, `discriminator`, and keywords that validators do not
//! know.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jackfield_model::Holds;
use serde_json::{Map, Value, json};

use super::pattern;

/// The kinds of values that keywords have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Subschemas(Holds),
    /// `dependencies` of older drafts: schemas and lists of names.
    Dependencies,
    /// `additionalItems` of older drafts, which applies if `items` is a list.
    AdditionalItems,
    /// A mapping of names to lists of names.
    NameLists,
    Type,
    Text,
    Pattern,
    TextList,
    Number,
    Bound,
    Count,
    Flag,
    Enum,
    Any,
    Example,
    Examples,
}

impl Keyword {
    pub(super) fn of(key: &str) -> Option<Self> {
        Some(match key {
            // These keywords are dropped. Validators do not assert `contentSchema`; definitions are not needed, because references lead to
            // the pool.
            "$defs" | "definitions" | "contentSchema" => return None,
            "dependencies" => Self::Dependencies,
            "additionalItems" => Self::AdditionalItems,
            "dependentRequired" => Self::NameLists,
            "type" => Self::Type,
            "title" | "description" | "format" | "contentEncoding" | "contentMediaType" => Self::Text,
            "pattern" => Self::Pattern,
            "required" => Self::TextList,
            "multipleOf" | "minimum" | "maximum" => Self::Number,
            "exclusiveMinimum" | "exclusiveMaximum" => Self::Bound,
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains" => Self::Count,
            "uniqueItems" | "deprecated" => Self::Flag,
            "enum" => Self::Enum,
            "const" | "default" => Self::Any,
            "example" => Self::Example,
            "examples" => Self::Examples,
            _ => match Holds::of(key) {
                Holds::Data => return None,
                holds => Self::Subschemas(holds),
            },
        })
    }

    /// Whether the keyword's value is data, which is kept unchanged.
    pub(super) const fn holds_data(self) -> bool {
        matches!(self, Self::Enum | Self::Any | Self::Example | Self::Examples)
    }

    /// Returns the equivalent keyword of 2020-12.
    pub(super) fn spelling(self, key: &str) -> &str {
        match self {
            Self::Example => "examples",
            _ => key,
        }
    }

    /// Whether an invalid value is dropped without a finding.
    pub(super) fn absence_is_fine(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) | (Self::Bound | Self::Number, Value::Bool(_)) => true,
            (Self::TextList, Value::Bool(_)) => true,
            (
                Self::Subschemas(Holds::List) | Self::TextList | Self::Enum | Self::Examples,
                Value::Array(items),
            ) => items.is_empty(),
            (Self::Examples, _) | (Self::Type, Value::Array(_)) => true,
            (Self::Flag, value) => value == &Value::Bool(false),
            (Self::Text | Self::Pattern, Value::String(text)) => text.trim().is_empty(),
            // An inclusive bound is dropped if a boolean exclusive bound replaces it.
            (Self::Number, Value::Number(_)) => true,
            _ => false,
        }
    }

    /// Returns the value in 2020-12, or `None` if the value is invalid.
    pub(super) fn plain(self, key: &str, value: &Value, map: &Map<String, Value>) -> Option<Value> {
        match (self, value) {
            (Self::Type, Value::String(name)) => known_type(name).map(Value::from),
            (Self::Type, Value::Array(names)) => {
                let names: Vec<&str> =
                    names.iter().filter_map(Value::as_str).filter_map(known_type).collect();
                match names.as_slice() {
                    [] => None,
                    [one] => Some(json!(one)),
                    many => Some(json!(many)),
                }
            }
            (Self::Text, Value::String(text)) if key == "description" || key == "title" => {
                let text = crate::lower::text::clean(text);
                (!text.is_empty()).then(|| text.into())
            }
            (Self::Text, Value::String(text)) => (!text.is_empty()).then(|| text.clone().into()),
            (Self::Pattern, Value::String(text)) if !text.is_empty() => {
                pattern::ecmascript(text).map(|text| text.into_owned().into())
            }
            (Self::TextList, Value::Array(items)) => names(items),
            (Self::Number, Value::Number(number)) => {
                let swallowed = match key {
                    "minimum" => map.get("exclusiveMinimum"),
                    "maximum" => map.get("exclusiveMaximum"),
                    _ => None,
                } == Some(&Value::Bool(true));
                let sensible = key != "multipleOf" || number.as_f64().is_some_and(|number| number > 0.0);
                (!swallowed && sensible).then(|| value.clone())
            }
            (Self::Bound, Value::Number(_)) => Some(value.clone()),
            // 3.0 has a boolean where 2020-12 has a number.
            (Self::Bound, Value::Bool(true)) => map
                .get(if key == "exclusiveMinimum" { "minimum" } else { "maximum" })
                .filter(|bound| bound.is_number())
                .cloned(),
            (Self::Count, Value::Number(number)) => match (number.as_u64(), number.as_f64()) {
                (Some(count), _) => Some(count.into()),
                (None, Some(count)) if count.fract() == 0.0 && (0.0..1e15).contains(&count) => {
                    format!("{count:.0}").parse::<u64>().ok().map(Value::from)
                }
                _ => None,
            },
            (Self::Flag, Value::Bool(true)) => Some(value.clone()),
            (Self::Enum, Value::Array(items)) => distinct(items.iter()),
            (Self::Any, value) => Some(value.clone()),
            (Self::Example, value) => (!map.contains_key("examples")).then(|| json!([value])),
            (Self::Examples, Value::Array(items)) => (!items.is_empty()).then(|| value.clone()),
            _ => None,
        }
    }
}

/// Returns the strings in a list without duplicates, or `None` if the list contains no strings.
pub(super) fn names(items: &[Value]) -> Option<Value> {
    distinct(items.iter().filter(|item| item.is_string()))
}

/// Returns the values without duplicates, or `None` for an empty list.
fn distinct<'v>(values: impl Iterator<Item = &'v Value>) -> Option<Value> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for value in values {
        let first = match value {
            Value::String(text) => seen.insert(Cow::Borrowed(text.as_str())),
            // A zero byte before other values distinguishes them from strings with the same spelling.
            other => seen.insert(Cow::Owned(format!("\u{0}{other}"))),
        };
        if first {
            kept.push(value.clone());
        }
    }
    (!kept.is_empty()).then_some(Value::Array(kept))
}

/// Returns the JSON Schema type for a name. Authors also use other names for the seven types.
fn known_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "string" | "file" | "date" | "uuid" => "string",
        "number" | "float" | "double" => "number",
        "integer" | "int" | "long" => "integer",
        "boolean" | "bool" => "boolean",
        "array" | "list" => "array",
        "object" | "map" => "object",
        "null" => "null",
        _ => return None,
    })
}
