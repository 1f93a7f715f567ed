//! The report as JSON. docs/diff.md describes the keys, which never change between versions.

use serde_json::{Map, Value, json};

use crate::{Change, Class, Counted, Report};

impl Report {
    /// Returns the report as JSON.
    pub fn json(&self, old: &str, new: &str) -> Value {
        let counts = Class::CHANGES.map(|class| (class.to_string(), json!(self.of(class).count())));
        json!({
            "format": 1,
            "old": old,
            "new": new,
            "class": self.class().as_str(),
            "counts": Map::from_iter(counts),
            "tools": counted(self.tools),
            "tokens": self.tokens.map(counted),
            "limits": self.limits,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
        })
    }
}

fn counted(counted: Counted) -> Value {
    json!({ "before": counted.before, "after": counted.after })
}

fn change(change: &Change) -> Value {
    json!({
        "class": change.class.as_str(),
        "kind": change.kind.as_str(),
        "tools": change.tools,
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "text": change.line().to_string(),
    })
}
