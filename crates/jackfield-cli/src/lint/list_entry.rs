//! An entry of a list of tools, whether it was made from a document or sent by another server.

use jackfield_build::model::Effect;
use serde_json::Value;

/// An entry of a list of tools.
pub(crate) trait ListEntry {
    /// Returns the name.
    fn name(&self) -> &str;
    /// Returns the effect.
    fn effect(&self) -> Effect;
    /// Returns the entry as JSON.
    fn listed(&self) -> &Value;

    /// Returns the string under `key`.
    fn text(&self, key: &str) -> &str {
        self.listed().get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the properties of the input schema.
    fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        let properties = self.listed().get("inputSchema").and_then(|schema| schema.get("properties"));
        properties.and_then(Value::as_object).into_iter().flatten()
    }
}
