//! The structured content of a result.

use std::sync::OnceLock;

use serde_json::{Value, json};

/// The structured content of a result: an object, parsed or as JSON text.
#[derive(Clone, Debug)]
pub(crate) enum StructuredContent {
    Parsed(Value),
    Text(JsonText),
}

/// The JSON text of an object. It is parsed when its value is needed, because most clients only get the text.
#[derive(Clone, Debug)]
pub(crate) struct JsonText {
    text: String,
    value: OnceLock<Value>,
}

impl StructuredContent {
    /// Clients accept only objects, so another value is wrapped.
    pub(crate) fn of(value: Value) -> Self {
        Self::Parsed(match value {
            Value::Object(_) => value,
            Value::Array(_) => json!({ "items": value }),
            _ => json!({ "value": value }),
        })
    }

    /// The content of JSON text, which must be valid and without white space between tokens.
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

    /// The text, if the content is text.
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
