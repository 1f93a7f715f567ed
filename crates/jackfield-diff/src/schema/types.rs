//! Sets of JSON types.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// The schema of each single type. They are compared with alternatives.
static SCHEMAS: LazyLock<[(&str, Value); 7]> =
    LazyLock::new(|| NAMES.map(|(name, _)| (name, json!({ "type": name }))));

/// A set of types. An integer is also a number, so numbers are two members of the set: integers, and other numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

const NAMES: [(&str, u8); 7] = [
    ("string", 1),
    ("number", 2 | 4),
    ("integer", 4),
    ("boolean", 8),
    ("object", 16),
    ("array", 32),
    ("null", 64),
];

impl Types {
    pub(super) const ANY: Self = Self(127);
    pub(super) const NONE: Self = Self(0);
    pub(super) const STRING: Self = Self(1);
    pub(super) const NUMBER: Self = Self(2 | 4);
    pub(super) const OBJECT: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);

    fn named(name: &str) -> Self {
        Self(NAMES.iter().find(|(known, _)| *known == name).map_or(0, |(_, bits)| *bits))
    }

    /// Returns the types in the keyword `type`.
    pub(super) fn of_keyword(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(name)) => Self::named(name),
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(Value::as_str)
                .fold(Self(0), |all, name| Self(all.0 | Self::named(name).0)),
            _ => Self::ANY,
        }
    }

    pub(super) fn of_value(value: &Value) -> Self {
        Self::named(match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.as_f64().is_some_and(|it| it.fract() == 0.0) => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        })
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two sets have a common type.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns a schema for each type in the set.
    pub(super) fn schemas(self) -> Vec<&'static Value> {
        let mut left = self;
        let mut schemas = Vec::new();
        for (name, schema) in SCHEMAS.iter() {
            if left.contains(Self::named(name)) {
                left = Self(left.0 & !Self::named(name).0);
                schemas.push(schema);
            }
        }
        schemas
    }

    pub(super) fn words(self) -> String {
        if self == Self::ANY {
            return "any".to_owned();
        }
        let mut left = self.0;
        let mut words = Vec::new();
        for (name, bits) in NAMES {
            if left & bits == bits {
                left &= !bits;
                words.push(name);
            }
        }
        if words.is_empty() { "none".to_owned() } else { words.join(" or ") }
    }
}

impl Default for Types {
    fn default() -> Self {
        Self::ANY
    }
}
