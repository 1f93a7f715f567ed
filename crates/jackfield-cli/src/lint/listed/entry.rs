//! A tool of another server's list.

use std::collections::HashSet;

use jackfield_build::model::Effect;
use serde_json::{Map, Value};

use super::super::list_entry::ListEntry;

/// A tool of another server's list.
pub(super) struct ListedTool {
    pub(super) name: String,
    listed: Value,
}

impl ListedTool {
    /// Returns the tools with a name. If several tools have the same name, only the first is returned.
    pub(super) fn all_of(list: &[Map<String, Value>]) -> Vec<Self> {
        let mut seen = HashSet::new();
        let named = list.iter().filter_map(|entry| Some((entry.get("name")?.as_str()?, entry)));
        let first = named.filter(|(name, _)| seen.insert(*name));
        first
            .map(|(name, entry)| Self { name: name.to_owned(), listed: Value::Object(entry.clone()) })
            .collect()
    }

    /// Returns the value of a hint.
    pub(super) fn hint(&self, name: &str) -> Option<bool> {
        self.listed.get("annotations")?.get(name)?.as_bool()
    }
}

impl ListEntry for ListedTool {
    fn name(&self) -> &str {
        &self.name
    }

    /// Returns `Destroy`, because the hints of a server may be false.
    fn effect(&self) -> Effect {
        Effect::Destroy
    }

    fn listed(&self) -> &Value {
        &self.listed
    }
}
