//! Sets of JSON Schema types.

use serde_json::Value;

/// A set of JSON Schema types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const ALL: Self = Self(0x7F);
    pub(crate) const TEXT: Self = Self(8);
    pub(crate) const INTEGER: Self = Self(4);
    /// Numbers that are not integers.
    pub(crate) const FRACTION: Self = Self(64);
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn named(name: &str) -> Self {
        match name {
            "null" => Self(1),
            "boolean" => Self(2),
            "integer" => Self::INTEGER,
            "number" => Self::INTEGER.or(Self::FRACTION),
            "string" => Self::TEXT,
            "array" => Self(16),
            "object" => Self(32),
            _ => Self::ALL,
        }
    }

    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self(1),
            Value::Bool(_) => Self(2),
            Value::Number(number) => {
                let whole =
                    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0);
                if whole { Self::INTEGER } else { Self::FRACTION }
            }
            Value::String(_) => Self::TEXT,
            Value::Array(_) => Self(16),
            Value::Object(_) => Self(32),
        }
    }

    /// Whether the set contains the type of the value.
    pub(crate) fn has(self, value: &Value) -> bool {
        self.has_any(Self::of(value))
    }

    /// Whether the set has at least one type in common with `types`.
    pub(crate) const fn has_any(self, types: Self) -> bool {
        self.0 & types.0 != 0
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
