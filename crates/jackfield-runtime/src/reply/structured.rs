//! The structured content of a result.

use std::sync::OnceLock;

use serde_json::{Value, json};

/// The structured content of a result: a JSON object, either parsed or as text.
#[derive(Clone, Debug)]
pub(crate) enum StructuredContent {
    Parsed(Value),
    Text(JsonText),
}

/// The JSON text of an object. It is parsed only if its value is needed, because most clients only get the text.
#[derive(Clone, Debug)]
pub(crate) struct JsonText {
    text: String,
    value: OnceLock<Value>,
}

impl StructuredContent {
    /// Creates structured content. Clients accept only objects, so any other value is wrapped in an object.
    pub(crate) fn of(value: Value) -> Self {
        Self::Parsed(match value {
            Value::Object(_) => value,
            Value::Array(_) => json!({ "items": value }),
            _ => json!({ "value": value }),
        })
    }

    /// Creates structured content from JSON text, which must be valid and without whitespace between tokens.
    pub(crate) fn of_text(text: &str) -> Self {
        let text = match text.as_bytes().first() {
            Some(b'{') => text.to_owned(),
            Some(b'[') => ["{\"items\":", text, "}"].concat(),
            _ => ["{\"value\":", text, "}"].concat(),
        };
        Self::Text(JsonText { text, value: OnceLock::new() })
    }

    pub(crate) fn value(&self) -> &Value {
        match self {
            Self::Parsed(value) => value,
            Self::Text(JsonText { text, value }) => {
                value.get_or_init(|| serde_json::from_str(text).unwrap_or_default())
            }
        }
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Parsed(value) => value,
            Self::Text(JsonText { text, value }) => {
                value.into_inner().unwrap_or_else(|| serde_json::from_str(&text).unwrap_or_default())
            }
        }
    }

    /// Returns the text, if the content is not parsed.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(JsonText { text, .. }) => Some(text),
            Self::Parsed(_) => None,
        }
    }

    /// Returns the text, or the value if the content is parsed.
    pub(crate) fn into_text(self) -> Result<String, Value> {
        match self {
            Self::Parsed(value) => Err(value),
            Self::Text(text) => Ok(text.text),
        }
    }
}

impl PartialEq for StructuredContent {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}
